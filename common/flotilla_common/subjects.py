"""Every NATS subject, stream and consumer name we use: formatted and parsed here and nowhere else.

    flotilla.v1.works.<cluster>.<work>          one Work, last value kept         stream FLOTILLA_WORKS
    flotilla.v1.status.<cluster>.<work>         what became of it, last value     stream FLOTILLA_STATUS
    flotilla.v1.status.<cluster>._cluster       the cluster's own report
    flotilla.v1.objects.<key> / .derived.<key>  the hub's objects                 streams FLOTILLA_OBJECTS / _DERIVED
    flotilla.v1.heartbeat.<cluster>             plain message, nothing kept
    flotilla.v1.estimate.<cluster>              the agent's answer to a `control` message of the verb `estimate`
    flotilla.v1.control.<cluster>.<verb>        plain message from the hub to one agent
    flotilla.v1.live.<the rest>                 the server's echo of each stored message, with its sequence
    flotilla.v1.api.<the rest>                  the JetStream calls that agents may make, where they have an account
                                                of their own: the server maps them to $JS.API.<the rest>

A name becomes one token: what a NATS token may not hold is written `=XX` (hex, upper case), so that two names never
meet in one subject. The inverse is property-tested.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

__all__ = [
    "AGENT_API",
    "ANY",
    "CLUSTER_REPORT",
    "DERIVED",
    "JS_API",
    "OBJECTS",
    "REMOTE",
    "STATUS",
    "WORKS",
    "StatusSubject",
    "Stream",
    "WorkSubject",
    "agent_consumer",
    "consumer_call",
    "control",
    "create_call",
    "direct_get_call",
    "estimate",
    "heartbeat",
    "inbox",
    "parse_estimate",
    "parse_heartbeat",
    "parse_tokens",
    "stream_call",
    "token",
    "untoken",
]

PREFIX = "flotilla.v1"
JS_API = "$JS.API"
"""Where JetStream listens in the hub's account, and on a server without accounts."""
AGENT_API = f"{PREFIX}.api"
"""Where an agent's account finds the few JetStream calls it may make; its own `$JS.API` answers that it has none."""
CLUSTER_REPORT = "_cluster"
"""Takes a Work's place in a status subject: the cluster's own report. No Work can be called that: names hold no `_`."""
REMOTE = "_remote"
"""Takes a cluster's place in the inbox of the agent that serves all Push clusters. No cluster can be called that."""


class Wildcard(str):
    """A type of its own, so that no name from outside, not even a cluster called `*`, is ever taken for it."""


ANY = Wildcard("*")
"""Instead of a name: all of them, in the subjects below that say so."""

_UNSAFE = re.compile(r"[^-_a-zA-Z0-9]")


class Stream(NamedTuple):
    """A stream of last values: `name` in JetStream, `family` the token after the prefix."""

    name: str
    family: str

    @property
    def subjects(self) -> str:
        return f"{PREFIX}.{self.family}.>"

    @property
    def live(self) -> str:
        """Where the server repeats each message it stored."""
        return f"{PREFIX}.live.{self.family}.>"

    def subject(self, *tokens: str) -> str:
        return ".".join((PREFIX, self.family, *map(token, tokens)))

    def filter(self, *tokens: str) -> str:
        """Everything below these tokens, each a name or ANY."""
        return ".".join((PREFIX, self.family, *map(_place, tokens), ">"))

    def live_filter(self, *tokens: str) -> str:
        return ".".join((PREFIX, "live", self.family, *map(_place, tokens), ">"))


OBJECTS = Stream("FLOTILLA_OBJECTS", "objects")
DERIVED = Stream("FLOTILLA_DERIVED", "derived")
WORKS = Stream("FLOTILLA_WORKS", "works")
STATUS = Stream("FLOTILLA_STATUS", "status")


class WorkSubject(NamedTuple):
    """Where one Work of one cluster lives."""

    cluster: str
    work: str

    def __str__(self) -> str:
        return WORKS.subject(self.cluster, self.work)

    @classmethod
    def parse(cls, subject: str) -> "WorkSubject":
        return cls(*parse_tokens(WORKS, subject, 2))


class StatusSubject(NamedTuple):
    """Where the report on one Work lives; `work` is `CLUSTER_REPORT` for the cluster's own."""

    cluster: str
    work: str

    def __str__(self) -> str:
        return STATUS.subject(self.cluster, self.work)

    @classmethod
    def parse(cls, subject: str) -> "StatusSubject":
        return cls(*parse_tokens(STATUS, subject, 2))


def heartbeat(cluster: str) -> str:
    """A cluster's heartbeat, or ANY's."""
    return f"{PREFIX}.heartbeat.{_place(cluster)}"


def parse_heartbeat(subject: str) -> str:
    return untoken(subject.rsplit(".", 1)[1])


def estimate(cluster: str) -> str:
    """Where a cluster's agent, or ANY's, says how much more fits there."""
    return f"{PREFIX}.estimate.{_place(cluster)}"


def parse_estimate(subject: str) -> str:
    return untoken(subject.rsplit(".", 1)[1])


def control(cluster: str, verb: str = ">") -> str:
    """What the hub tells a cluster's agent, or ANY's; every verb when none is given."""
    return f"{PREFIX}.control.{_place(cluster)}.{verb}"


def inbox(cluster: str) -> str:
    """Prefix of the reply subjects of a cluster's agent."""
    return f"_INBOX_{token(cluster)}"


def agent_consumer(cluster: str) -> str:
    """The one consumer name an agent may create, for the length of a catch-up; ANY for all of them."""
    return ANY if isinstance(cluster, Wildcard) else f"agent-{token(cluster)}"


def stream_call(verb: str, stream: Stream) -> str:
    """A JetStream call about a whole stream: CREATE, UPDATE, INFO, PURGE, MSG.GET."""
    return f"{JS_API}.STREAM.{verb}.{stream.name}"


def direct_get_call(stream: Stream, subject: str) -> str:
    """Reads the last message of one subject. Whoever may call it may read any subject of the stream."""
    return f"{JS_API}.DIRECT.GET.{stream.name}.{subject}"


def create_call(stream: Stream, consumer: str, filter: str, *, api: str = JS_API) -> str:
    """The call that creates `consumer`; the server holds it to the filter the subject names."""
    return f"{api}.CONSUMER.CREATE.{stream.name}.{consumer}.{filter}"


def consumer_call(verb: str, stream: Stream, consumer: str, *, api: str = JS_API) -> str:
    """A JetStream call about one consumer: INFO, DELETE, MSG.NEXT."""
    return f"{api}.CONSUMER.{verb}.{stream.name}.{consumer}"


@lru_cache(maxsize=4096)
def token(name: str) -> str:
    """One subject token for any non-empty text."""
    if not name:
        return "="  # an empty namespace still needs its place; no escape ends in a bare "="
    return _UNSAFE.sub(_escape, name)


@lru_cache(maxsize=4096)
def untoken(text: str) -> str:
    """One text for all of the same words: a kind and a namespace are repeated in thousands of keys."""
    return "" if text == "=" else unquote_to_bytes(text.replace("=", "%")).decode()


def parse_tokens(stream: Stream, subject: str, count: int) -> tuple[str, ...]:
    """The names in a subject of `stream`, in its stored or its live form.

    Raises ValueError when the subject is not of that stream or has another number of names.
    """
    stored, live = _heads(stream.family)
    head = live if subject.startswith(live) else stored
    names = subject[len(head) :].split(".")
    if not subject.startswith(head) or len(names) != count:
        raise ValueError(f"{subject!r} is not a subject of {stream.name} with {count} names")
    return tuple(map(untoken, names))


@lru_cache(maxsize=16)
def _heads(family: str) -> tuple[str, str]:
    return f"{PREFIX}.{family}.", f"{PREFIX}.live.{family}."


def _place(name: str) -> str:
    return name if isinstance(name, Wildcard) else token(name)


def _escape(match: re.Match[str]) -> str:
    return "".join(f"={byte:02X}" for byte in match[0].encode())
