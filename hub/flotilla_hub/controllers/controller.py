"""What all controllers share: the surroundings they are given, and the shape they have."""

import uuid
from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from flotilla_common.errors import NotFound
from flotilla_common.objects import GVK, Obj
from flotilla_common.runtime.queue import KeyQueue

from ..admission.lifecycle import deletion
from ..admission.protection import REFUSAL, is_protected
from ..dispatch.works import Works
from ..names import binding_name
from ..resources.registry import Registry
from ..rules import Rules
from ..store.objects import Event, Objects
from ..store.port import Key
from .events import Recorder
from .lenses import Lenses
from .troubles import Troubles

__all__ = [
    "BINDINGS",
    "CLUSTER_BINDINGS",
    "LIVE",
    "MANY",
    "RESYNC",
    "Controller",
    "Hub",
    "all_bindings",
    "binding_key_of",
    "is_binding",
    "key_of_origin",
    "let_go",
    "new_id",
    "origin_of",
    "start_removal",
    "template_key_of",
]

MANY = 128
"""Turns of a controller at once, where each ends in a write: writes that meet go in one batch (ADR 17). Four times as
many spare NATS another fifth, and cost the hub a third more memory while a burst lasts."""

LIVE, RESYNC = 0, 10
"""Queue priorities: what a user just did goes before the walk through everything after a start."""

BINDINGS = "resourcebindings.work.karmada.io"
CLUSTER_BINDINGS = "clusterresourcebindings.work.karmada.io"

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Hub:
    """The state every controller reads and writes, and the clock."""

    objects: Objects
    lenses: Lenses
    works: Works
    registry: Registry
    now: Callable[[], str]
    """The time as RFC 3339 in UTC, to the second."""
    troubles: Troubles = field(default_factory=Troubles)
    rules: Rules = field(default_factory=Rules)
    events: Recorder = field(default_factory=Recorder)


class Controller(Protocol[K]):
    """`notice` and `resync` turn what happened into keys; `reconcile` makes so what the state under a key asks for."""

    name: str
    queue: KeyQueue[K]
    workers: int

    def notice(self, event: Event) -> None: ...

    def resync(self) -> None:
        """Put every key in the queue: after a start, and when NATS may have lost what was acknowledged."""
        ...

    async def reconcile(self, key: K) -> float | None: ...


def binding_key_of(template: Key, kind: str) -> Key:
    """The binding of a template: namespaced ones have a ResourceBinding beside them."""
    resource = BINDINGS if template.namespace else CLUSTER_BINDINGS
    return Key(resource, template.namespace, binding_name(kind, template.name))


def template_key_of(binding: Obj, registry: Registry) -> Key | None:
    """The template a binding was made from; None while its kind is not served (its CRD is gone)."""
    named = (binding.get("spec") or {}).get("resource") or {}
    resource = registry.of_kind(GVK.parse(named.get("apiVersion", ""), named.get("kind", "")))
    return Key(resource.key, named.get("namespace", ""), named["name"]) if resource else None


def origin_of(binding: Key) -> str:
    """How a Work names what it was made from; `key_of_origin` is the inverse."""
    return "/".join(binding)


def key_of_origin(origin: str) -> Key | None:
    """None for the origin of a Work that no binding made."""
    parts = origin.split("/")
    return Key(*parts) if len(parts) == 3 else None


def new_id() -> str:
    """A fresh uid."""
    return str(uuid.uuid4())


def is_binding(key: Key) -> bool:
    return key.resource in (BINDINGS, CLUSTER_BINDINGS)


def all_bindings(objects: Objects, namespace: str = "") -> Iterator[Key]:
    """Of both kinds; with a namespace, the ResourceBindings in it."""
    for resource in (BINDINGS, CLUSTER_BINDINGS):
        for record in objects.list(resource, namespace).items:
            yield record.key


async def let_go(hub: Hub, key: Key, obj: Obj, *finalizers: str) -> None:
    """Take these finalizers off an object that is being deleted, and remove it when they were the last."""
    metadata = {
        **obj["metadata"],
        "finalizers": [f for f in obj["metadata"].get("finalizers") or () if f not in finalizers],
    }
    if metadata["finalizers"]:
        await hub.objects.update(key, {**obj, "metadata": metadata})
    else:
        await hub.objects.delete(key, int(metadata["resourceVersion"]))


async def start_removal(hub: Hub, key: Key, obj: Obj) -> None:
    """Delete it as a user would: what finalizers hold is only marked, what is protected stays. Absent is fine."""
    if is_protected(obj):
        hub.events.note(obj, "Warning", "DeletionProtected", REFUSAL)
        return
    marked = deletion(obj, hub.now())
    with suppress(NotFound):
        if marked is None:
            await hub.objects.delete(key, int(obj["metadata"]["resourceVersion"]))
        elif marked is not obj:
            await hub.objects.update(key, marked)
