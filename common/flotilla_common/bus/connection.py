"""One NATS connection: the client's options set for an edge, publishes with an acknowledgement, errors in our words.

The client's defaults give up for good after 60 tries, wait without jitter and notice a dead peer after four minutes;
`docs/adr/0004-nats.md` says which of them we change and why.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import nats
import nats.errors
import orjson
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from ..errors import TooLarge, Unavailable
from ..subjects import JS_API, Stream, direct_get_call
from .client import QuickClient
from .refusals import in_our_words, words_of
from .trouble import Trouble, jittered

__all__ = ["EXPECTED", "Bus", "BusSettings", "connect"]

log = logging.getLogger(__name__)

EXPECTED = "Nats-Expected-Last-Subject-Sequence"
"""The header with the sequence a message must replace, 0 for none."""


@dataclass(frozen=True)
class BusSettings:
    """How to reach the server; times in seconds."""

    url: str
    """One or more server URLs, separated by commas."""
    credentials: str = ""
    """Path of a credentials file; empty for a server without authentication."""
    inbox: str = "_INBOX"
    """Prefix of reply subjects. Each agent has its own, so that permissions can name it."""
    api: str = JS_API
    """Where JetStream's calls are reached: agents have an account of their own and see only some, under `AGENT_API`."""
    connect_timeout: int = 15
    """A TLS handshake over a slow uplink takes seconds."""
    ping_every: int = 20
    """Under the 30 s at which the stingiest load balancers drop idle connections; two lost pings mean a dead peer."""
    reconnect_first: float = 0.1
    reconnect_most: float = 8.0
    """Full jitter between the two, doubling: a thousand agents must not come back in the same instant."""
    request_timeout: float = 5.0
    pending_bytes: int = 8 * 1024 * 1024
    """What may wait in memory while the connection is down; beyond it publishes fail at once."""


class Bus:
    """Open one with `connect`."""

    def __init__(self, client: QuickClient, settings: BusSettings) -> None:
        self._client = client
        self._settings = settings
        self._listeners: list[Callable[[], None]] = []
        self._closed = asyncio.Event()

    @property
    def api(self) -> str:
        return self._settings.api

    @property
    def connected(self) -> bool:
        return bool(self._client.is_connected)

    @property
    def max_payload(self) -> int:
        """Bytes of the largest message the server takes, headers included."""
        return int(self._client.max_payload)

    def on_reconnect(self, listener: Callable[[], None]) -> Callable[[], None]:
        """`listener` is called after each reconnect, and must only note it and return. Call the answer to end that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def reconnected(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def closed(self) -> None:
        self._closed.set()

    async def until_closed(self) -> None:
        """Raises Unavailable when the client has given up for good, as when the server revoked our credentials.

        Whoever lives by this connection runs it beside all else, and so goes down and is started again.
        """
        await self._closed.wait()
        raise Unavailable(f"NATS at {self._settings.url} closed the connection for good; the log says why")

    def inbox(self) -> str:
        return str(self._client.new_inbox())

    async def say(
        self, subject: str, data: bytes, *, reply: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Send without an acknowledgement: for heartbeats, whose loss the next one repairs."""
        try:
            await self._client.publish(subject, data, reply=reply, headers=dict(headers or {}) or None)
        except nats.errors.Error as err:
            raise Unavailable(f"cannot send on {subject}: {words_of(err)}") from err

    async def publish(
        self, subject: str, data: bytes, *, expected: int | None = None, headers: Mapping[str, str] | None = None
    ) -> int:
        """Store one message and return its sequence. `expected`: the sequence it must replace, 0 for none.

        Raises Conflict when another write came first, TooLarge, and Unavailable when it is not known whether it was
        stored.
        """
        sent = dict(headers or {})
        if expected is not None:
            sent[EXPECTED] = str(expected)
        answer = await self.request(subject, data, headers=sent)
        return int(answer["seq"])

    async def request(
        self, subject: str, data: bytes = b"", *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """A JetStream call: its JSON answer, or its error in our words."""
        answer: dict[str, Any] = orjson.loads((await self._ask(subject, data, headers)).data)
        if "error" in answer:
            raise in_our_words(subject, answer["error"])
        return answer

    async def last(self, stream: Stream, subject: str) -> Msg | None:
        """The message stored under `subject`, its sequence in the header `Nats-Sequence`; None when there is none."""
        message = await self._ask(direct_get_call(stream, subject))
        headers = message.headers or {}
        if "Nats-Sequence" in headers:
            return message
        if headers.get("Status") != "404":
            raise Unavailable(f"cannot read {subject} from NATS: {headers.get('Description', 'an unknown answer')}")
        return None

    async def _ask(self, subject: str, data: bytes = b"", headers: Mapping[str, str] | None = None) -> Msg:
        timeout = self._settings.request_timeout
        try:
            answer = await self._client.request(subject, data, timeout=timeout, headers=dict(headers or {}) or None)
        except nats.errors.MaxPayloadError as err:
            raise TooLarge(
                f"{subject} cannot be sent: it takes {len(data)} bytes and NATS takes messages of {self.max_payload}; "
                "make the object smaller, or raise max_payload on the NATS server"
            ) from err
        except (nats.errors.Error, TimeoutError) as err:
            raise Unavailable(f"no answer from NATS on {subject}: {words_of(err)}") from err
        _raise_if_cancelled()
        return answer

    @asynccontextmanager
    async def listening(self, subject: str, callback: Callable[[Msg], None]) -> AsyncIterator[None]:
        """Subscribed while the body runs; see `subscribe`."""
        subscription = await self.subscribe(subject, callback)
        try:
            yield
        finally:
            # Also while the connection is away: the client would subscribe again when it is back.
            with suppress(nats.errors.Error):
                await subscription.unsubscribe()

    async def subscribe(self, subject: str, callback: Callable[[Msg], None]) -> Subscription:
        """`callback` runs for each message, in order; it must only note it and return."""

        async def deliver(message: Msg) -> None:
            callback(message)

        try:
            return await self._client.subscribe(subject, cb=deliver, pending_msgs_limit=-1, pending_bytes_limit=-1)
        except nats.errors.Error as err:
            raise Unavailable(f"cannot subscribe to {subject}: {words_of(err)}") from err

    async def flush(self) -> None:
        """Return when the server has seen everything sent so far."""
        try:
            # The client's PING overtakes what waits in its buffer; by the time it is answered, that is on its way.
            for _ in range(2):
                await self._client.flush(timeout=int(self._settings.request_timeout))
        except (nats.errors.Error, TimeoutError) as err:
            raise Unavailable(f"NATS does not answer: {words_of(err)}") from err
        _raise_if_cancelled()


@asynccontextmanager
async def connect(settings: BusSettings, *, name: str) -> AsyncIterator[Bus]:
    """Connect, wait for the first connection for as long as it takes, and stay connected until left.

    `name` shows in the server's connection list.
    """
    bus: Bus | None = None

    trouble = Trouble(name)

    async def on_reconnected() -> None:
        log.info("NATS connection is back", extra={"connection": name})
        trouble.over()
        if bus is not None:
            bus.reconnected()

    async def on_disconnected() -> None:
        log.info("NATS connection lost", extra={"connection": name})

    async def on_closed() -> None:
        if bus is not None:
            bus.closed()

    client = QuickClient()
    await client.connect(
        servers=[url.strip() for url in settings.url.split(",")],
        name=name,
        user_credentials=settings.credentials or None,
        inbox_prefix=settings.inbox,
        allow_reconnect=True,
        max_reconnect_attempts=-1,
        connect_timeout=settings.connect_timeout,
        ping_interval=settings.ping_every,
        max_outstanding_pings=2,
        pending_size=settings.pending_bytes,
        reconnect_time_wait=settings.reconnect_first,  # type: ignore[arg-type]  # it only ever sleeps for it
        reconnect_to_server_handler=jittered(settings.reconnect_first, settings.reconnect_most),
        error_cb=trouble.note,
        reconnected_cb=on_reconnected,
        disconnected_cb=on_disconnected,
        closed_cb=on_closed,
    )
    bus = Bus(client, settings)
    try:
        yield bus
    finally:
        # Closing while a reconnect is under way has been seen to fail inside the client; we are leaving either way.
        with suppress(Exception):
            await asyncio.wait_for(client.close(), settings.request_timeout)


def _raise_if_cancelled() -> None:
    """Before Python 3.12 `asyncio.wait_for`, by which the client waits, swallows a cancellation that meets the answer.

    Without this a stop now and then hangs: the task goes on as if nobody had asked it to end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
