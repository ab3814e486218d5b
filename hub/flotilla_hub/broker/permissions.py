"""Who may reach which subject, enforced by the server. Pure.

Two accounts keep hub and agents apart. The streams, and every JetStream call, are in the hub's; agents have one of
their own that sees of the hub's only what OFFERED lists, and in it each agent's user is held to its cluster's subjects.

Why not one account with permissions alone: a client may name any subject as the place for the answer to a request, and
within an account the server answers there whatever the client's own permissions. One pull of its own Works, with
the answer sent to the call that deletes a stream, lets an agent delete the hub's objects (tried; tests/flow/
test_agent_permissions.py shows it). From an account of its own an answer cannot leave that account.
"""

from typing import NamedTuple

from flotilla_common import subjects
from flotilla_common.errors import FieldError, Invalid
from flotilla_common.subjects import ANY, REMOTE, STATUS, WORKS

from .jwt import Export, Import

__all__ = ["OFFERED", "Permissions", "agent", "exports", "imports", "remote"]


class Permissions(NamedTuple):
    """The subjects a user may use, and no other."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


class Offer(NamedTuple):
    """A subject of the hub's account that agents reach under the name `local`."""

    export: Export
    local: str


def agent(cluster: str) -> Permissions:
    """The user of one cluster's agent: its Works, its reports, its estimates, its catch-up.

    Raises Invalid for the one name that would let it hear another's answers.
    """
    if cluster == REMOTE:
        raise Invalid(f"cluster name {cluster!r}", [FieldError("metadata.name", "is taken by the Push host")])
    return _member(cluster, subjects.inbox(cluster))


def remote() -> Permissions:
    """The user of the agent beside the hub that serves all Push clusters: what every agent may, for every cluster."""
    return _member(ANY, subjects.inbox(REMOTE))


def _member(cluster: str, inbox: str) -> Permissions:
    return Permissions(
        publish=(
            STATUS.filter(cluster),
            subjects.heartbeat(cluster),
            subjects.estimate(cluster),
            *_catch_up(cluster, api=subjects.AGENT_API),
        ),
        subscribe=(WORKS.live_filter(cluster), subjects.control(cluster), f"{inbox}.>"),
    )


def _catch_up(cluster: str, *, api: str) -> tuple[str, ...]:
    """The JetStream calls of a catch-up: one consumer, by its name, over the cluster's own Works."""
    consumer = subjects.agent_consumer(cluster)
    return (
        subjects.create_call(WORKS, consumer, WORKS.filter(cluster), api=api),
        subjects.consumer_call("MSG.NEXT", WORKS, consumer, api=api),
        subjects.consumer_call("INFO", WORKS, consumer, api=api),
        subjects.consumer_call("DELETE", WORKS, consumer, api=api),
    )


def _offers() -> tuple[Offer, ...]:
    said = (STATUS.filter(ANY), subjects.heartbeat(ANY), subjects.estimate(ANY))
    heard = (WORKS.live_filter(ANY), subjects.control(ANY))
    calls = zip(_catch_up(ANY, api=subjects.JS_API), _catch_up(ANY, api=subjects.AGENT_API), strict=True)
    pull = subjects.consumer_call("MSG.NEXT", WORKS, subjects.agent_consumer(ANY))
    return (
        *(Offer(Export(subject, service=True), local=subject) for subject in said),
        *(Offer(Export(subject), local=subject) for subject in heard),
        *(Offer(Export(there, service=True, many=there == pull), local=here) for there, here in calls),
    )


OFFERED = _offers()


def exports() -> tuple[Export, ...]:
    """What the hub's account offers."""
    return tuple(offer.export for offer in OFFERED)


def imports(hub: str) -> tuple[Import, ...]:
    """What the agents' account takes from the account with the public key `hub`."""
    return tuple(
        Import(
            offer.export.subject,
            hub,
            local="" if offer.local == offer.export.subject else _numbered(offer.local),
            service=offer.export.service,
        )
        for offer in OFFERED
    )


def _numbered(subject: str) -> str:
    """A renamed import refers to the wildcards of the original by number."""
    parts, seen = subject.split("."), 0
    for i, part in enumerate(parts):
        if part == ANY:
            seen += 1
            parts[i] = f"${seen}"
    return ".".join(parts)
