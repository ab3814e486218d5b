"""Builders for the tests of what goes out when: a fleet, a binding for all of it, and Works as they were sent."""

from collections.abc import Mapping
from typing import Any

from flotilla_common.conditions import with_condition
from flotilla_common.messages import ObjectReport, WorkReport
from flotilla_common.objects import Obj
from flotilla_common.subjects import WorkSubject
from flotilla_hub.dispatch.entry import WorkEntry, new_entry
from flotilla_hub.model.cluster import Cluster
from flotilla_hub.strategies.rolling_update import revision_of
from flotilla_hub.strategies.stage import Facts, Stage
from flotilla_hub.work.build import WorkDraft, build
from tests.unit.hub.scheduler.samples import DEPLOYMENT

NOW, LATER, MUCH_LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z", "2026-01-01T00:20:00Z"
NAMES = ("a", "b", "c", "d")


def members(*lost: str, names: tuple[str, ...] = NAMES) -> dict[str, Cluster]:
    return {
        name: Cluster(name, ready="Unknown" if name in lost else "True", apis=frozenset({DEPLOYMENT})) for name in names
    }


def template(image: str = "web:1", *, replicas: int = 2, generation: int = 1, **labels: str) -> Obj:
    metadata = {"name": "web", "namespace": "default", "uid": "u", "generation": generation, "labels": labels}
    containers = [{"name": "app", "image": image}]
    spec = {"replicas": replicas, "template": {"spec": {"containers": containers}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def bound(type_: str, *targets: str, replicas: int = 2, **more: Any) -> Obj:
    """`settings`: of the strategy; `status` and `annotations`: the binding's own."""
    section = {"Failover": "failover", "RollingUpdate": "rollingUpdate"}[type_]
    strategy = {"type": type_, **({section: more.pop("settings")} if "settings" in more else {})}
    names = targets or NAMES
    status, annotations = more.pop("status", {}), more.pop("annotations", {})
    spec = {
        "resource": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "default", "name": "web"},
        "replicas": replicas,
        "clusters": [{"name": name, "replicas": replicas} for name in names],
        "placement": {"clusterAffinity": {"clusterNames": list(names)}, "schedulerStrategy": strategy},
        **more,
    }
    metadata = {"name": "web-deployment", "namespace": "default", "generation": 1, "annotations": annotations}
    return {"metadata": metadata, "spec": spec, "status": status}


def drafts(binding: Obj, wanted: Obj, clusters: Mapping[str, Cluster]) -> tuple[WorkDraft, ...]:
    return build(binding, wanted, clusters, (), ()).works


def sent(draft: WorkDraft, health: str = "Healthy", *, applied: bool = True, answered: bool = True) -> WorkEntry:
    """As the hub remembers it once it was published, and its agent has answered."""
    digest = draft.message.digest()
    told = ObjectReport("apps/v1", "Deployment", "default", "web", applied, health=health)
    report = WorkReport(draft.cluster, draft.name, digest, applied, message="" if applied else "no", objects=[told])
    rollout = revision_of(draft.message, sized=True)
    subject = WorkSubject(draft.cluster, draft.name)
    entry = new_entry(subject, digest, 1, "", deleted=False, preserve=False, rollout=rollout)
    if answered:
        entry.take(report, None)
    return entry


def facts(
    binding: Obj,
    wanted: Obj,
    held: Mapping[str, WorkEntry],
    clusters: Mapping[str, Cluster] | None = None,
    now: str = NOW,
) -> Facts:
    there = clusters or members()
    return Facts(binding, wanted, drafts(binding, wanted, there), held, there, now)


OLD, NEW = template("web:1"), template("web:2", generation=2)
ONE = {"maxSurge": 1, "maxUnavailable": 0}


def rolling(*targets: str, **more: Any) -> Obj:
    return bound("RollingUpdate", *targets, **{"settings": ONE, **more})


def at_rest(binding: Obj, wanted: Obj = OLD, **healths: str) -> dict[str, WorkEntry]:
    """Every cluster has it, and is healthy unless said otherwise."""
    return {d.cluster: sent(d, healths.get(d.cluster, "Healthy")) for d in drafts(binding, wanted, members())}


def out(stage: Stage, given: Facts) -> str:
    """The clusters whose Work differs from what they have and goes out now."""
    held = given.held
    fresh = [w.cluster for w in stage.works if w.cluster not in held or held[w.cluster].digest != w.message.digest()]
    return "".join(sorted(fresh))


def said(stage: Stage) -> tuple[str, str, str]:
    assert stage.status is not None
    condition = stage.status.condition
    return condition["status"], condition["reason"], condition["message"]


def stored(binding: Obj, stage: Stage) -> Obj:
    """The binding once the controller has written what the stage says."""
    assert stage.status is not None
    status = binding.get("status") or {}
    conditions = with_condition(status.get("conditions"), stage.status.condition)
    return {**binding, "status": {**status, **stage.status.record, "conditions": conditions}}
