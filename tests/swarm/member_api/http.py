"""HTTP/1.1 as far as API clients need it: requests in, answers and endless watches out. Knows nothing of clusters."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote

import httptools

from .requests import Answer, Request

__all__ = ["Connection", "Handler", "Stream"]

_SLOW = 16 * 1024 * 1024
"""Bytes a watch's client may leave unread before it is cut off; it comes back and lists."""


class Stream(Protocol):
    def start(self, write: Callable[[bytes], None], end: Callable[[], None]) -> None: ...

    def stop(self) -> None: ...


Handler = Callable[[Request], Answer | Stream]


class Connection(asyncio.Protocol):
    """`open_`: the connections there are, so that somebody can cut them."""

    def __init__(self, handle: Handler, open_: set["Connection"]) -> None:
        self._handle = handle
        self._open = open_
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._stream: Stream | None = None
        self._url, self._headers, self._body = b"", dict[str, str](), list[bytes]()

    def cut(self) -> None:
        self._transport.abort()

    # --- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._transport.set_write_buffer_limits(high=_SLOW)
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self)
        if self._stream is not None:
            self._stream.stop()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def pause_writing(self) -> None:
        if self._stream is not None:
            self.cut()

    # --- what the parser calls

    def on_message_begin(self) -> None:
        self._url, self._headers, self._body = b"", {}, []

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if self._headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        path, _, query = self._url.decode("latin-1").partition("?")
        method = self._parser.get_method().decode()
        body = b"".join(self._body)
        answer = self._handle(Request(method, unquote(path), dict(parse_qsl(query)), self._headers, body))
        if isinstance(answer, Answer):
            self._transport.write(_whole(answer))
            if not self._parser.should_keep_alive():
                self._transport.close()
        else:
            self._stream = answer
            self._transport.write(_HEAD_OF_STREAM)
            answer.start(self._chunk, self._end)

    def _chunk(self, data: bytes) -> None:
        self._transport.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _end(self) -> None:
        self._stream = None
        self._transport.write(b"0\r\n\r\n")


_HEAD_OF_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def _whole(answer: Answer) -> bytes:
    head = f"HTTP/1.1 {answer.code} {_PHRASES.get(answer.code, 'Unknown')}\r\nContent-Type: {answer.media_type}\r\n"
    return f"{head}Content-Length: {len(answer.body)}\r\n\r\n".encode() + answer.body
