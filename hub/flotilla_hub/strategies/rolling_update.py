"""RollingUpdate: a change reaches the clusters in waves, each of which must be healthy before the next begins. Pure.

Nothing is remembered between two looks but what is stored: which version each Work carries (`revision_of`, a header of
its message), what the agents report, and in the binding's `status.rollout` when there was progress last.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from math import inf
from typing import Any

import orjson

from flotilla_common import kinds
from flotilla_common.conditions import condition
from flotilla_common.messages import WorkMessage, digest_of
from flotilla_common.objects import Obj, annotations_of, decode, meta_of
from flotilla_common.times import seconds_since

from ..model.cluster import Cluster
from ..model.policy import RollingUpdate
from ..model.selectors import ClusterAffinity
from ..scheduler.request import Request
from ..work.build import WorkDraft
from ..work.targets import is_suspended_on, is_workload
from .history import version_of
from .ranking import in_order
from .stage import Facts, Said, Stage, trouble_of
from .waves import Bounds, Member, next_wave

__all__ = ["CONDITION", "DEADLINE", "PAUSED", "RECORD", "revision_of", "rolling_settings", "stage", "wave_of"]

CONDITION, RECORD = "Progressing", "rollout"
PAUSED = "rollout.flotilla.io/paused"
"""Annotation on the binding: no further cluster is sent the new version."""

DEADLINE = 600
_TOLD = 5


def stage(facts: Facts) -> Stage:
    return _Rollout(facts).stage()


def rolling_settings(binding: Obj) -> RollingUpdate | None:
    """None when changes of the binding are not rolled out in waves."""
    if ((binding["spec"].get("placement") or {}).get("schedulerStrategy") or {}).get("type") != "RollingUpdate":
        return None
    strategy = Request.of(binding).placement.scheduler_strategy
    return (strategy and strategy.rolling_update) or RollingUpdate()


def revision_of(message: WorkMessage, *, sized: bool) -> str:
    """What a rollout is about: the same for two Works that differ in bookkeeping or, when `sized`, replicas only."""
    manifests = []
    for manifest in map(decode, message.manifests):
        obj = kinds.revise(manifest, 0) if sized else manifest
        metadata = {k: _of_the_user(v) if k in ("labels", "annotations") else v for k, v in meta_of(obj).items()}
        manifests.append(orjson.dumps({**obj, "metadata": metadata}, option=orjson.OPT_SORT_KEYS))
    return digest_of(*manifests)[:16]


def wave_of(
    binding: Obj, changed: Iterable[str], targets: Collection[str], clusters: Mapping[str, Cluster]
) -> dict[str, int]:
    """In which wave, from 1, each changed cluster would have its turn, if all goes well. Those of a cluster that cannot
    be reached now come last.
    """
    settings = rolling_settings(binding) or RollingUpdate()
    reachable = {name for name in targets if name in clusters and clusters[name].ready == "True"}
    size = Bounds.of(settings, len(targets)).wave(len(targets) - len(reachable))
    order = in_order(affinity_of(binding), changed)
    first = [name for name in order if name in reachable]
    waves = {name: at // size + 1 for at, name in enumerate(first)}
    last = -(-len(first) // size) + 1
    return {name: waves.get(name, last) for name in order}


def affinity_of(binding: Obj) -> ClusterAffinity | None:
    """The one in use: its `clusterNames` give the order."""
    placement = Request.of(binding).placement
    observed = (binding.get("status") or {}).get("schedulerObservingAffinityName")
    groups = placement.cluster_affinities or ()
    return next((group for group in groups if group.affinity_name == observed), placement.cluster_affinity)


def _of_the_user(marks: Mapping[str, str]) -> dict[str, str]:
    return {
        key: text for key, text in marks.items() if not key.partition("/")[0].endswith(("karmada.io", "flotilla.io"))
    }


class _Rollout:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._settings = rolling_settings(facts.binding) or RollingUpdate()
        self._old: Mapping[str, Any] = (facts.binding.get("status") or {}).get(RECORD) or {}
        self._sized = is_workload(facts.binding)
        self._revisions: dict[str, str] = {}
        self._version = version_of(facts.template)
        wanted = {work.cluster: work for work in facts.wanted if not is_suspended_on(facts.binding, work.cluster)}
        order = in_order(affinity_of(facts.binding), wanted)
        self._members = [self._member(wanted[name]) for name in order]
        self._bounds = Bounds.of(self._settings, len(self._members))

    def stage(self) -> Stage:
        old_given = sum(member.given for member in self._members)
        is_new = self._version != self._old.get("version") or old_given < int(self._old.get("updated") or 0)
        is_paused = annotations_of(self._facts.binding).get(PAUSED) == "true"
        was_paused = bool(self._old.get("paused"))
        since = str(self._old.get("progressedAt") or "")
        is_late = bool(since) and not is_new and not was_paused and self._left(since) <= 0
        wave = () if is_paused else next_wave(self._members, self._bounds, is_late=is_late)
        members = [m._replace(given=True, trouble="it is on its way") if m.name in wave else m for m in self._members]
        record = self._record(members, is_new=is_new, is_paused=is_paused)
        held_back = {m.name for m in members if not m.given}
        works = tuple(self._noted(work) for work in self._facts.wanted if work.cluster not in held_back)
        waited = [m for m in members if m.given and m.trouble]
        left = self._left(record["progressedAt"])
        said = self._condition(members, record, left)
        return Stage(
            works,
            awaited=frozenset(m.name for m in waited),
            status=Said(said, {RECORD: record}),
            again=left if left > 0 and not is_paused and not record["complete"] else None,
            held_back=self._turns(members, str(said["message"])),
        )

    def _turns(self, members: list[Member], said: str) -> dict[str, str]:
        """Of each cluster that waits, when it is its turn."""
        size = self._bounds.wave(sum(not m.reachable for m in members))
        left = [m.name for m in members if not m.given and m.reachable]
        turns = {name: at // size + 1 for at, name in enumerate(left)}
        last = len(left) // size + 1
        told = {m.name: turns.get(m.name, last) for m in members if not m.given}
        return {name: f"its turn is {n} wave{'s'[: n > 1]} from now; {said}" for name, n in told.items()}

    def _member(self, work: WorkDraft) -> Member:
        held, cluster = self._facts.held.get(work.cluster), self._facts.clusters.get(work.cluster)
        reachable = cluster is not None and cluster.ready == "True"
        if held is None or held.deleted:
            # Nothing runs there that a bad version could break: a first placement does not wait.
            return Member(work.cluster, given=True, reachable=reachable, trouble="it is on its way")
        if held.digest != work.message.digest() and held.rollout != self._revision(work):
            return Member(work.cluster, given=False, reachable=reachable)
        return Member(work.cluster, given=True, reachable=reachable, trouble=trouble_of(held, cluster))

    def _revision(self, work: WorkDraft) -> str:
        if work.cluster not in self._revisions:
            self._revisions[work.cluster] = revision_of(work.message, sized=self._sized)
        return self._revisions[work.cluster]

    def _noted(self, work: WorkDraft) -> WorkDraft:
        """With its version on it, if it is to be sent: what is there already needs none."""
        held = self._facts.held.get(work.cluster)
        if held is not None and held.digest == work.message.digest():
            return work
        return replace(work, message=replace(work.message, rollout=self._revision(work)))

    def _left(self, since: str) -> float:
        """Seconds until the deadline."""
        gone = seconds_since(since, self._facts.now, unreadable=inf)  # nonsense must hold nothing up
        return (self._settings.progress_deadline_seconds or DEADLINE) - gone

    def _record(self, members: list[Member], *, is_new: bool, is_paused: bool) -> dict[str, Any]:
        """Counts are high-water marks, so that a cluster that comes and goes is no progress for ever."""
        old: Mapping[str, Any] = {} if is_new else self._old
        updated = sum(m.given for m in members)
        healthy = max(sum(m.given and not m.trouble for m in members), int(old.get("healthy") or 0))
        is_done = bool(members) and all(m.given and not (m.trouble and m.reachable) for m in members)
        was_done = bool(old.get("complete")) and len(members) <= int(old.get("total") or 0)
        has_moved = updated > int(old.get("updated") or 0) or healthy > int(old.get("healthy") or 0)
        resumed = bool(old.get("paused")) and not is_paused
        moved = is_new or has_moved or resumed or not old.get("progressedAt")
        return {
            "generation": int(meta_of(self._facts.template).get("generation") or 0),
            "version": self._version,
            "updated": updated,
            "healthy": healthy,
            "total": len(members),
            "progressedAt": self._facts.now if moved else old["progressedAt"],
            "complete": is_done or (was_done and all(m.given for m in members)),
            **({"paused": True} if is_paused else {}),
        }

    def _condition(self, members: list[Member], record: Mapping[str, Any], left: float) -> dict[str, Any]:
        done = sum(m.given and not m.trouble for m in members)
        counts = f"{done} of {len(members)} clusters updated"
        now = self._facts.now
        if record["complete"]:
            away = [m.name for m in members if not m.reachable and m.trouble]
            rest = f"; {_listed(away)} cannot be reached now, and will have it when they can" if away else ""
            text = f"{len(members) - len(away)} of {len(members)} clusters updated{rest}"
            return condition(CONDITION, True, "RolloutComplete", text, now)
        waiting = [f"{m.name}: {m.trouble}" for m in members if m.given and m.trouble]
        text = counts + (f", waiting for {_listed(waiting, '; ')}" if waiting else "")
        if record.get("paused"):
            return condition(CONDITION, "Unknown", "RolloutPaused", f"{text}; paused", now)
        if left <= 0:
            limit = self._settings.progress_deadline_seconds or DEADLINE
            text = f"{text}; no progress for {limit} seconds"
            return condition(CONDITION, False, "ProgressDeadlineExceeded", text, now)
        return condition(CONDITION, True, "RollingOut", text, now)


def _listed(names: list[str], comma: str = ", ") -> str:
    more = [f"{len(names) - _TOLD} more"] if len(names) > _TOLD else []
    return comma.join([*names[:_TOLD], *more])
