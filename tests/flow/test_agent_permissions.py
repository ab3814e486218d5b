"""An agent reaches its own subjects and nothing else, by the server's hand: tried with an agent's real credentials.

Two clusters, `a` and `b`, each with a Work and a report. `a` is the attacker and speaks plain NATS.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import nats
import orjson
import pytest
from nats.aio.client import Client

from flotilla_common.bus import Bus, BusSettings, Feed, connect, read_all
from flotilla_common.subjects import (
    AGENT_API,
    CLUSTER_REPORT,
    DERIVED,
    JS_API,
    OBJECTS,
    STATUS,
    WORKS,
    StatusSubject,
    WorkSubject,
    agent_consumer,
    consumer_call,
    control,
    create_call,
    direct_get_call,
    heartbeat,
    inbox,
    stream_call,
)
from flotilla_hub.broker import streams
from tests import nats as servers
from tests.realm import Realm, running

A_WORK, B_WORK = WorkSubject("a", "web"), WorkSubject("b", "web")
A_REPORT, B_REPORT = StatusSubject("a", "web"), StatusSubject("b", "web")
OBJECT = OBJECTS.subject("deployments.apps", "default", "web")
OWN, OTHERS = WORKS.filter("a"), WORKS.filter("b")
NAME, OTHER_NAME = agent_consumer("a"), agent_consumer("b")
DELETE_OBJECTS = stream_call("DELETE", OBJECTS)


@pytest.fixture
async def realm(tmp_path: Path) -> AsyncIterator[Realm]:
    async with running(tmp_path) as realm:
        await _furnish(realm.hub)
        yield realm


async def _furnish(hub: Bus) -> None:
    for subject in (A_WORK, B_WORK, A_REPORT, B_REPORT):
        await hub.publish(str(subject), f"true {subject}".encode())
    await hub.publish(OBJECT, b"an object")


# What an agent is for.


async def test_an_agent_catches_up_on_its_own_works(realm: Realm) -> None:
    agent = await realm.agent("a")
    batches = [batch async for batch in read_all(agent, WORKS, "a", consumer=NAME)]
    assert [[(e.subject, e.data) for e in batch] for batch in batches] == [[(str(A_WORK), f"true {A_WORK}".encode())]]


async def test_a_catch_up_of_many_batches_arrives_whole(realm: Realm) -> None:
    for number in range(1200):
        await realm.hub.say(str(WorkSubject("a", f"w{number}")), b"x")
    await realm.hub.publish(str(WorkSubject("a", "last")), b"x")
    agent = await realm.agent("a")
    assert sum([len(batch) async for batch in read_all(agent, WORKS, "a", consumer=NAME)]) == 1202


async def test_an_agent_hears_its_works_live(realm: Realm) -> None:
    agent = await realm.agent("a")
    async with aclosing(Feed(agent, WORKS, "a", consumer=NAME).batches()) as batches:
        await anext(batches)
        assert await anext(batches) == []
        sent = await realm.hub.publish(str(A_WORK), b"newer")
        assert [(e.revision, e.data) for e in await anext(batches)] == [(sent, b"newer")]


@pytest.mark.parametrize(
    "subject",
    [pytest.param(A_REPORT, id="of-a-work"), pytest.param(StatusSubject("a", CLUSTER_REPORT), id="of-the-cluster")],
)
async def test_an_agents_report_is_stored_and_acknowledged(realm: Realm, subject: StatusSubject) -> None:
    agent = await realm.agent("a")
    revision = await agent.publish(str(subject), b"newer")
    assert await _stored(realm.hub, str(subject)) == (revision, b"newer")


async def test_an_agents_heartbeat_reaches_the_hub_and_the_hubs_word_the_agent(realm: Realm) -> None:
    agent, heard = await realm.agent("a"), asyncio.Queue[bytes]()
    await realm.hub.subscribe(heartbeat("a"), lambda message: heard.put_nowait(message.data))
    await agent.subscribe(control("a"), lambda message: heard.put_nowait(message.data))
    await realm.hub.flush()
    await agent.flush()
    await agent.say(heartbeat("a"), b"I live")
    assert await _next(heard) == b"I live"
    await realm.hub.say(control("a", "catch-up"), b"look again")
    assert await _next(heard) == b"look again"


# What it may not even say.

SAYING = [
    pytest.param(str(B_WORK), id="works-of-another"),
    pytest.param(str(A_WORK), id="works-of-its-own"),
    pytest.param(WORKS.live.replace(">", "b.web"), id="live-works-of-another"),
    pytest.param(WORKS.live.replace(">", "a.web"), id="live-works-of-its-own"),
    pytest.param(str(B_REPORT), id="reports-of-another"),
    pytest.param(str(StatusSubject("b", CLUSTER_REPORT)), id="cluster-report-of-another"),
    pytest.param(heartbeat("b"), id="heartbeat-of-another"),
    pytest.param(control("b", "catch-up"), id="control-of-another"),
    pytest.param(control("a", "catch-up"), id="control-of-its-own"),
    pytest.param(f"{inbox('b')}.x", id="inbox-of-another"),
    pytest.param("_INBOX.x", id="inbox-of-the-hub"),
    pytest.param(OBJECT, id="objects"),
    pytest.param(DERIVED.subject("x"), id="derived-objects"),
    pytest.param("$SYS.REQ.SERVER.PING", id="server-ping"),
    pytest.param("$SYS.REQ.ACCOUNT.PING.CONNZ", id="connection-list"),
    pytest.param("$JS.FC.FLOTILLA_WORKS.x", id="flow-control"),
    pytest.param(f"$JS.ACK.{WORKS.name}.{OTHER_NAME}.1.1.1.1.0", id="acknowledgement-for-another"),
]
CALLS = [
    *(
        stream_call(verb, stream)
        for verb in ("INFO", "PURGE", "DELETE", "UPDATE", "MSG.GET")
        for stream in (WORKS, OBJECTS)
    ),
    f"{JS_API}.STREAM.NAMES",
    f"{JS_API}.STREAM.LIST",
    f"{JS_API}.INFO",
    stream_call("CREATE", STATUS),
    stream_call("SNAPSHOT", OBJECTS),
    stream_call("MSG.DELETE", STATUS),
    direct_get_call(WORKS, str(A_WORK)),
    direct_get_call(WORKS, str(B_WORK)),
    f"{JS_API}.DIRECT.GET.{WORKS.name}",
    f"{JS_API}.CONSUMER.CREATE.{WORKS.name}",
    f"{JS_API}.CONSUMER.CREATE.{WORKS.name}.{NAME}",
    f"{JS_API}.CONSUMER.DURABLE.CREATE.{WORKS.name}.{NAME}",
    f"{JS_API}.CONSUMER.NAMES.{WORKS.name}",
    f"{JS_API}.CONSUMER.LIST.{WORKS.name}",
    create_call(WORKS, NAME, OTHERS),
    create_call(WORKS, NAME, WORKS.subjects),
    create_call(WORKS, NAME, ">"),
    create_call(WORKS, OTHER_NAME, OWN),
    create_call(STATUS, NAME, STATUS.filter("a")),
    create_call(OBJECTS, NAME, OBJECTS.subjects),
    create_call(OBJECTS, NAME, OWN),
    *(consumer_call(verb, WORKS, OTHER_NAME) for verb in ("MSG.NEXT", "INFO", "DELETE")),
    *(consumer_call(verb, OBJECTS, NAME) for verb in ("MSG.NEXT", "INFO", "DELETE")),
]
HERE = [pytest.param(call, id=call.replace(JS_API, "hub")) for call in CALLS]
THERE = [pytest.param(call.replace(JS_API, AGENT_API), id=call.replace(JS_API, "agents")) for call in CALLS]


@pytest.mark.parametrize("subject", [*SAYING, *HERE, *THERE])
async def test_an_agent_cannot_say(realm: Realm, subject: str) -> None:
    guest = await realm.guest("a")
    await guest.client.publish(subject, b"", reply=guest.client.new_inbox())
    assert await guest.refusal() == _violation("publish to", subject)


HEARING = [
    pytest.param(WORKS.live_filter("b"), id="live-works-of-another"),
    pytest.param(WORKS.live, id="live-works-of-all"),
    pytest.param(OWN, id="works-as-they-are-stored"),
    pytest.param(OTHERS, id="works-of-another-as-they-are-stored"),
    pytest.param(STATUS.filter("b"), id="reports-of-another"),
    pytest.param(STATUS.live, id="live-reports"),
    pytest.param(heartbeat("b"), id="heartbeat-of-another"),
    pytest.param(control("b"), id="control-of-another"),
    pytest.param(OBJECTS.live, id="live-objects"),
    pytest.param(DERIVED.live, id="live-derived-objects"),
    pytest.param(OBJECTS.subjects, id="objects"),
    pytest.param(f"{inbox('b')}.>", id="inbox-of-another"),
    pytest.param("_INBOX.>", id="inbox-of-the-hub"),
    pytest.param("*.>", id="everything-of-two-tokens-or-more"),
    pytest.param(f"{AGENT_API}.>", id="calls-of-all-agents"),
    pytest.param(f"{JS_API}.>", id="jetstream-calls"),
    pytest.param("$JS.>", id="jetstream"),
    pytest.param("$SYS.>", id="system"),
    pytest.param(">", id="everything"),
]


@pytest.mark.parametrize("subject", HEARING)
async def test_an_agent_cannot_hear(realm: Realm, subject: str) -> None:
    guest = await realm.guest("a")
    await guest.client.subscribe(subject)
    assert await guest.refusal() == _violation("subscription to", subject)


# What it may call, with a body that asks for more.

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
    pytest.param(control("b", "catch-up"), id="the-control-of-another"),
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


def _violation(what: str, subject: str) -> str:
    return f'nats: permissions violation for {what} "{subject.lower()}"'


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
    await hub.subscribe(heartbeat("b").replace(".b", ".*"), lambda message: heard.append(message.subject))
    await hub.subscribe(control("b"), lambda message: heard.append(message.subject))
    await hub.flush()
    return heard


async def _harmless(hub: Bus) -> None:
    """Everything `b` said and the hub keeps is as it was."""
    assert await _stored(hub, str(B_REPORT)) == (2, f"true {B_REPORT}".encode())
    assert await _stored(hub, OBJECT, OBJECTS) == (1, b"an object")


async def _stored(hub: Bus, subject: str, stream: Any = STATUS) -> tuple[int, bytes]:
    message = await hub.last(stream, subject)
    assert message is not None and message.headers is not None
    return int(message.headers["Nats-Sequence"]), message.data


async def _next(queue: "asyncio.Queue[bytes]") -> bytes:
    async with asyncio.timeout(5):
        return await queue.get()


async def _until(hub: Bus, done: Any) -> list[str]:
    async with asyncio.timeout(5):
        while True:
            names = sorted((await hub.request(f"{JS_API}.STREAM.NAMES"))["streams"])
            if done(names):
                return names
