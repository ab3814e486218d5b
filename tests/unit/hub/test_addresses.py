"""Addresses of settings: what is read, and what is told about the rest."""

import pytest

from flotilla_common.settings import BadSetting
from flotilla_hub.addresses import address, parse_address

READ = [
    pytest.param("127.0.0.1:7443", ("127.0.0.1", 7443), id="host-and-port"),
    pytest.param(":0", ("127.0.0.1", 0), id="no-host-is-this-machine"),
    pytest.param("[::1]:80", ("::1", 80), id="ipv6-in-brackets"),
]
WRONG = ["foo", "127.0.0.1", "h:", "h:99999", "h:-1", "::1:80", "h:x", ""]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_read(text: str, expected: tuple[str, int]) -> None:
    assert parse_address(text, "--listen") == expected


@pytest.mark.parametrize("text", WRONG)
def test_wrong(text: str) -> None:
    with pytest.raises(BadSetting, match=r"^--listen: .* is not HOST:PORT"):
        parse_address(text, "--listen")


def test_written_with_brackets_again() -> None:
    assert (address("::1", 80), address("h", 1)) == ("[::1]:80", "h:1")
