"""A lazy policy claims at once and acts later: its placement waits until the user changes the template. Pure.

Upstream tells the two apart by the event that woke it, and activates everything when it restarts. Here the template
carries a digest of what its user had written when the policy last looked, so that only a user's change activates.
"""

from hashlib import blake2b
from typing import Any

import orjson

from flotilla_common.objects import Obj, annotations_of, meta_of

from ..labels import SEEN
from ..model.policy import Policy

__all__ = ["is_held", "seen_by"]

_SERVER_METADATA = ("generation", "managedFields", "resourceVersion", "uid", "creationTimestamp")
_DOMAINS = ("karmada.io", "flotilla.io")
_DIGEST_BYTES = 8


def is_held(template: Obj, policy: Policy, *, prompted: bool) -> bool:
    """Whether the policy's placement is to wait.

    `prompted`: a policy's change, and not the template's, is why it is looked at; it decides where no lazy policy has
    looked at the template before.
    """
    if policy.spec.activation_preference != "Lazy":
        return False
    seen = annotations_of(template).get(SEEN)
    return seen == _digest(template) if seen else prompted


def seen_by(policy: Policy, template: Obj) -> dict[str, str]:
    """The annotation the template has to carry while this policy claims it."""
    return {SEEN: _digest(template)} if policy.spec.activation_preference == "Lazy" else {}


def _digest(template: Obj) -> str:
    """Of what a user wrote: marks of ours, the status and the store's bookkeeping are none of that."""
    metadata = {key: value for key, value in meta_of(template).items() if key not in _SERVER_METADATA}
    for field in ("labels", "annotations"):
        metadata[field] = _users(metadata.get(field))
    body = {key: value for key, value in template.items() if key not in ("metadata", "status")}
    text = orjson.dumps([body, metadata], option=orjson.OPT_SORT_KEYS)
    return blake2b(text, digest_size=_DIGEST_BYTES).hexdigest()


def _users(given: Any) -> dict[str, Any]:
    return {key: value for key, value in (given or {}).items() if not _is_ours(key)}


def _is_ours(key: str) -> bool:
    domain = key.partition("/")[0]
    return any(domain == own or domain.endswith(f".{own}") for own in _DOMAINS)
