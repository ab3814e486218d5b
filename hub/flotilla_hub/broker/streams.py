"""The four streams exist and are configured as we need them, on our own server or on any other.

Not every server knows every setting: what an older one leaves out is logged, and costs speed or tidiness, not safety.
"""

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from flotilla_common.bus import Bus
from flotilla_common.errors import NotFound
from flotilla_common.subjects import DERIVED, OBJECTS, STATUS, WORKS, Stream, stream_call

__all__ = ["PLANS", "Plan", "differences", "ensure", "wanted"]

log = logging.getLogger(__name__)

Config = dict[str, Any]

_SECOND = 1_000_000_000  # JetStream counts in nanoseconds
_ASYNC = "async"
_FIXED = frozenset({"persist_mode"})
"""What a server refuses to change in a stream that exists."""


class Plan(NamedTuple):
    stream: Stream
    durable: bool
    """Flushed to the disk before it is acknowledged. What is not can be computed, or is reported, again."""
    bounds_consumers: bool = False
    """Others than the hub may create consumers on it."""


PLANS = (
    Plan(OBJECTS, durable=True),
    Plan(DERIVED, durable=False),
    Plan(WORKS, durable=False, bounds_consumers=True),
    Plan(STATUS, durable=False),
)


async def ensure(bus: Bus, *, replicas: int = 1) -> None:
    """Create the streams, or change those that differ; nothing in them is touched.

    Raises Terminal when the server refuses, and Unavailable.
    """
    for plan in PLANS:
        await _ensure(bus, plan, wanted(plan, replicas=replicas))


def wanted(plan: Plan, *, replicas: int) -> Config:
    """The settings that matter to us; the server's defaults hold for the rest."""
    stream = plan.stream
    config: Config = {
        "name": stream.name,
        "subjects": [stream.subjects],
        "retention": "limits",
        "storage": "file",
        "num_replicas": replicas,
        # The last value of each subject; a new one takes the old one's place, whatever `discard` says.
        "max_msgs_per_subject": 1,
        # A full disk refuses writes, it does not forget objects.
        "discard": "new",
        "allow_direct": True,
        # How live readers hear of a write without a consumer of their own.
        "republish": {"src": stream.subjects, "dest": stream.live},
    }
    if not plan.durable:
        config["persist_mode"] = _ASYNC
    if plan.bounds_consumers:
        # A consumer whose agent went away in mid-fetch does not stay, however it was created.
        config["consumer_limits"] = {"inactive_threshold": 60 * _SECOND}
    return config


async def _ensure(bus: Bus, plan: Plan, config: Config) -> None:
    found = await _found(bus, plan.stream)
    if found is None:
        made = await bus.request(stream_call("CREATE", plan.stream), orjson.dumps(config))
        found = made["config"]
        log.info("stream created", extra={"stream": plan.stream.name})
    elif changes := differences(config, found, ignore=_FIXED):
        made = await bus.request(stream_call("UPDATE", plan.stream), orjson.dumps({**found, **changes}))
        found = made["config"]
        log.info("stream changed", extra={"stream": plan.stream.name, "settings": sorted(changes)})
    if missing := differences(config, found):
        log.warning(
            "stream lacks settings that this server, or the one that made it, does not know",
            extra={"stream": plan.stream.name, "settings": sorted(missing)},
        )


async def _found(bus: Bus, stream: Stream) -> Config | None:
    try:
        info = await bus.request(stream_call("INFO", stream))
    except NotFound:
        return None
    config: Config = info["config"]
    return config


def differences(config: Config, found: Mapping[str, Any], ignore: frozenset[str] = frozenset()) -> Config:
    """The settings of `config` that `found` has otherwise. In nested ones what the server added does not count."""
    return {key: value for key, value in config.items() if key not in ignore and not _holds(found.get(key), value)}


def _holds(found: object, value: object) -> bool:
    if isinstance(value, dict) and isinstance(found, dict):
        return all(_holds(found.get(key), inner) for key, inner in value.items())
    return found == value
