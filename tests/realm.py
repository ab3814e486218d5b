"""A hub's NATS as it is in production, with accounts and users, and clients that remember what they were refused."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import nats
from nats.aio.client import Client

from flotilla_common.bus import Bus, BusSettings, connect
from flotilla_common.subjects import (
    AGENT_API,
    OBJECTS,
    REMOTE,
    WORKS,
    StatusSubject,
    Stream,
    WorkSubject,
    agent_consumer,
    inbox,
)
from flotilla_hub.broker import credentials, streams
from flotilla_hub.broker.server import Broker, BrokerSettings, embedded

__all__ = [
    "A_REPORT",
    "A_WORK",
    "B_REPORT",
    "B_WORK",
    "NAME",
    "OBJECT",
    "OTHERS",
    "OTHER_NAME",
    "OWN",
    "Guest",
    "Realm",
    "furnish",
    "running",
    "stored",
]

# Two clusters with a Work and a report each; in the tests `a` is the attacker.
A_WORK, B_WORK = WorkSubject("a", "web"), WorkSubject("b", "web")
A_REPORT, B_REPORT = StatusSubject("a", "web"), StatusSubject("b", "web")
OBJECT = OBJECTS.subject("deployments.apps", "default", "web")
OWN, OTHERS = WORKS.filter("a"), WORKS.filter("b")
NAME, OTHER_NAME = agent_consumer("a"), agent_consumer("b")


class Guest:
    """A client that speaks plain NATS, as an attacker with stolen credentials would."""

    def __init__(self, client: Client, refusals: "asyncio.Queue[str]") -> None:
        self.client = client
        self._refusals = refusals

    async def refusal(self) -> str:
        """What the server says it refused, in lower case."""
        async with asyncio.timeout(5):
            return await self._refusals.get()


class Realm:
    """The server, the hub's own connection, and credentials for whoever asks."""

    def __init__(self, broker: Broker, hub: Bus, directory: Path, stack: AsyncExitStack) -> None:
        self.broker = broker
        self.hub = hub
        self._directory = directory
        self._stack = stack

    async def agent(self, cluster: str) -> Bus:
        """A connection as the agent of `cluster` has it."""
        path = self._credentials(cluster, credentials.agent(self.broker.keys, cluster, now=int(time.time())))
        settings = BusSettings(self.broker.url, credentials=str(path), inbox=inbox(cluster), api=AGENT_API)
        return await self._stack.enter_async_context(connect(settings, name=cluster))

    async def remote(self) -> Bus:
        """A connection as the agent of all Push clusters has it."""
        path = self._credentials(REMOTE, credentials.remote(self.broker.keys, now=int(time.time())))
        settings = BusSettings(self.broker.url, credentials=str(path), inbox=inbox(REMOTE), api=AGENT_API)
        return await self._stack.enter_async_context(connect(settings, name=REMOTE))

    async def guest(self, cluster: str) -> Guest:
        """The same user without our client around it."""
        path = self._credentials(cluster, credentials.agent(self.broker.keys, cluster, now=int(time.time())))
        refusals = asyncio.Queue[str]()

        async def note(err: Exception) -> None:
            refusals.put_nowait(str(err).lower())

        client = await nats.connect(
            self.broker.url, user_credentials=str(path), inbox_prefix=inbox(cluster), error_cb=note
        )
        self._stack.push_async_callback(client.close)
        return Guest(client, refusals)

    def _credentials(self, cluster: str, text: str) -> Path:
        path = self._directory / f"{cluster}.creds"
        path.write_text(text)
        return path


async def furnish(hub: Bus) -> None:
    for subject in (A_WORK, B_WORK, A_REPORT, B_REPORT):
        await hub.publish(str(subject), f"true {subject}".encode())
    await hub.publish(OBJECT, b"an object")


async def stored(hub: Bus, subject: str, stream: Stream) -> tuple[int, bytes]:
    """Revision and body of what the hub keeps under `subject`."""
    message = await hub.last(stream, subject)
    assert message is not None and message.headers is not None
    return int(message.headers["Nats-Sequence"]), message.data


@asynccontextmanager
async def running(directory: Path) -> AsyncIterator[Realm]:
    """An embedded server with our streams, and in them what the two clusters and the hub said."""
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(embedded(BrokerSettings(directory / "broker")))
        settings = BusSettings(broker.url, credentials=str(broker.credentials))
        hub = await stack.enter_async_context(connect(settings, name="hub"))
        async with asyncio.timeout(10):
            await streams.ensure(hub)
            await furnish(hub)
        yield Realm(broker, hub, directory, stack)
