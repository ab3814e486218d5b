"""What an agent may say, said so as to get at what it may not: other bodies, and answers sent elsewhere.

`a` is the attacker, with an agent's real credentials against the real server. Tests called `known` show what the server
does let happen, and name the defence.
"""

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any

import nats
import orjson
import pytest
from nats.aio.client import Client

from flotilla_common.bus import Bus, BusSettings, Feed, connect
from flotilla_common.subjects import (
    AGENT_API,
    ANY,
    DERIVED,
    JS_API,
    OBJECTS,
    STATUS,
    WORKS,
    consumer_call,
    control,
    create_call,
    heartbeat,
    stream_call,
)
from flotilla_hub.broker import streams
from tests import nats as servers
from tests.realm import A_REPORT, A_WORK, B_REPORT, B_WORK, NAME, OBJECT, OTHER_NAME, OTHERS, OWN, Realm, stored

DELETE_OBJECTS = stream_call("DELETE", OBJECTS)

# Calls it may make, with a body that asks for more.

BODIES = [
    pytest.param({"filter_subject": OTHERS}, id="the-works-of-another"),
    pytest.param({"filter_subject": WORKS.subjects}, id="the-works-of-all"),
    pytest.param({"filter_subjects": [OWN, OTHERS]}, id="a-list-with-the-works-of-another"),
    pytest.param({"filter_subjects": [OTHERS]}, id="a-list-of-nothing-else"),
    pytest.param({"filter_subject": OWN, "filter_subjects": [OTHERS]}, id="both"),
    pytest.param({}, id="no-filter"),
    pytest.param({"filter_subject": OWN, "durable_name": OTHER_NAME}, id="the-durable-name-of-another"),
]


@pytest.mark.parametrize("config", BODIES)
async def test_a_consumer_of_more_than_its_own_is_refused(realm: Realm, config: dict[str, Any]) -> None:
    guest = await realm.guest("a")
    assert "error" in await _create(guest.client, config)
    assert (await realm.hub.request(stream_call("INFO", WORKS)))["state"]["consumer_count"] == 0


async def test_a_consumer_by_the_name_of_another_in_the_body_is_its_own_all_the_same(realm: Realm) -> None:
    guest = await realm.guest("a")
    answer = await _create(guest.client, {"filter_subject": OWN, "name": OTHER_NAME})
    assert (answer["name"], answer["config"]["filter_subject"]) == (NAME, OWN)


async def test_a_consumer_on_another_stream_is_refused(realm: Realm) -> None:
    guest = await realm.guest("a")
    assert "error" in await _create(guest.client, {"filter_subject": OWN}, stream=OBJECTS.name)


# Where it may send the server's answers: any client may name any subject for that, whatever its permissions.

ELSEWHERE = [
    pytest.param(DELETE_OBJECTS, id="the-call-that-deletes-the-objects"),
    pytest.param(stream_call("PURGE", STATUS), id="the-call-that-empties-the-reports"),
    pytest.param(str(B_REPORT), id="the-report-of-another"),
    pytest.param(heartbeat("b"), id="the-heartbeat-of-another"),
    pytest.param(consumer_call("DELETE", WORKS, OTHER_NAME, api=AGENT_API), id="the-catch-up-of-another"),
    pytest.param(WORKS.live.replace(">", "b.web"), id="the-live-works-of-another"),
    pytest.param(control("b", "resync"), id="the-control-of-another"),
]


@pytest.mark.parametrize("target", ELSEWHERE)
async def test_an_answer_sent_elsewhere_does_no_harm(realm: Realm, target: str) -> None:
    guest, victim = await realm.guest("a"), await realm.agent("b")
    heard = await _hears_nothing(realm.hub)
    await _create(guest.client, {"filter_subject": OWN})
    async with aclosing(Feed(victim, WORKS, "b", consumer=OTHER_NAME).batches()) as batches:
        await anext(batches)
        assert await anext(batches) == []
        for _ in range(2):  # the second pull is answered by a bare status line: an empty body
            await _pull(guest.client, target)
        await guest.client.publish(str(A_REPORT), b"mine", reply=target)
        await guest.client.flush()
        await _harmless(realm.hub)
        after = await realm.hub.publish(str(B_WORK), b"newer")
        assert [(e.revision, e.data) for e in await anext(batches)] == [(after, b"newer")]
    assert heard == []


@pytest.mark.parametrize("target", ELSEWHERE)
async def test_a_push_consumer_aimed_elsewhere_does_no_harm(realm: Realm, target: str) -> None:
    guest, victim = await realm.guest("a"), await realm.agent("b")
    heard = await _hears_nothing(realm.hub)
    async with aclosing(Feed(victim, WORKS, "b", consumer=OTHER_NAME).batches()) as batches:
        await anext(batches)
        assert await anext(batches) == []
        await _create(guest.client, {"filter_subject": OWN, "deliver_subject": target, "idle_heartbeat": 10**8})
        await realm.hub.publish(str(A_WORK), b"newer")
        await _harmless(realm.hub)
        after = await realm.hub.publish(str(B_WORK), b"newer")
        assert [(e.revision, e.data) for e in await anext(batches)] == [(after, b"newer")]
    assert heard == []


async def test_known_a_push_consumer_reaches_a_literal_subscription_of_the_hub(realm: Realm) -> None:
    """The server delivers a push consumer to a subject somebody subscribes to literally, whoever made the consumer.

    So the hub subscribes to what agents say by wildcard, and believes no message whose envelope names another cluster.
    """
    guest, heard = await realm.guest("a"), asyncio.Queue[bytes]()
    await realm.hub.subscribe(heartbeat("b"), lambda message: heard.put_nowait(message.data))
    await realm.hub.flush()
    await _create(guest.client, {"filter_subject": OWN, "deliver_subject": heartbeat("b")})
    assert await _next(heard) == f"true {A_WORK}".encode()


ONE_ACCOUNT = f"""
accounts {{ ONE {{ jetstream: enabled, users: [
  {{ user: hub, password: x }}
  {{ user: a, password: x, permissions: {{
    publish: ["{consumer_call("MSG.NEXT", WORKS, NAME)}"], subscribe: ["_INBOX_a.>"]
  }} }}
] }} }}
"""


async def test_known_in_one_account_an_answer_deletes_the_hubs_objects(tmp_path: Path) -> None:
    """Why agents have an account of their own: here one has a single permission, to pull its own Works."""
    with servers.running(tmp_path, ONE_ACCOUNT) as server:
        url = f"{servers.HOST}:{server.port}"
        async with connect(BusSettings(f"nats://hub:x@{url}"), name="hub") as hub:
            await streams.ensure(hub)
            await hub.publish(OBJECT, b"an object")
            body = {"stream_name": WORKS.name, "config": {"name": NAME, "filter_subject": OWN, "ack_policy": "none"}}
            await hub.request(create_call(WORKS, NAME, OWN), orjson.dumps(body))
            async with await nats.connect(f"nats://a:x@{url}") as guest:
                await _pull(guest, DELETE_OBJECTS, api=JS_API)
                await guest.flush()
            names = await _until(hub, lambda names: OBJECTS.name not in names)
    assert names == [DERIVED.name, STATUS.name, WORKS.name]


async def _create(client: Client, config: dict[str, Any], stream: str = WORKS.name) -> dict[str, Any]:
    body = {"stream_name": stream, "config": {"name": NAME, "ack_policy": "none", "deliver_policy": "all", **config}}
    answer = await client.request(create_call(WORKS, NAME, OWN, api=AGENT_API), orjson.dumps(body), timeout=5)
    answered: dict[str, Any] = orjson.loads(answer.data)
    return answered


async def _pull(client: Client, reply: str, api: str = AGENT_API) -> None:
    await client.publish(consumer_call("MSG.NEXT", WORKS, NAME, api=api), b'{"batch":10,"no_wait":true}', reply=reply)


async def _hears_nothing(hub: Bus) -> list[str]:
    """What reaches the hub of that which only `b` may say; it subscribes as the hub does."""
    heard: list[str] = []
    await hub.subscribe(heartbeat(ANY), lambda message: heard.append(message.subject))
    await hub.subscribe(control("b"), lambda message: heard.append(message.subject))
    await hub.flush()
    return heard


async def _harmless(hub: Bus) -> None:
    """Everything `b` said and the hub keeps is as it was."""
    assert await stored(hub, str(B_REPORT), STATUS) == (2, f"true {B_REPORT}".encode())
    assert await stored(hub, OBJECT, OBJECTS) == (1, b"an object")


async def _next(queue: "asyncio.Queue[bytes]") -> bytes:
    async with asyncio.timeout(5):
        return await queue.get()


async def _until(hub: Bus, done: Any) -> list[str]:
    async with asyncio.timeout(5):
        while True:
            names = sorted((await hub.request(f"{JS_API}.STREAM.NAMES"))["streams"])
            if done(names):
                return names
