"""The verbs, as a client meets them: what is answered, and what is stored."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from tests.api import JSON_PATCH, MERGE, NOW, STRATEGIC, Answer, Api, running_api

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


def config_map(name: str = "it", **more: Any) -> Obj:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **more}, "data": {"a": "1"}}


def deployment(**spec: Any) -> Obj:
    template = {
        "metadata": {"labels": {"app": "it"}},
        "spec": {"containers": [{"name": "c", "image": "i:1"}, {"name": "d", "image": "j:1"}]},
    }
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "it"}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "it"}, "spec": spec}


def status_of(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("reason", "")


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


async def create_all(api: Api, count: int) -> None:
    for index in range(count):
        await api("POST", CONFIG_MAPS, config_map(f"m{index}", labels={"even": str(index % 2 == 0)}))


LISTS = [
    pytest.param("", ["m0", "m1", "m2", "m3"], id="everything"),
    pytest.param("?labelSelector=even%3DTrue", ["m0", "m2"], id="by-label"),
    pytest.param("?fieldSelector=metadata.name%3Dm1", ["m1"], id="by-name"),
    pytest.param("?fieldSelector=data.a%3D1,metadata.name!%3Dm1", ["m0", "m2", "m3"], id="by-any-field"),
    pytest.param("?labelSelector=other", [], id="nothing"),
]


@pytest.mark.parametrize(("query", "names"), LISTS)
async def test_a_list_holds_what_was_selected(query: str, names: list[str]) -> None:
    async with running_api() as api:
        await create_all(api, 4)
        answer = (await api("GET", f"/api/v1/configmaps{query}")).json
        assert (answer["kind"], [i["metadata"]["name"] for i in answer["items"]]) == ("ConfigMapList", names)


async def test_pages_add_up_to_the_list() -> None:
    async with running_api() as api:
        await create_all(api, 5)
        names, token = [], ""
        for _ in range(3):
            page = (await api("GET", f"{CONFIG_MAPS}?limit=2&continue={token}")).json
            names += [i["metadata"]["name"] for i in page["items"]]
            token = page["metadata"].get("continue", "")
        assert (names, token) == (["m0", "m1", "m2", "m3", "m4"], "")


async def test_a_deleted_object_is_gone() -> None:
    async with running_api() as api:
        uid = (await api("POST", CONFIG_MAPS, config_map())).json["metadata"]["uid"]
        answer = await api("DELETE", f"{CONFIG_MAPS}/it")
        assert (answer.json["status"], answer.json["details"]) == (
            "Success",
            {"name": "it", "kind": "configmaps", "uid": uid},
        )
        assert status_of(await api("GET", f"{CONFIG_MAPS}/it")) == (404, "NotFound")


async def test_a_finalizer_holds_a_deleted_object_until_it_is_taken_off() -> None:
    async with running_api() as api:
        await api("POST", CONFIG_MAPS, config_map(finalizers=["example.com/mine"]))
        held = (await api("DELETE", f"{CONFIG_MAPS}/it")).json
        again = (await api("DELETE", f"{CONFIG_MAPS}/it")).json
        assert (held["metadata"]["deletionTimestamp"], again) == (NOW, held)
        await api("PATCH", f"{CONFIG_MAPS}/it", {"metadata": {"finalizers": None}}, content_type=MERGE)
        assert (await api("GET", f"{CONFIG_MAPS}/it")).status == 404


async def test_a_protected_object_cannot_be_deleted() -> None:
    async with running_api() as api:
        label = "resourcetemplate.karmada.io/deletion-protected"
        await api("POST", CONFIG_MAPS, config_map(labels={label: "Always"}))
        answer = await api("DELETE", f"{CONFIG_MAPS}/it")
        message = f"This resource is protected, please make sure to remove the label: {label}"
        assert (answer.status, answer.json["message"]) == (403, message)


async def test_a_deletion_of_another_object_of_that_name_is_refused() -> None:
    async with running_api() as api:
        await api("POST", CONFIG_MAPS, config_map())
        answer = await api("DELETE", f"{CONFIG_MAPS}/it", {"preconditions": {"uid": "another"}})
        assert (status_of(answer), (await api("GET", f"{CONFIG_MAPS}/it")).status) == ((409, "Conflict"), 200)


async def test_a_collection_is_deleted_by_selector() -> None:
    async with running_api() as api:
        await create_all(api, 4)
        await api("DELETE", f"{CONFIG_MAPS}?labelSelector=even%3DTrue")
        assert [r.key.name for r in api.objects.list("configmaps").items] == ["m1", "m3"]


async def test_a_namespace_being_deleted_takes_nothing_new() -> None:
    async with running_api() as api:
        await api("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
        deleted = (await api("DELETE", "/api/v1/namespaces/shop")).json
        refused = await api("POST", CONFIG_MAPS.replace("default", "shop"), config_map())
        assert (deleted["status"], status_of(refused)) == ({"phase": "Terminating"}, (403, "Forbidden"))


async def test_a_namespace_goes_when_it_is_finalized() -> None:
    async with running_api() as api:
        await api("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
        deleted = (await api("DELETE", "/api/v1/namespaces/shop")).json
        await api("PUT", "/api/v1/namespaces/shop/finalize", {**deleted, "spec": {}})
        assert (await api("GET", "/api/v1/namespaces/shop")).status == 404


ANSWERS = [
    pytest.param("GET", "/nope", (404, "NotFound"), id="a-path-of-nothing"),
    pytest.param("GET", "/apis/nope.example.com/v1", (404, "NotFound"), id="a-group-of-nothing"),
    pytest.param("PUT", CONFIG_MAPS, (405, "MethodNotAllowed"), id="a-put-to-a-collection"),
    pytest.param("POST", "/apis", (405, "MethodNotAllowed"), id="a-post-to-discovery"),
    pytest.param("GET", f"{CONFIG_MAPS}/it/log", (404, "NotFound"), id="a-subresource-of-nothing"),
    pytest.param("GET", f"{CONFIG_MAPS}?labelSelector=a%3D%3D%3Db,", (400, "BadRequest"), id="an-unreadable-selector"),
    pytest.param("GET", f"{CONFIG_MAPS}?continue=nope", (400, "BadRequest"), id="a-made-up-continue"),
]


@pytest.mark.parametrize(("method", "url", "expected"), ANSWERS)
async def test_what_cannot_be_answered_says_so(method: str, url: str, expected: tuple[int, str]) -> None:
    async with running_api() as api:
        assert status_of(await api(method, url)) == expected


async def test_without_a_token_only_probes_are_answered() -> None:
    async with running_api() as api:
        probes = [(await api("GET", path, token="")).status for path in ("/livez", "/readyz", "/healthz", "/version")]
        assert (probes, status_of(await api("GET", CONFIG_MAPS, token="wrong"))) == ([200] * 4, (401, "Unauthorized"))


async def test_who_has_a_token_may_do_everything() -> None:
    async with running_api() as api:
        url = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = await api("POST", url, {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}})
        assert (answer.status, answer.json["status"]["allowed"]) == (201, True)
