"""An agent reaches its own subjects and nothing else, by the server's hand: tried with an agent's real credentials.

`a` is the attacker and speaks plain NATS. What it may say in another way than meant: test_agent_detours.py.
"""

import asyncio
from contextlib import aclosing

import pytest

from flotilla_common.bus import Feed, read_all
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
    consumer_call,
    control,
    create_call,
    direct_get_call,
    estimate,
    heartbeat,
    inbox,
    stream_call,
)
from tests.realm import A_REPORT, A_WORK, B_REPORT, B_WORK, NAME, OBJECT, OTHER_NAME, OTHERS, OWN, Realm, stored

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
    assert await stored(realm.hub, str(subject), STATUS) == (revision, b"newer")


async def test_an_agents_heartbeat_reaches_the_hub_and_the_hubs_word_the_agent(realm: Realm) -> None:
    agent, heard = await realm.agent("a"), asyncio.Queue[bytes]()
    await realm.hub.subscribe(heartbeat("a"), lambda message: heard.put_nowait(message.data))
    await agent.subscribe(control("a"), lambda message: heard.put_nowait(message.data))
    await realm.hub.flush()
    await agent.flush()
    await agent.say(heartbeat("a"), b"I live")
    assert await _next(heard) == b"I live"
    await realm.hub.say(control("a", "resync"), b"look again")
    assert await _next(heard) == b"look again"


async def test_an_agents_estimate_reaches_the_hub(realm: Realm) -> None:
    agent, heard = await realm.agent("a"), asyncio.Queue[bytes]()
    await realm.hub.subscribe(estimate("a"), lambda message: heard.put_nowait(message.data))
    await realm.hub.flush()
    await agent.say(estimate("a"), b"nine")
    assert await _next(heard) == b"nine"


# What it may not even say.

SAYING = [
    pytest.param(str(B_WORK), id="works-of-another"),
    pytest.param(str(A_WORK), id="works-of-its-own"),
    pytest.param(WORKS.live.replace(">", "b.web"), id="live-works-of-another"),
    pytest.param(WORKS.live.replace(">", "a.web"), id="live-works-of-its-own"),
    pytest.param(str(B_REPORT), id="reports-of-another"),
    pytest.param(str(StatusSubject("b", CLUSTER_REPORT)), id="cluster-report-of-another"),
    pytest.param(heartbeat("b"), id="heartbeat-of-another"),
    pytest.param(estimate("b"), id="estimate-of-another"),
    pytest.param(control("b", "resync"), id="control-of-another"),
    pytest.param(control("a", "resync"), id="control-of-its-own"),
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
    pytest.param(estimate("b"), id="estimate-of-another"),
    pytest.param(estimate("a"), id="estimate-of-its-own"),
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


def _violation(what: str, subject: str) -> str:
    return f'nats: permissions violation for {what} "{subject.lower()}"'


async def _next(queue: "asyncio.Queue[bytes]") -> bytes:
    async with asyncio.timeout(5):
        return await queue.get()
