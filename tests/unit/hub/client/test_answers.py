"""Which of our errors a refusal becomes; the server's words stay."""

import json

import pytest

from flotilla_common.errors import (
    Conflict,
    Expired,
    FieldError,
    FlotillaError,
    Forbidden,
    Invalid,
    NotFound,
    Terminal,
    Unavailable,
)
from flotilla_hub.client.answers import error_of


def status(reason: str, **more: object) -> bytes:
    return json.dumps({"kind": "Status", "message": "the server's words", "reason": reason, **more}).encode()


REFUSALS = [
    pytest.param(400, "BadRequest", Terminal, id="bad-request"),
    pytest.param(401, "Unauthorized", Forbidden, id="unknown-credentials"),
    pytest.param(403, "Forbidden", Forbidden, id="forbidden"),
    pytest.param(404, "NotFound", NotFound, id="not-found"),
    pytest.param(409, "Conflict", Conflict, id="conflict"),
    pytest.param(410, "Expired", Expired, id="history-is-gone"),
    pytest.param(422, "Invalid", Invalid, id="invalid"),
    pytest.param(429, "TooManyRequests", Unavailable, id="slow-down"),
    pytest.param(503, "ServiceUnavailable", Unavailable, id="unavailable"),
]


@pytest.mark.parametrize(("code", "reason", "kind"), REFUSALS)
def test_a_refusal_is(code: int, reason: str, kind: type[FlotillaError]) -> None:
    error = error_of(code, status(reason), "GET /x")
    assert type(error) is kind and "the server's words" in str(error)


@pytest.mark.parametrize(("reason", "exists"), [("AlreadyExists", True), ("Conflict", False)])
def test_a_taken_name_differs_from_a_lost_race(reason: str, exists: bool) -> None:
    error = error_of(409, status(reason), "POST /x")
    assert isinstance(error, Conflict) and error.exists is exists


def test_the_fields_to_blame_come_along() -> None:
    cause = {"field": "spec.x", "message": "must be y", "reason": "FieldValueInvalid"}
    error = error_of(422, status("Invalid", details={"causes": [cause]}), "POST /x")
    assert isinstance(error, Invalid) and error.errors == (FieldError("spec.x", "must be y"),)


def test_a_proxy_that_answers_instead_is_quoted() -> None:
    error = error_of(502, b"<html>bad gateway", "GET /x")
    assert str(error) == "GET /x: the server answered 502 <html>bad gateway"
