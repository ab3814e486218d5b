"""The token's text: what goes in comes out, and what is no token is told without being repeated."""

import pytest

from flotilla_common.errors import Terminal
from flotilla_common.join_token import JoinToken, pin_of
from tests.certificates import authority

TOKEN = JoinToken(("https://hub.example:7443", "https://10.0.0.1:7443"), "sha256:00ff", "a1b2c3d4e5", "s3cret-ÄÖ_-")


def test_a_token_is_its_text() -> None:
    assert JoinToken.parse(str(TOKEN)) == TOKEN


def test_a_token_may_be_pasted_with_the_space_around_it() -> None:
    assert JoinToken.parse(f"  {TOKEN}\n") == TOKEN


def test_a_token_is_one_word_of_a_shell_and_of_a_url() -> None:
    assert set(str(TOKEN)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_the_secret_shows_in_no_trace() -> None:
    assert TOKEN.secret not in repr(TOKEN)


NO_TOKENS = [
    pytest.param("abcdef.0123456789abcdef", "start with flt1.", id="a-bootstrap-token-of-another-system"),
    pytest.param(str(TOKEN)[:-9], "is damaged", id="half-a-token"),
    pytest.param("flt1.", "is damaged", id="only-the-prefix"),
    pytest.param("flt1.W10", "is damaged", id="not-a-map"),
    pytest.param(str(JoinToken((), "p", "i", "s")), "names no hub", id="no-address"),
]


@pytest.mark.parametrize(("text", "why"), NO_TOKENS)
def test_what_is_no_token_is_refused(text: str, why: str) -> None:
    with pytest.raises(Terminal, match=why) as refusal:
        JoinToken.parse(text)
    assert text.partition(".")[2] not in str(refusal.value) or text == "flt1."


def test_the_pin_is_of_the_key_and_so_survives_a_renewed_certificate() -> None:
    first, renewed, other = authority("one"), authority("one", again=True), authority("other")
    assert pin_of(first) == pin_of(renewed) != pin_of(other)
    assert first != renewed
    assert pin_of(first).startswith("sha256:")
