"""The four streams exist and are configured as we need them, on our own server or on any other.

Not every server knows every setting: what an older one leaves out is logged, and costs tidiness, not safety.
"""

import logging
from collections.abc import Mapping
from typing import Any

import orjson

from flotilla_common.bus import Bus
from flotilla_common.errors import NotFound
from flotilla_common.subjects import DERIVED, OBJECTS, STATUS, WORKS, Stream, stream_call

__all__ = ["STREAMS", "differences", "ensure", "wanted"]

log = logging.getLogger(__name__)

Config = dict[str, Any]

_SECOND = 1_000_000_000  # JetStream counts in nanoseconds


STREAMS = (OBJECTS, DERIVED, WORKS, STATUS)


async def ensure(bus: Bus, *, replicas: int = 1) -> None:
    """Create the streams, or change those that differ; nothing in them is touched.

    Raises Terminal when the server refuses, and Unavailable.
    """
    for stream in STREAMS:
        await _ensure(bus, stream, wanted(stream, replicas=replicas))


def wanted(stream: Stream, *, replicas: int) -> Config:
    """The settings that matter to us; the server's defaults hold for the rest.

    `persist_mode` is left at its default, and so is every write on its way to the disk before it is acknowledged. The
    other mode, async, saves 0.2 ms a write and was tried for what can be computed again: a kill -9 of the server then
    loses the last acknowledged messages (2 to 24 of 300), and their sequences are given out a second time, which a
    reader that remembers its last sequence cannot notice.
    """
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
        # Many writes in one flush of the disk; since 2.12.
        "allow_atomic": True,
        # How live readers hear of a write without a consumer of their own.
        "republish": {"src": stream.subjects, "dest": stream.live},
    }
    if stream is WORKS:
        # Agents create consumers on it. One whose agent went away in mid-fetch does not stay, however
        # it was made.
        config["consumer_limits"] = {"inactive_threshold": 60 * _SECOND}
    return config


async def _ensure(bus: Bus, stream: Stream, config: Config) -> None:
    found = await _found(bus, stream)
    if found is None:
        made = await bus.request(stream_call("CREATE", stream), orjson.dumps(config))
        found = made["config"]
        log.info("stream created", extra={"stream": stream.name})
    elif changes := differences(config, found):
        made = await bus.request(stream_call("UPDATE", stream), orjson.dumps({**found, **changes}))
        found = made["config"]
        log.info("stream changed", extra={"stream": stream.name, "settings": sorted(changes)})
    if missing := differences(config, found):
        log.warning(
            "stream lacks settings that this server, or the one that made it, does not know",
            extra={"stream": stream.name, "settings": sorted(missing)},
        )


async def _found(bus: Bus, stream: Stream) -> Config | None:
    try:
        info = await bus.request(stream_call("INFO", stream))
    except NotFound:
        return None
    config: Config = info["config"]
    return config


def differences(config: Config, found: Mapping[str, Any]) -> Config:
    """The settings of `config` that `found` has otherwise. In nested ones what the server added does not count."""
    return {key: value for key, value in config.items() if not _holds(found.get(key), value)}


def _holds(found: object, value: object) -> bool:
    if isinstance(value, dict) and isinstance(found, dict):
        return all(_holds(found.get(key), inner) for key, inner in value.items())
    return found == value
