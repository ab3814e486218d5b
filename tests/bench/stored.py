"""Objects put into the store of a hub that does not run, as its API would have stored them."""

from collections.abc import Iterable

from flotilla_common.bus import BusSettings, connect
from flotilla_common.objects import Obj, gvk_of, name_of, namespace_of
from flotilla_common.subjects import OBJECTS
from flotilla_hub.broker.server import BrokerSettings, embedded
from flotilla_hub.resources.registry import Registry
from flotilla_hub.store.jetstream import JetStreamStore
from flotilla_hub.store.objects import body_of
from flotilla_hub.store.port import Key

from .yard import Yard

__all__ = ["store"]


async def store(made: Yard, objects: Iterable[Obj]) -> dict[str, int]:
    """Returns the last sequence of each stream after that."""
    registry = Registry()
    async with (
        embedded(BrokerSettings(made.data / "nats")) as broker,
        connect(BusSettings(broker.url, str(broker.credentials)), name="bench") as bus,
    ):
        target = JetStreamStore(bus, OBJECTS, "bench")
        for obj in objects:
            row = registry.of_kind(gvk_of(obj))
            assert row is not None, obj["kind"]
            await target.write(Key(row.key, namespace_of(obj), name_of(obj)), body_of(obj), 0)
        return await made.sequences_by(bus)
