"""Headers are read as the client reads them, whatever is in them."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client

from flotilla_common.bus.client import QuickClient

SAMPLES = [
    pytest.param(b"NATS/1.0\r\nNats-Stream: A\r\nNats-Sequence: 7\r\n\r\n", id="two"),
    pytest.param(b"NATS/1.0\r\n\r\n", id="none"),
    pytest.param(b"NATS/1.0 404 No Messages\r\n\r\n", id="a-status"),
    pytest.param(b"NATS/1.0 100 Idle\r\nNats-Last-Consumer: 1\r\n\r\n", id="a-status-and-a-header"),
    pytest.param(b"NATS/1.0\r\nA:b:c\r\nD:\t e \r\nA: again\r\n\r\n", id="colons-spaces-and-repeats"),
    pytest.param("NATS/1.0\r\nOrigin: schön\r\nÜ: x\r\n\r\n".encode(), id="beyond-ascii"),
    pytest.param(b"NATS/1.0\r\nno header\r\nin valid: x\r\nbroken: \xff\r\n\r\n", id="what-is-no-header"),
    pytest.param(b"", id="nothing"),
]


def both(headers: bytes) -> tuple[object, object]:
    async def read() -> tuple[object, object]:
        return await QuickClient()._process_headers(headers), await Client()._process_headers(headers)

    return asyncio.run(read())


@pytest.mark.parametrize("headers", SAMPLES)
def test_headers_are_read_as_ever(headers: bytes) -> None:
    mine, theirs = both(headers)
    assert mine == theirs


@given(st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=12))))
def test_any_headers_are(pairs: list[tuple[bytes, bytes]]) -> None:
    mine, theirs = both(b"NATS/1.0\r\n" + b"".join(name + b":" + value + b"\r\n" for name, value in pairs) + b"\r\n")
    assert mine == theirs
