"""No write of a binding goes beyond its namespace's quota, however many are under way at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from flotilla_common.objects import Obj
from flotilla_hub.controllers.quota_ledger import QUOTAS, QuotaLedger
from flotilla_hub.features import Features
from flotilla_hub.quota.limits import QuotaExceeded
from flotilla_hub.store.memory import MemoryStore
from flotilla_hub.store.objects import Objects
from flotilla_hub.store.port import Key

BINDINGS = "resourcebindings.work.karmada.io"


def key(name: str) -> Key:
    return Key(BINDINGS, "team", name)


def binding(name: str, replicas: int, cpu: str = "1") -> Obj:
    return {
        "metadata": {"name": name, "namespace": "team"},
        "spec": {
            "replicaRequirements": {"resourceRequest": {"cpu": cpu}},
            "clusters": [{"name": "m1", "replicas": replicas}],
        },
    }


@pytest_asyncio.fixture
async def objects() -> AsyncIterator[Objects]:
    """A namespace with a quota of ten cores, of which a binding uses four."""
    objects = Objects({"objects": MemoryStore(), "derived": MemoryStore()})
    await objects.load()
    feed = asyncio.create_task(objects.run())
    quota = {"metadata": {"name": "q", "namespace": "team"}, "spec": {"overall": {"cpu": "10"}}}
    await objects.create(Key(QUOTAS, "team", "q"), quota)
    await objects.create(key("old"), binding("old", 4))
    yield objects
    feed.cancel()
    await asyncio.wait([feed])


@pytest.fixture
def ledger(objects: Objects) -> QuotaLedger:
    ledger = QuotaLedger(objects, Features())
    objects.guard(BINDINGS, ledger.charging)
    return ledger


async def test_what_is_there_at_the_start_is_charged(ledger: QuotaLedger) -> None:
    assert ledger.of_namespace("team") == {"cpu": 4}


async def test_what_is_too_much_is_refused_and_leaves_nothing_behind(objects: Objects, ledger: QuotaLedger) -> None:
    with pytest.raises(QuotaExceeded, match="requested sum 11, limit 10"):
        await objects.create(key("new"), binding("new", 7))
    assert objects.get(key("new")) is None
    assert ledger.of_namespace("team") == {"cpu": 4}


async def test_of_two_at_once_only_one_gets_the_last_cores(objects: Objects, ledger: QuotaLedger) -> None:
    writes = (objects.create(key(name), binding(name, 4)) for name in ("one", "two"))
    ended = await asyncio.gather(*writes, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ended) == ["QuotaExceeded", "dict"]
    assert ledger.of_namespace("team") == {"cpu": 8}


async def test_what_is_given_back_can_be_used_again(objects: Objects, ledger: QuotaLedger) -> None:
    await objects.update(key("old"), binding("old", 2))
    await objects.create(key("new"), binding("new", 8))
    assert ledger.of_namespace("team") == {"cpu": 10}
    await objects.delete(key("old"))
    assert ledger.of_namespace("team") == {"cpu": 8}


async def test_a_larger_request_of_what_already_runs_counts_too(objects: Objects, ledger: QuotaLedger) -> None:
    with pytest.raises(QuotaExceeded, match="requested sum 12, limit 10"):
        await objects.update(key("old"), binding("old", 4, cpu="3"))
    assert ledger.of_namespace("team") == {"cpu": 4}


async def test_other_namespaces_are_free(objects: Objects, ledger: QuotaLedger) -> None:
    await objects.create(Key(BINDINGS, "other", "big"), binding("big", 100))
    assert ledger.of_namespace("team") == {"cpu": 4}
