"""What a create answers, stores and refuses."""

from typing import Any

import pytest

from flotilla_hub.api.app import MAX_BODY_BYTES
from tests.api import MERGE, NOW, running_api
from tests.unit.hub.api.samples import CONFIG_MAPS, DEPLOYMENTS, config_map, deployment, status_of


async def test_a_created_object_has_what_the_server_adds() -> None:
    async with running_api() as api:
        answer = await api("POST", CONFIG_MAPS, config_map(uid="mine", resourceVersion="", labels={"l": "v"}))
        metadata = answer.json["metadata"]
        assert metadata == {
            "name": "it",
            "namespace": "default",
            "labels": {"l": "v"},
            "uid": metadata["uid"],
            "creationTimestamp": NOW,
            "generation": 1,
            "resourceVersion": "6",
        }
        assert (answer.status, len(metadata["uid"])) == (201, 36)


async def test_what_is_created_is_what_is_read() -> None:
    async with running_api() as api:
        created = await api("POST", CONFIG_MAPS, config_map())
        assert (await api("GET", f"{CONFIG_MAPS}/it")).json == created.json


async def test_a_generated_name_begins_as_asked() -> None:
    async with running_api() as api:
        answer = await api("POST", CONFIG_MAPS, {"metadata": {"generateName": "job-"}})
        assert answer.json["metadata"]["name"].startswith("job-")
        assert len(answer.json["metadata"]["name"]) == len("job-") + 5


async def test_yaml_bodies_are_read_too() -> None:
    async with running_api() as api:
        body = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: it}\n"
        assert (await api("POST", CONFIG_MAPS, body, content_type="application/yaml")).status == 201


REFUSED_CREATES = [
    pytest.param(
        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        {"metadata": {"name": "a:" * 127}},
        (422, "Invalid"),
        id="a-roles-name-that-is-too-long",
    ),
    pytest.param(CONFIG_MAPS, config_map("Upper"), (422, "Invalid"), id="a-name-in-upper-case"),
    pytest.param(CONFIG_MAPS, config_map(""), (422, "Invalid"), id="no-name"),
    pytest.param(CONFIG_MAPS, config_map(namespace="other"), (400, "BadRequest"), id="another-namespace-than-the-url"),
    pytest.param(CONFIG_MAPS, {**config_map(), "kind": "Secret"}, (400, "BadRequest"), id="another-kind-than-the-url"),
    pytest.param(CONFIG_MAPS, b"{", (400, "BadRequest"), id="no-json"),
    pytest.param(CONFIG_MAPS, [], (400, "BadRequest"), id="no-object"),
    pytest.param(CONFIG_MAPS.replace("default", "nope"), config_map(), (404, "NotFound"), id="a-missing-namespace"),
    pytest.param("/api/v1/configmaps", config_map(), (405, "MethodNotAllowed"), id="no-namespace"),
    pytest.param("/api/v1/namespaces/default/nopes", config_map(), (404, "NotFound"), id="an-unknown-kind"),
    pytest.param(DEPLOYMENTS, deployment(replicas=-1), (422, "Invalid"), id="negative-replicas"),
    pytest.param(
        DEPLOYMENTS, deployment(selector={"matchLabels": {"x": "y"}}), (422, "Invalid"), id="unselected-template"
    ),
]


@pytest.mark.parametrize(("url", "body", "expected"), REFUSED_CREATES)
async def test_a_bad_create_is_refused_and_stores_nothing(url: str, body: Any, expected: tuple[int, str]) -> None:
    async with running_api() as api:
        before = api.objects.all()
        assert status_of(await api("POST", url, body)) == expected
        assert api.objects.all() == before


async def test_a_refusal_names_the_field() -> None:
    async with running_api() as api:
        answer = await api("POST", DEPLOYMENTS, deployment(replicas="two"))
        why = 'Invalid value: "two": must be of type integer'
        assert answer.json == {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": f'Deployment.apps "it" is invalid: spec.replicas: {why}',
            "reason": "Invalid",
            "details": {
                "name": "it",
                "group": "apps",
                "kind": "Deployment",
                "causes": [{"reason": "FieldValueTypeInvalid", "message": why, "field": "spec.replicas"}],
            },
            "code": 422,
        }


async def test_an_unknown_field_is_refused_when_asked_to_be_strict_and_warned_of_else() -> None:
    async with running_api() as api:
        strict = await api("POST", f"{DEPLOYMENTS}?fieldValidation=Strict", deployment(replcas=1))
        lenient = await api("POST", DEPLOYMENTS, deployment(replcas=1))
        assert strict.json["details"]["causes"][0]["message"] == 'unknown field; did you mean "replicas"?'
        assert (lenient.status, lenient.headers["warning"]) == (201, '299 - "unknown field \\"spec.replcas\\""')


async def test_a_second_create_of_a_name_conflicts() -> None:
    async with running_api() as api:
        await api("POST", CONFIG_MAPS, config_map())
        answer = await api("POST", CONFIG_MAPS, config_map())
        assert (answer.status, answer.json["message"]) == (409, 'configmaps "it" already exists')


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_dry_run_answers_and_writes_nothing(method: str) -> None:
    async with running_api() as api:
        await api("POST", CONFIG_MAPS, config_map())
        url, name = (CONFIG_MAPS, "new") if method == "POST" else (f"{CONFIG_MAPS}/it", "it")
        before = api.objects.all()
        answer = await api(method, f"{url}?dryRun=All", {**config_map(name), "data": {"b": "2"}}, content_type=MERGE)
        assert (answer.status in (200, 201), api.objects.all()) == (True, before)


async def test_secrets_keep_what_was_written_plainly_as_data() -> None:
    async with running_api() as api:
        url = CONFIG_MAPS.replace("configmaps", "secrets")
        answer = await api("POST", url, {"metadata": {"name": "it"}, "data": {"a": "MQ=="}, "stringData": {"b": "2"}})
        assert {k: answer.json.get(k) for k in ("data", "stringData", "type")} == {
            "data": {"a": "MQ==", "b": "Mg=="},
            "stringData": None,
            "type": "Opaque",
        }


async def test_a_body_beyond_the_limit_is_not_taken_in() -> None:
    async with running_api() as api:
        answer = await api("POST", CONFIG_MAPS, b" " * (MAX_BODY_BYTES + 1))
        assert status_of(answer) == (413, "RequestEntityTooLarge")
