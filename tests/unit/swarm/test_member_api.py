"""The stub API server where the contract of the Target port does not look: watches, pages, statuses, clients' verbs."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import orjson
import pytest

from flotilla_common.objects import Obj, encode
from tests.swarm.member_api.cluster import Cluster
from tests.swarm.member_api.populace import populace
from tests.swarm.member_api.requests import Answer, Request
from tests.swarm.member_api.server import MemberApi
from tests.swarm.member_api.watching import Watch
from tests.works import config_map, custom_resource_definition, deployment

MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
MERGE = "application/merge-patch+json"


class Client:
    """Requests to one cluster, without a network."""

    def __init__(self, **more: Any) -> None:
        self.cluster = Cluster(**more)

    def ask(self, method: str, path: str, body: Obj | None = None, content: str = "", **query: str) -> tuple[int, Obj]:
        request = Request(method, path, query, {"content-type": content}, encode(body) if body else b"")
        answer = self.cluster.answer(request)
        assert isinstance(answer, Answer)
        return answer.code, orjson.loads(answer.body)

    def watch(self, path: str, **query: str) -> list[Any]:
        """The list its events go into; "end" is the last."""
        answer = self.cluster.answer(Request("GET", path, {"watch": "true", **query}))
        assert isinstance(answer, Watch)
        events: list[Any] = []
        answer.start(lambda line: events.append(orjson.loads(line)), lambda: events.append("end"))
        return events


def told(events: list[Any]) -> list[tuple[str, str]]:
    return [(e["type"], e["object"]["metadata"].get("name", "")) for e in events if e != "end"]


WRITES: list[Any] = [
    pytest.param("PUT", {"spec": {"replicas": 3}, "status": {"readyReplicas": 9}}, "", (3, None, 2), id="not-by-put"),
    pytest.param("PATCH", {"status": {"readyReplicas": 9}}, "", (2, None, 1), id="not-by-patch"),
    pytest.param("PATCH", {"status": {"readyReplicas": 9}}, "/status", (2, 9, 1), id="by-the-subresource"),
    pytest.param("PUT", {"spec": {}, "status": {"readyReplicas": 9}}, "/status", (2, 9, 1), id="by-it-alone"),
]


@pytest.mark.parametrize(("method", "body", "subresource", "expected"), WRITES)
def test_a_status_is_written_through_its_subresource_only(
    method: str, body: Obj, subresource: str, expected: tuple[int, int | None, int]
) -> None:
    client = Client()
    client.ask("POST", DEPLOYMENTS, deployment())

    _, after = client.ask(method, f"{DEPLOYMENTS}/web{subresource}", body, MERGE if method == "PATCH" else "")

    ready = (after.get("status") or {}).get("readyReplicas")
    assert (after["spec"].get("replicas"), ready, after["metadata"]["generation"]) == expected


REFUSED: list[Any] = [
    pytest.param("POST", MAPS, config_map(), 409, "AlreadyExists", id="a-name-that-is-taken"),
    pytest.param("PUT", f"{MAPS}/colours", {"metadata": {"resourceVersion": "1"}}, 409, "Conflict", id="a-stale-write"),
    pytest.param("PUT", f"{MAPS}/other", config_map("other"), 404, "NotFound", id="a-replacement-of-nothing"),
    pytest.param("GET", f"{MAPS}/other", None, 404, "NotFound", id="what-is-not-there"),
    pytest.param("POST", MAPS.replace("default", "nowhere"), config_map("a", ""), 404, "NotFound", id="no-namespace"),
    pytest.param("GET", "/apis/nobody.test/v1/things", None, 404, "NotFound", id="a-kind-nobody-knows"),
    pytest.param("DELETE", f"{MAPS}/colours", {"preconditions": {"uid": "x"}}, 409, "Conflict", id="another-uid"),
    pytest.param("GET", f"{MAPS}/colours/log", None, 404, "NotFound", id="a-subresource-nobody-knows"),
]


@pytest.mark.parametrize(("method", "path", "body", "code", "reason"), REFUSED)
def test_a_refusal_is_a_status(method: str, path: str, body: Obj | None, code: int, reason: str) -> None:
    client = Client()
    client.ask("POST", MAPS, config_map())

    status, answer = client.ask(method, path, body)

    assert (status, answer["kind"], answer["reason"]) == (code, "Status", reason)


def test_pages_have_everything_once_and_the_revision_of_the_first() -> None:
    client = Client()
    for n in range(5):
        client.ask("POST", MAPS, config_map(f"m{n}"))

    _, first = client.ask("GET", MAPS, limit="3")
    client.ask("POST", MAPS, config_map("m9"))
    _, second = client.ask("GET", MAPS, limit="3", **{"continue": first["metadata"]["continue"]})

    assert [item["metadata"]["name"] for page in (first, second) for item in page["items"]] == [
        *(f"m{n}" for n in range(5)),
        "m9",
    ]
    assert second["metadata"] == {"resourceVersion": first["metadata"]["resourceVersion"]}


async def test_a_watch_tells_what_it_missed_and_what_comes_by_its_selector() -> None:
    client = Client()
    _, before = client.ask("GET", MAPS)
    client.ask("POST", MAPS, {**config_map("a"), "metadata": {"name": "a", "labels": {"team": "x"}}})
    client.ask("POST", MAPS, config_map("b"))
    events = client.watch(MAPS, resourceVersion=before["metadata"]["resourceVersion"], labelSelector="team=x")

    client.ask("PATCH", f"{MAPS}/b", {"metadata": {"labels": {"team": "x"}}}, MERGE)
    client.ask("PATCH", f"{MAPS}/a", {"data": {"sky": "red"}}, MERGE)
    client.ask("PATCH", f"{MAPS}/a", {"metadata": {"labels": None}}, MERGE)
    client.ask("DELETE", f"{MAPS}/b")

    expected = [("ADDED", "a"), ("ADDED", "b"), ("MODIFIED", "a"), ("DELETED", "a"), ("DELETED", "b")]
    assert told(events) == expected
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    assert versions == sorted(set(versions))


async def test_a_watch_that_lists_first_says_where_the_list_ends() -> None:
    client = Client()

    events = client.watch("/api/v1/namespaces", sendInitialEvents="true", allowWatchBookmarks="true")

    assert [kind for kind, _ in told(events)] == ["ADDED"] * 4 + ["BOOKMARK"]
    assert events[-1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


STALE = [
    pytest.param(lambda cluster: "5", id="older-than-the-history"),
    pytest.param(lambda cluster: str(cluster.shelves.revision + 1), id="of-another-life"),
]


@pytest.mark.parametrize("revision", STALE)
async def test_a_watch_from_what_is_not_known_is_told_to_list(revision: Callable[[Cluster], str]) -> None:
    client = Client()
    client.ask("POST", MAPS, config_map())
    client.cluster.shelves.forget_history()

    events = client.watch(MAPS, resourceVersion=revision(client.cluster))

    assert (events[0]["type"], events[0]["object"]["code"], events[1:]) == ("ERROR", 410, ["end"])


def test_what_a_finalizer_holds_goes_with_it() -> None:
    client = Client()
    client.ask("POST", MAPS, {**config_map(), "metadata": {"name": "held", "finalizers": ["a.test/x"]}})
    client.ask("DELETE", f"{MAPS}/held")
    _, marked = client.ask("GET", f"{MAPS}/held")
    client.ask("PATCH", f"{MAPS}/held", {"metadata": {"finalizers": None}}, MERGE)

    assert marked["metadata"]["deletionTimestamp"]
    assert client.ask("GET", f"{MAPS}/held")[0] == 404


def test_a_namespace_takes_along_what_is_in_it_and_a_definition_its_kind() -> None:
    client = Client()
    client.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", custom_resource_definition())
    client.ask("POST", "/apis/example.test/v1/namespaces/default/widgets", {"metadata": {"name": "w"}})
    client.ask("POST", MAPS, config_map())
    client.ask("DELETE", "/api/v1/namespaces/default")
    client.ask("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.test")

    assert client.ask("GET", f"{MAPS}/colours")[0] == 404
    assert client.ask("GET", "/apis/example.test/v1/widgets")[0] == 404


def test_clusters_are_strangers_to_each_other() -> None:
    one, other = Client(), Client()
    one.ask("POST", MAPS, config_map())

    assert other.ask("GET", f"{MAPS}/colours")[0] == 404
    uids = [client.ask("GET", "/api/v1/namespaces/kube-system")[1]["metadata"]["uid"] for client in (one, other)]
    assert uids[0] != uids[1]


def test_a_large_cluster_has_its_nodes_and_pods() -> None:
    client = Client(given=populace(3, 50))

    _, running = client.ask("GET", "/api/v1/pods", fieldSelector="status.phase!=Succeeded,spec.nodeName=node-00001")

    assert len(client.ask("GET", "/api/v1/nodes")[1]["items"]) == 3
    assert len(running["items"]) == 17


async def test_over_http_clusters_are_told_apart_by_their_prefix() -> None:
    api = MemberApi(2)
    await api.open()
    try:
        async with aiohttp.ClientSession() as session:
            made = await session.post(api.url(0) + MAPS, json=config_map())
            codes = [(await session.get(api.url(n) + f"{MAPS}/colours")).status for n in (0, 1, 2)]
            async with session.get(api.url(0) + MAPS, params={"watch": "true", "timeoutSeconds": "0.1"}) as watch:
                async with asyncio.timeout(10):
                    lines = (await watch.read()).splitlines()
    finally:
        await api.close()

    assert (made.status, codes) == (201, [200, 404, 404])
    assert [orjson.loads(line)["object"]["metadata"]["name"] for line in lines] == ["colours"]
