"""Who is asking: bearer tokens to users, and the review kinds by which clients ask what they may do.

There is one right so far: whoever has a token may do everything.
"""

import hmac
from collections.abc import Mapping

from starlette.responses import Response

from flotilla_common.objects import Obj, encode

from .call import Call, User
from .status_errors import Denied

__all__ = ["OPEN_PATHS", "answer_review", "authenticated"]

OPEN_PATHS = frozenset({"/livez", "/readyz", "/healthz", "/version"})
"""Answered to anyone: probes have no credentials."""


def authenticated(header: str, tokens: Mapping[str, User]) -> User:
    """`header` is Authorization's. Raises Denied (401)."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() == "bearer" and token:
        for known, user in tokens.items():
            # In constant time, so that a token cannot be guessed byte by byte.
            if hmac.compare_digest(known.encode(), token.strip().encode()):
                return user
    raise Denied(401, "Unauthorized", "Unauthorized")


def answer_review(call: Call) -> Response:
    review = call.submitted()
    return Response(encode({**review, "status": _verdict(call)}), 201, media_type="application/json")


def _verdict(call: Call) -> Obj:
    if call.resource.kind == "SelfSubjectReview":
        return {"userInfo": {"username": call.user.name, "groups": list(call.user.groups)}}
    if call.resource.kind == "SelfSubjectRulesReview":
        everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
        return {
            "resourceRules": [everything],
            "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
            "incomplete": False,
        }
    return {"allowed": True, "reason": "whoever has a token of this hub may do everything"}
