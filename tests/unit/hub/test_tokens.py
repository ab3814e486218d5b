"""Tokens as the hub keeps them: valid for a while, recognised by their hash, and told in the same words when not."""

from datetime import timedelta

import pytest

from flotilla_common.errors import Forbidden
from flotilla_common.objects import Obj
from flotilla_hub import tokens

NOW = "2026-01-01T00:00:00Z"
TOKEN = tokens.new_token(("https://hub.example:7443",), "sha256:00")
KEPT = tokens.secret_for(TOKEN, NOW, timedelta(hours=24), "for the edge")
FOREVER = tokens.secret_for(TOKEN, NOW, None)

VALID = [
    pytest.param(KEPT, NOW, id="from-the-moment-it-is-made"),
    pytest.param(KEPT, "2026-01-01T23:59:59Z", id="to-the-last-second"),
    pytest.param(KEPT, "2026-01-02T00:59:59+01:00", id="in-any-time-zone"),
    pytest.param(FOREVER, "2036-01-01T00:00:00Z", id="for-ever-without-a-ttl"),
]


@pytest.mark.parametrize(("kept", "now"), VALID)
def test_a_token_is_good(kept: Obj, now: str) -> None:
    tokens.check(kept, TOKEN.secret, now)


BAD = [
    pytest.param(KEPT, TOKEN.secret, "2026-01-02T00:00:00Z", "expired at 2026-01-02", id="after-its-end"),
    pytest.param(KEPT, TOKEN.secret + "x", NOW, "does not know this token", id="another-secret"),
    pytest.param(KEPT, "", NOW, "does not know this token", id="no-secret"),
    pytest.param(None, TOKEN.secret, NOW, "does not know this token", id="an-id-nobody-made"),
    pytest.param({**KEPT, "type": "Opaque"}, TOKEN.secret, NOW, "does not know this token", id="a-secret-of-a-user"),
    pytest.param({**KEPT, "data": {}}, "", NOW, "does not know this token", id="nothing-kept-and-nothing-given"),
]


@pytest.mark.parametrize(("kept", "secret", "now", "why"), BAD)
def test_a_token_is_refused(kept: Obj | None, secret: str, now: str, why: str) -> None:
    with pytest.raises(Forbidden, match=why):
        tokens.check(kept, secret, now)


def test_what_is_kept_does_not_let_anyone_in() -> None:
    assert TOKEN.secret not in str(KEPT) and not any(TOKEN.secret in tokens.read(KEPT, word) for word in KEPT["data"])


def test_what_is_kept_can_be_read_by_people() -> None:
    told = {word: tokens.read(KEPT, word) for word in ("id", "expiration", "description")}
    assert told == {"id": TOKEN.id, "expiration": "2026-01-02T00:00:00Z", "description": "for the edge"}


def test_two_tokens_share_nothing() -> None:
    other = tokens.new_token(TOKEN.urls, TOKEN.pin)
    assert other.id != TOKEN.id and other.secret != TOKEN.secret
