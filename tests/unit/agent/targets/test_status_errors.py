"""What an API server's refusals mean."""

import json

import pytest

from flotilla_agent.engine.target import Missing
from flotilla_agent.targets.status_errors import KindMissing, error_of
from flotilla_common.errors import (
    Conflict,
    Expired,
    FieldError,
    FlotillaError,
    Forbidden,
    Invalid,
    NotFound,
    Retryable,
    Unavailable,
)

REFUSALS = [
    pytest.param(400, {}, Invalid, id="bad-request"),
    pytest.param(401, {}, Unavailable, id="credentials-are-renewed-and-it-is-tried-again"),
    pytest.param(403, {}, Forbidden, id="no-right"),
    pytest.param(403, {"causes": [{"reason": "NamespaceTerminating"}]}, Missing, id="a-dying-namespace-may-come-back"),
    pytest.param(404, {"name": "a", "kind": "configmaps"}, NotFound, id="no-such-object"),
    pytest.param(404, {"name": "shop", "kind": "namespaces"}, Missing, id="no-such-namespace-yet"),
    pytest.param(404, {}, KindMissing, id="no-such-kind-yet"),
    pytest.param(409, {}, Conflict, id="someone-was-first"),
    pytest.param(410, {}, Expired, id="history-is-gone"),
    pytest.param(413, {}, Invalid, id="too-large"),
    pytest.param(422, {"causes": [{"field": "spec.replicas"}]}, Invalid, id="a-rule-is-broken"),
    pytest.param(422, {"causes": [{"field": "metadata.uid"}]}, Conflict, id="not-the-object-we-meant"),
    pytest.param(429, {}, Unavailable, id="too-busy"),
    pytest.param(500, {}, Unavailable, id="a-webhook-is-down"),
    pytest.param(504, {}, Unavailable, id="too-slow"),
    pytest.param(599, {}, Retryable, id="whatever-it-may-be"),
]


@pytest.mark.parametrize(("code", "details", "expected"), REFUSALS)
def test_each_refusal_has_its_error(code: int, details: object, expected: type[FlotillaError]) -> None:
    body = json.dumps({"kind": "Status", "message": "no", "details": details}).encode()

    assert type(error_of(code, body, "apply ConfigMap a")) is expected


def test_the_message_says_what_could_not_be_done_and_why() -> None:
    assert (
        str(error_of(409, b'{"message": "it changed"}', "apply ConfigMap a")) == "cannot apply ConfigMap a: it changed"
    )


def test_an_answer_that_is_no_status_is_quoted() -> None:
    assert (
        str(error_of(502, b"<html>bad gateway", "apply ConfigMap a")) == "cannot apply ConfigMap a: <html>bad gateway"
    )


def test_the_broken_fields_are_kept_and_said_once() -> None:
    cause = {"field": "spec.replicas", "message": "must not be negative"}
    body = json.dumps({"message": "spec.replicas: must not be negative", "details": {"causes": [cause]}}).encode()

    error = error_of(422, body, "apply Deployment a")

    assert isinstance(error, Invalid)
    assert error.errors == (FieldError("spec.replicas", "must not be negative"),)
    assert str(error).count("must not be negative") == 1
