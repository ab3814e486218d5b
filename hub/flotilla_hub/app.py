"""The hub, put together: the one file that names the concrete store, bus, API server and children, and starts them."""

import asyncio
import logging
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from flotilla_common.bus import Bus, BusSettings, connect
from flotilla_common.errors import Conflict, Terminal
from flotilla_common.runtime.stopping import until_stopped
from flotilla_common.runtime.supervise import Child, Supervised
from flotilla_common.subjects import DERIVED, OBJECTS

from . import answering, garbage
from .addresses import parse_address
from .admission.namespace import BOOTSTRAP_NAMESPACES
from .admission.own_namespaces import fresh_namespace
from .api.app import build_app
from .api.call import Deps, User
from .broker import credentials, streams
from .broker.server import Broker, BrokerSettings, embedded
from .controllers.controller import Hub, new_id
from .controllers.lenses import Lenses
from .controllers.manager import Manager
from .dispatch.storage import WORKS_RESOURCE, WorksStorage
from .dispatch.works import Works
from .listener import Listener, listening
from .patience import patiently
from .registration import Registrar, routes
from .resources.registry import Registry
from .settings import HubSettings
from .store.jetstream import JetStreamStore
from .store.objects import Objects
from .store.port import Key

__all__ = ["Running", "hub", "serve"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Running:
    """A hub that answers."""

    url: str
    nats_url: str
    kubeconfig: Path


async def serve(settings: HubSettings) -> None:
    """Run until SIGTERM or Ctrl-C, also while it still waits for its NATS, then stop in order."""
    await until_stopped(_serve(settings))


async def _serve(settings: HubSettings) -> None:
    async with hub(settings) as running:
        garbage.spare_what_is_loaded()
        log.info("hub is ready", extra={"url": running.url, "kubeconfig": str(running.kubeconfig)})
        await asyncio.Event().wait()


@asynccontextmanager
async def hub(settings: HubSettings) -> AsyncIterator[Running]:
    """Everything up on entry, everything down on exit. Raises Terminal when a part cannot be started."""
    data = _home(settings)
    reader = f"hub-{secrets.token_hex(4)}"
    async with AsyncExitStack() as stack:
        broker = None if settings.nats else await stack.enter_async_context(embedded(_broker(settings, data)))
        bus = await stack.enter_async_context(connect(_bus(settings, broker), name=reader))
        await patiently(lambda: streams.ensure(bus, replicas=settings.replicas))
        objects, works, registry = await _state(bus, reader)
        if vain := settings.rules().features.without_effect:
            log.warning("feature gates have no effect in this hub", extra={"gates": list(vain)})
        surroundings = Hub(objects, Lenses(objects), works, registry, timestamp, rules=settings.rules())
        manager = Manager(surroundings, bus, grace=settings.grace, reader=reader)
        nats_url = settings.nats_advertise or settings.nats or (broker.url if broker else "")
        listener = Listener.prepare(data, settings.listen, settings.advertise)
        registrar = Registrar(objects, _issue(broker), [nats_url], "", listener.ca_pem, timestamp, new_id)
        deps = Deps(
            objects=objects,
            registry=registry,
            tokens={listener.admin_token: User("flotilla-admin", ("system:masters",))},
            now=timestamp,
            storages={WORKS_RESOURCE: WorksStorage(works, timestamp)},
            extra_routes=routes(registrar),
            guarded_routes=answering.routes(answering.Answering(surroundings)),
        )
        app = build_app(deps)
        await stack.enter_async_context(_running(bus.until_closed(), objects.run(), manager.run()))
        await patiently(lambda: _bootstrap(objects))
        # A list of Works before that would show none of what their agents have said.
        await manager.caught_up.wait()
        await stack.enter_async_context(listening(app, listener))
        stack.callback(objects.end_watches)
        if settings.remote:
            await stack.enter_async_context(Supervised(_remote(settings, data, broker, nats_url, listener.kubeconfig)))
        yield Running(listener.url, nats_url, listener.kubeconfig)


def _home(settings: HubSettings) -> Path:
    data = Path(settings.data_dir).expanduser()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return data


async def _state(bus: Bus, reader: str) -> tuple[Objects, Works, Registry]:
    """What the hub knows, read from NATS."""
    stores = {
        "objects": JetStreamStore(bus, OBJECTS, f"{reader}-objects"),
        "derived": JetStreamStore(bus, DERIVED, f"{reader}-derived", volatile=True),
    }
    objects, works, registry = Objects(stores), Works(bus, reader), Registry()
    await patiently(objects.load)
    await patiently(works.load)
    registry.follow(objects)
    return objects, works, registry


async def _bootstrap(objects: Objects) -> None:
    """The namespaces every cluster has."""
    for name in BOOTSTRAP_NAMESPACES:
        with suppress(Conflict):
            await objects.create(Key("namespaces", "", name), fresh_namespace(name, timestamp(), new_id()))


@asynccontextmanager
async def _running(*loops: Awaitable[None]) -> AsyncIterator[None]:
    """The loops run while the body does; one that fails takes the body, and so the hub, down with it."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_as_coroutine(loop)) for loop in loops]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def _as_coroutine(loop: Awaitable[None]) -> None:
    await loop


def timestamp() -> str:
    """Now as Kubernetes writes it."""
    return _written(int(time.time()))


@lru_cache(maxsize=1)
def _written(second: int) -> str:
    """Every decision is dated; thousands fall into one second."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _broker(settings: HubSettings, data: Path) -> BrokerSettings:
    host, port = parse_address(settings.nats_listen, "--nats-listen")
    return BrokerSettings(data / "nats", host=host, port=port)


def _bus(settings: HubSettings, broker: Broker | None) -> BusSettings:
    if broker is not None:
        # Our own server is beside us: come back at once when it does.
        return BusSettings(broker.url, str(broker.credentials), reconnect_first=0.05, reconnect_most=0.5)
    return BusSettings(settings.nats, settings.nats_credentials)


def _issue(broker: Broker | None) -> Callable[[str, str], str]:
    """What makes an agent's NATS token from its cluster and public key."""

    def issue(cluster: str, public_key: str) -> str:
        if broker is None:
            raise Terminal(
                f"this hub cannot make NATS credentials for cluster {cluster}: its NATS server was given by --nats and "
                "its keys are not here; make a user for the agent there and hand its credentials file over yourself"
            )
        return credentials.agent_token(broker.keys, cluster, public_key, now=int(time.time()))

    return issue


def _remote(settings: HubSettings, data: Path, broker: Broker | None, nats_url: str, kubeconfig: Path) -> Child:
    """The agent of all Push clusters, as a process of its own: hub and agents share no code that runs."""
    home = data / "remote"
    home.mkdir(mode=0o700, exist_ok=True)
    argv = [sys.executable, "-m", "flotilla_common.main", "agent", "remote"]
    argv += ["--hub-kubeconfig", str(kubeconfig), "--nats-urls", broker.url if broker else nats_url]
    argv += ["--data-dir", str(home), "--heartbeat", str(settings.remote_heartbeat), "--log-level", settings.log_level]
    if broker is not None:
        creds = home / "remote.creds"
        creds.touch(mode=0o600)
        creds.write_text(credentials.remote(broker.keys, now=int(time.time())))
        argv += ["--credentials", str(creds)]
    elif settings.nats_credentials:
        argv += ["--credentials", settings.nats_credentials]
    return Child("agent-remote", argv, home / "remote.log")
