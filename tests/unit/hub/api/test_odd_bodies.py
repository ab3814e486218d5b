"""Bodies that no client of good will sends are refused as the client's mistake, and never are the hub's failure."""

from typing import Any

import pytest

from flotilla_hub.admission.document import MAX_DEPTH
from tests.api import APPLY, JSON_PATCH, MERGE, STRATEGIC, running_api
from tests.unit.hub.api.samples import CONFIG_MAPS, DEPLOYMENTS, config_map, deployment, status_of

YAML = "application/yaml"
HEAD = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: it}\n"
BOMB = HEAD + b"data: {a: &a [x, x], b: &b [*a, *a]}"


def nested(depth: int) -> Any:
    return {"spec": {"a": nested(depth - 1)}} if depth else {}


DEEP = nested(MAX_DEPTH)
BAD, UNFIT = (400, "BadRequest"), (422, "Invalid")
GROWING = [{"op": "copy", "from": "/metadata", "path": f"/metadata/x{n}"} for n in range(40)]
BODIES = [
    pytest.param("PUT", "/scale", "", [], BAD, id="a-list-for-a-scale"),
    pytest.param("PUT", "/scale", "", "x", BAD, id="a-word-for-a-scale"),
    pytest.param("PUT", "/scale", "", {"spec": [1]}, BAD, id="a-list-for-the-spec-of-a-scale"),
    pytest.param("PUT", "/scale", "", {"spec": {"replicas": True}}, UNFIT, id="a-truth-for-replicas"),
    pytest.param("PATCH", "/scale", JSON_PATCH, [{"op": "replace", "path": "", "value": 5}], UNFIT, id="scale-to-five"),
    pytest.param("PATCH", "", JSON_PATCH, [{"op": "replace", "path": "", "value": 5}], UNFIT, id="five-for-an-object"),
    pytest.param("PATCH", "", JSON_PATCH, [5], UNFIT, id="five-for-an-operation"),
    pytest.param("PATCH", "", JSON_PATCH, [{"op": "copy", "from": 5, "path": "/a"}], UNFIT, id="five-for-a-pointer"),
    pytest.param("PATCH", "", JSON_PATCH, [{}] * 10_001, UNFIT, id="more-operations-than-anybody-needs"),
    pytest.param("PATCH", "", JSON_PATCH, GROWING, UNFIT, id="a-patch-that-doubles-what-it-copies"),
    pytest.param("PATCH", "", STRATEGIC, {"$retainKeys": 5}, UNFIT, id="five-for-a-directive"),
    pytest.param("PATCH", "", STRATEGIC, {"metadata": {"$setElementOrder/finalizers": 5}}, None, id="no-such-list"),
    pytest.param("PATCH", "", MERGE, DEEP, BAD, id="a-deep-merge"),
    pytest.param("PATCH", "", STRATEGIC, DEEP, BAD, id="a-deep-strategic-merge"),
    pytest.param("PATCH", "?fieldManager=me", APPLY, DEEP, BAD, id="a-deep-configuration"),
    pytest.param("PUT", "", "", DEEP, BAD, id="a-deep-object"),
    pytest.param("DELETE", "", "", {"preconditions": 5}, BAD, id="five-for-preconditions"),
    pytest.param("DELETE", "", "", {"dryRun": ["Some"]}, BAD, id="a-dry-run-of-some"),
    pytest.param("DELETE", "", "", {"propagationPolicy": 5}, BAD, id="five-for-a-propagation-policy"),
]


@pytest.mark.parametrize(("method", "where", "kind", "body", "expected"), BODIES)
async def test_an_odd_body_is_refused(method: str, where: str, kind: str, body: Any, expected: Any) -> None:
    async with running_api() as api:
        await api("POST", DEPLOYMENTS, deployment())
        answer = await api(method, f"{DEPLOYMENTS}/it{where}", body, content_type=kind or "application/json")
        assert status_of(answer) == (expected or (200, ""))


async def test_numbers_are_no_containers() -> None:
    async with running_api() as api:
        await api("POST", DEPLOYMENTS, deployment())
        body = {"spec": {"template": {"spec": {"containers": [1, 2]}}}}
        answer = await api("PATCH", f"{DEPLOYMENTS}/it?fieldManager=me&force=true", body, content_type=APPLY)
        assert status_of(answer) == UNFIT


ODD_YAML = [
    pytest.param(HEAD + b"data: {1: x}", "the key 1 must be a string", id="a-number-for-a-key"),
    pytest.param(HEAD + b"data: {a: 99999999999999999999}", "does not fit 64 bits", id="a-number-beyond-64-bits"),
    pytest.param(HEAD + b"data: {a: .inf}", "infinite", id="an-infinite-number"),
    pytest.param(HEAD + b"data: {a: !!binary eHg=}", "JSON has no bytes", id="bytes"),
    pytest.param(HEAD + b"data: {a: !!bool x}", "could not be read", id="a-tag-that-lies"),
    pytest.param(HEAD + b"data: &d {a: *d}", "aliases (*d) are not taken", id="what-contains-itself"),
    pytest.param(BOMB, "aliases (*a) are not taken", id="what-doubles-at-every-turn"),
    pytest.param(b"- " * 100_000, "nested deeper", id="lists-of-lists"),
]


@pytest.mark.parametrize(("body", "why"), ODD_YAML)
async def test_yaml_that_is_no_json_is_refused(body: bytes, why: str) -> None:
    async with running_api() as api:
        answer = await api("POST", CONFIG_MAPS, body, content_type=YAML)
        assert (status_of(answer), why in answer.json["message"]) == (BAD, True)


async def test_a_bare_date_in_yaml_is_a_string() -> None:
    async with running_api() as api:
        answer = await api("POST", CONFIG_MAPS, HEAD + b"data: {day: 2030-01-31}", content_type=YAML)
        assert answer.json["data"] == {"day": "2030-01-31"}


OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "u"}
METADATA = [
    pytest.param({"generateName": 5}, "metadata.generateName", id="a-prefix-that-is-a-number"),
    pytest.param({"ownerReferences": [{**OWNER, "name": 5}]}, "metadata.ownerReferences[0].name", id="an-owners-name"),
    pytest.param(
        {"ownerReferences": [{**OWNER, "controller": "yes"}]}, "metadata.ownerReferences[0].controller", id="a-yes"
    ),
    pytest.param({"ownerReferences": [{**OWNER, "uid": ""}]}, "metadata.ownerReferences[0].uid", id="no-uid"),
    pytest.param({"managedFields": [5]}, "metadata.managedFields[0]", id="a-number-for-a-manager"),
    pytest.param(
        {"managedFields": [{"fieldsV1": 5}]}, "metadata.managedFields[0].fieldsV1", id="a-number-for-managed-fields"
    ),
    pytest.param(
        {"managedFields": [{"fieldsV1": {"k:x": {}}}]}, "metadata.managedFields[0].fieldsV1", id="a-step-to-nowhere"
    ),
]


@pytest.mark.parametrize(("metadata", "field"), METADATA)
async def test_metadata_has_the_shape_of_metadata(metadata: Any, field: str) -> None:
    async with running_api() as api:
        await api("POST", CONFIG_MAPS, config_map())
        answer = await api("PUT", f"{CONFIG_MAPS}/it", config_map(**metadata))
        assert (answer.status, [c["field"] for c in answer.json["details"]["causes"]]) == (422, [field])


async def test_strictly_there_is_no_unknown_metadata() -> None:
    async with running_api() as api:
        answer = await api("POST", f"{CONFIG_MAPS}?fieldValidation=Strict", config_map(lables={"a": "b"}))
        assert (answer.status, [c["field"] for c in answer.json["details"]["causes"]]) == (422, ["metadata.lables"])
