"""A Work that waits for its wave still gets its replicas: scaling is no rollout, and may be urgent. Pure."""

from dataclasses import replace

import orjson

from flotilla_common import kinds
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import decode

__all__ = ["replicas_in", "resized"]


def replicas_in(message: WorkMessage) -> tuple[int, ...]:
    """Of each manifest, 0 for what has none."""
    return tuple(kinds.replicas_of(decode(manifest))[0] for manifest in message.manifests)


def resized(message: WorkMessage, counts: tuple[int, ...]) -> WorkMessage:
    """The same version with other replicas; the same message when it has those already."""
    if len(counts) != len(message.manifests) or replicas_in(message) == counts:
        return message
    pairs = zip(map(decode, message.manifests), counts, strict=True)
    manifests = [orjson.dumps(kinds.revise(obj, count), option=orjson.OPT_SORT_KEYS) for obj, count in pairs]
    return replace(message, manifests=manifests)
