"""What updates, patches and their subresources change, and what they may not."""

from typing import Any

import pytest

from tests.api import APPLY, JSON_PATCH, MERGE, STRATEGIC, running_api
from tests.unit.hub.api.samples import CONFIG_MAPS, DEPLOYMENTS, config_map, deployment, status_of


async def test_an_update_of_an_old_version_conflicts() -> None:
    async with running_api() as api:
        old = (await api("POST", CONFIG_MAPS, config_map())).json
        assert (await api("PUT", f"{CONFIG_MAPS}/it", {**old, "data": {"a": "2"}})).status == 200
        assert status_of(await api("PUT", f"{CONFIG_MAPS}/it", {**old, "data": {"a": "3"}})) == (409, "Conflict")


async def test_an_update_without_a_version_overwrites() -> None:
    async with running_api() as api:
        await api("POST", CONFIG_MAPS, config_map())
        answer = await api("PUT", f"{CONFIG_MAPS}/it", {**config_map(), "data": {"a": "2"}})
        assert (answer.json["data"], answer.json["metadata"]["generation"]) == ({"a": "2"}, 2)


async def test_an_update_that_changes_nothing_is_not_written() -> None:
    async with running_api() as api:
        first = await api("POST", CONFIG_MAPS, config_map())
        assert (await api("PUT", f"{CONFIG_MAPS}/it", config_map())).json == first.json


async def test_the_uid_cannot_be_changed() -> None:
    async with running_api() as api:
        await api("POST", CONFIG_MAPS, config_map())
        assert status_of(await api("PUT", f"{CONFIG_MAPS}/it", config_map(uid="other"))) == (422, "Invalid")


PATCHES = [
    pytest.param(MERGE, {"spec": {"replicas": 5}}, ["i:1", "j:1"], 5, id="merge"),
    pytest.param(JSON_PATCH, [{"op": "replace", "path": "/spec/replicas", "value": 5}], ["i:1", "j:1"], 5, id="json"),
    pytest.param(
        STRATEGIC,
        {"spec": {"template": {"spec": {"containers": [{"name": "d", "image": "j:2"}]}}}},
        ["i:1", "j:2"],
        2,
        id="strategic-merges-containers-by-name",
    ),
]


@pytest.mark.parametrize(("media_type", "patch", "images", "replicas"), PATCHES)
async def test_a_patch_changes_what_it_says(media_type: str, patch: Any, images: list[str], replicas: int) -> None:
    async with running_api() as api:
        await api("POST", DEPLOYMENTS, deployment())
        spec = (await api("PATCH", f"{DEPLOYMENTS}/it", patch, content_type=media_type)).json["spec"]
        assert ([c["image"] for c in spec["template"]["spec"]["containers"]], spec["replicas"]) == (images, replicas)


REFUSED_PATCHES = [
    pytest.param(MERGE, {"spec": {"replicas": -1}}, (422, "Invalid"), id="a-result-that-breaks-a-rule"),
    pytest.param(MERGE, {"metadata": {"name": "other"}}, (400, "BadRequest"), id="a-new-name"),
    pytest.param(MERGE, {"metadata": {"resourceVersion": "1"}}, (409, "Conflict"), id="an-old-version"),
    pytest.param(JSON_PATCH, [{"op": "remove", "path": "/nope"}], (422, "Invalid"), id="a-path-that-is-not-there"),
    pytest.param("text/plain", {}, (415, "UnsupportedMediaType"), id="an-unknown-kind-of-patch"),
]


@pytest.mark.parametrize(("media_type", "patch", "expected"), REFUSED_PATCHES)
async def test_a_bad_patch_is_refused(media_type: str, patch: Any, expected: tuple[int, str]) -> None:
    async with running_api() as api:
        first = await api("POST", DEPLOYMENTS, deployment())
        assert status_of(await api("PATCH", f"{DEPLOYMENTS}/it", patch, content_type=media_type)) == expected
        assert (await api("GET", f"{DEPLOYMENTS}/it")).json == first.json


async def test_status_is_written_by_its_subresource_only() -> None:
    async with running_api() as api:
        await api("POST", DEPLOYMENTS, {**deployment(), "status": {"replicas": 9}})
        body = {"spec": {"replicas": 7}, "status": {"readyReplicas": 1}}
        await api("PATCH", f"{DEPLOYMENTS}/it/status", body, content_type=MERGE)
        after = (await api("PATCH", f"{DEPLOYMENTS}/it", {"status": None}, content_type=MERGE)).json
        assert (after["spec"]["replicas"], after["status"], after["metadata"]["generation"]) == (
            2,
            {"readyReplicas": 1},
            1,
        )


async def test_scale_changes_replicas_alone() -> None:
    async with running_api() as api:
        await api("POST", DEPLOYMENTS, deployment())
        scaled = await api("PATCH", f"{DEPLOYMENTS}/it/scale", {"spec": {"replicas": 4}}, content_type=MERGE)
        assert (scaled.json["kind"], scaled.json["spec"], scaled.json["status"]) == (
            "Scale",
            {"replicas": 4},
            {"replicas": 0, "selector": "app=it"},
        )
        assert (await api("GET", f"{DEPLOYMENTS}/it")).json["spec"]["replicas"] == 4


async def test_what_is_immutable_stays() -> None:
    async with running_api() as api:
        await api("POST", CONFIG_MAPS, {**config_map(), "immutable": True})
        refused = await api("PUT", f"{CONFIG_MAPS}/it", {**config_map(), "data": {"a": "2"}})
        assert [c["field"] for c in refused.json["details"]["causes"]] == ["immutable", "data"]


async def test_server_side_apply_creates_and_changes() -> None:
    async with running_api() as api:
        url = f"{CONFIG_MAPS}/it?fieldManager=flux"
        codes = [(await api("PATCH", url, config_map(labels=v), content_type=APPLY)).status for v in ({}, {"a": "b"})]
        held = (await api("GET", f"{CONFIG_MAPS}/it")).json
        assert (codes, held["metadata"]["labels"], held["data"]) == ([201, 200], {"a": "b"}, {"a": "1"})


async def test_server_side_apply_of_anothers_field_tells_whose_it_is() -> None:
    async with running_api() as api:
        await api("PATCH", f"{CONFIG_MAPS}/it?fieldManager=flux", config_map(), content_type=APPLY)
        other = {**config_map(), "data": {"a": "2"}}
        answer = await api("PATCH", f"{CONFIG_MAPS}/it?fieldManager=bob", other, content_type=APPLY)
        why = 'conflict with "flux" using v1'
        assert (status_of(answer), answer.json["details"]["causes"]) == (
            (409, "Conflict"),
            [{"reason": "FieldManagerConflict", "message": why, "field": ".data.a"}],
        )
        forced = await api("PATCH", f"{CONFIG_MAPS}/it?fieldManager=bob&force=true", other, content_type=APPLY)
        assert forced.json["data"] == {"a": "2"}


async def test_server_side_apply_needs_to_know_who_applies() -> None:
    async with running_api() as api:
        answer = await api("PATCH", f"{CONFIG_MAPS}/it", config_map(), content_type=APPLY)
        assert [c["field"] for c in answer.json["details"]["causes"]] == ["fieldManager"]
