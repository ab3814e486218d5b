"""Watches: which events a client sees, in which form, and where they begin."""

import pytest

from flotilla_common.objects import Obj
from tests.api import MERGE, TABLE, Api, running_api

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


async def create(api: Api, name: str, **labels: str) -> str:
    body = {"metadata": {"name": name, "labels": labels}}
    version: str = (await api("POST", CONFIG_MAPS, body)).json["metadata"]["resourceVersion"]
    return version


async def label(api: Api, name: str, **labels: str | None) -> None:
    await api("PATCH", f"{CONFIG_MAPS}/{name}", {"metadata": {"labels": labels}}, content_type=MERGE)


def seen(event: Obj) -> tuple[str, str]:
    return event["type"], event["object"]["metadata"].get("name", "")


async def test_a_watch_begins_with_what_there_is_and_goes_on() -> None:
    async with running_api() as api:
        await create(api, "one")
        async with api.watch(f"{CONFIG_MAPS}?watch=true") as events:
            assert seen(await events.next()) == ("ADDED", "one")
            await create(api, "two")
            await label(api, "two", a="b")
            await api("DELETE", f"{CONFIG_MAPS}/one")
            expected = [("ADDED", "two"), ("MODIFIED", "two"), ("DELETED", "one")]
            assert [seen(await events.next()) for _ in expected] == expected


async def test_a_watch_resumes_after_the_version_it_names() -> None:
    async with running_api() as api:
        await create(api, "one")
        version = await create(api, "two")
        await create(api, "three")
        async with api.watch(f"{CONFIG_MAPS}?watch=true&resourceVersion={version}") as events:
            assert seen(await events.next()) == ("ADDED", "three")


async def test_a_version_from_the_future_is_gone() -> None:
    async with running_api() as api:
        assert (await api("GET", f"{CONFIG_MAPS}?watch=true&resourceVersion=999")).status == 410


async def test_a_change_of_labels_adds_and_removes_for_a_selector() -> None:
    async with running_api() as api, api.watch(f"{CONFIG_MAPS}?watch=true&labelSelector=a%3Db") as events:
        await create(api, "it")
        await label(api, "it", a="b")
        await label(api, "it", c="d")
        await label(api, "it", a=None)
        await label(api, "it", a="b")
        await api("DELETE", f"{CONFIG_MAPS}/it")
        expected = ["ADDED", "MODIFIED", "DELETED", "ADDED", "DELETED"]
        assert [(await events.next())["type"] for _ in expected] == expected


async def test_a_watch_by_name_sees_that_name_only() -> None:
    async with running_api() as api, api.watch(f"{CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3Dit") as events:
        await create(api, "other")
        await create(api, "it")
        assert seen(await events.next()) == ("ADDED", "it")


async def test_a_watch_of_one_namespace_sees_no_other() -> None:
    async with running_api() as api, api.watch("/api/v1/namespaces/kube-system/configmaps?watch=true") as events:
        await create(api, "other")
        await api("POST", CONFIG_MAPS.replace("default", "kube-system"), {"metadata": {"name": "it"}})
        assert seen(await events.next()) == ("ADDED", "it")


async def test_initial_events_end_with_a_bookmark() -> None:
    async with running_api() as api:
        version = await create(api, "one")
        url = f"{CONFIG_MAPS}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true"
        async with api.watch(url) as events:
            assert seen(await events.next()) == ("ADDED", "one")
            bookmark = await events.next()
            metadata = bookmark["object"]["metadata"]
            assert (bookmark["type"], metadata["resourceVersion"]) == ("BOOKMARK", version)
            assert metadata["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_quiet_watch_is_told_how_far_it_has_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flotilla_hub.api.watch.BOOKMARK_EVERY_S", 0.01)
    async with running_api() as api, api.watch(f"{CONFIG_MAPS}?watch=true&allowWatchBookmarks=true") as events:
        bookmark = await events.next()
        revision = str(api.objects.revision("configmaps"))
        assert (bookmark["type"], bookmark["object"]["metadata"]["resourceVersion"]) == ("BOOKMARK", revision)


async def test_a_watch_of_tables_names_its_columns_once() -> None:
    async with running_api() as api:
        await create(api, "one")
        async with api.watch(f"{CONFIG_MAPS}?watch=true", accept=TABLE) as events:
            await create(api, "two")
            first, second = (await events.next())["object"], (await events.next())["object"]
            assert [c["name"] for c in first["columnDefinitions"]] == ["Name", "Data", "Age"]
            assert (second["columnDefinitions"], second["rows"][0]["cells"]) == (None, ["two", 0, "0s"])


async def test_a_watch_ends_when_its_time_is_up() -> None:
    async with running_api() as api, api.watch(f"{CONFIG_MAPS}?watch=true&timeoutSeconds=1"):
        pass
