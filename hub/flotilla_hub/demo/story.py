"""What happens in the demo, step by step, and what must be true after each. `checks` says whether it is."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial

from flotilla_common.objects import GVK, Obj, copy_of

from ..client import Client
from . import examples
from .checks import Template, is_at, missing_override, missing_placement, missing_ready, missing_status
from .lookout import Seen
from .stage import Stage

__all__ = ["CLUSTERS", "WATCHED", "Step", "story"]

PUSH, PULL = ("member1", "member2"), "member3"
CLUSTERS = (*PUSH, PULL)

WATCHED = (
    GVK("cluster.karmada.io", "v1alpha1", "Cluster"),
    GVK("work.karmada.io", "v1alpha2", "ResourceBinding"),
    GVK("work.karmada.io", "v1alpha2", "ClusterResourceBinding"),
    GVK("work.karmada.io", "v1alpha1", "Work"),
    GVK("apiextensions.k8s.io", "v1", "CustomResourceDefinition"),
    GVK("source.toolkit.fluxcd.io", "v1beta2", "HelmRepository"),
    GVK("helm.toolkit.fluxcd.io", "v2beta1", "HelmRelease"),
    GVK("apps", "v1", "Deployment"),
)

NGINX: Template = ("Deployment", "default", "nginx")
RELEASE: Template = ("HelmRelease", "default", "podinfo")
REPOSITORY: Template = ("HelmRepository", "default", "podinfo")
NEW_IMAGE = "nginx:1.29"


@dataclass(frozen=True)
class Step:
    """`act` does it and `missing` then says what is not so yet; the time from one to the other is what is shown."""

    title: str
    act: Callable[[], Awaitable[None]]
    missing: Callable[[Seen], str | None]


def story(stage: Stage) -> list[Step]:
    hub = stage.hub
    return [
        Step("three clusters join: member1, member2 by Push, member3 by Pull", partial(_join, stage), _joined),
        Step(
            "Flux's kinds go into every member",
            partial(_apply, hub, "flux-helm/crds.yaml", "flux-helm/crd-policy.yaml"),
            _defined,
        ),
        Step(
            "a Helm repository and release go to member1 and member2",
            partial(_apply, hub, "flux-helm/policy.yaml", "flux-helm/podinfo.yaml"),
            _released,
        ),
        Step("an override gives member1 two replicas", partial(_apply, hub, "flux-helm/override.yaml"), _overridden),
        Step(
            "nginx goes to all three, three replicas each",
            partial(_apply, hub, "nginx/policy.yaml", "nginx/nginx.yaml"),
            _running,
        ),
        Step("member3 is cut off; nginx gets a new image meanwhile", partial(_cut, stage), _parted),
        Step("member3 is reached again and catches up", partial(_heal, stage), _healed),
    ]


async def _join(stage: Stage) -> None:
    for name in PUSH:
        await stage.run("join", name, "--cluster-endpoint", f"memory://{name}")
    token = await stage.run("token", "create", "--ttl", "10m")
    folder = stage.home / PULL
    await stage.run("register", "--token", token, "--name", PULL, "--dir", str(folder))
    await stage.start_agent(folder)


async def _apply(hub: Client, *files: str) -> None:
    for manifest in examples.load(*files):
        await hub.apply(manifest)


async def _cut(stage: Stage) -> None:
    stage.relay.cut()
    for manifest in examples.load("nginx/nginx.yaml"):
        await stage.hub.apply(_with_image(manifest, NEW_IMAGE))


async def _heal(stage: Stage) -> None:
    stage.relay.heal()


def _with_image(deployment: Obj, image: str) -> Obj:
    changed = copy_of(deployment)
    changed["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return changed


def _joined(seen: Seen) -> str | None:
    return missing_ready(seen, CLUSTERS)


def _defined(seen: Seen) -> str | None:
    names = [m["metadata"]["name"] for m in examples.load("flux-helm/crds.yaml")]
    placed = (missing_placement(seen, ("CustomResourceDefinition", "", name), CLUSTERS) for name in names)
    return _first(placed)


def _released(seen: Seen) -> str | None:
    return _first(
        check
        for template in (REPOSITORY, RELEASE)
        for check in (missing_placement(seen, template, PUSH), missing_status(seen, template, {}))
    )


def _overridden(seen: Seen) -> str | None:
    return _first(
        (
            missing_override(seen, RELEASE, PUSH[0], PUSH[1:], {"replicaCount": 2}),
            missing_placement(seen, RELEASE, PUSH),
        )
    )


def _running(seen: Seen) -> str | None:
    ready = {"readyReplicas": 3 * len(CLUSTERS), "updatedReplicas": 3 * len(CLUSTERS)}
    return _first((missing_placement(seen, NGINX, CLUSTERS), missing_status(seen, NGINX, ready)))


def _parted(seen: Seen) -> str | None:
    """The others go on; the one cut off is known to be, and still has what it had."""
    late = [cluster for cluster in PUSH if not is_at(seen, NGINX, cluster)]
    if late:
        return f"{', '.join(late)} have not got the new image"
    if is_at(seen, NGINX, PULL):
        return f"{PULL} has the new image although it is cut off"
    return missing_ready(seen, [PULL], "Unknown") or missing_ready(seen, PUSH)


def _healed(seen: Seen) -> str | None:
    return _first((missing_ready(seen, CLUSTERS), _running(seen)))


def _first(answers: Iterable[str | None]) -> str | None:
    return next((answer for answer in answers if answer is not None), None)
