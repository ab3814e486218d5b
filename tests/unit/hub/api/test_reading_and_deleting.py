"""Lists, deletions, namespaces, and what cannot be answered at all."""

import pytest

from tests.api import APPLY, MERGE, NOW, Api, running_api
from tests.unit.hub.api.samples import CONFIG_MAPS, config_map, status_of


async def create_all(api: Api, count: int) -> None:
    for index in range(count):
        await api("POST", CONFIG_MAPS, config_map(f"m{index}", labels={"even": str(index % 2 == 0)}))


LISTS = [
    pytest.param("", ["m0", "m1", "m2", "m3"], id="everything"),
    pytest.param("?labelSelector=even%3DTrue", ["m0", "m2"], id="by-label"),
    pytest.param("?fieldSelector=metadata.name%3Dm1", ["m1"], id="by-name"),
    pytest.param("?fieldSelector=data.a%3D1,metadata.name!%3Dm1", ["m0", "m2", "m3"], id="by-any-field"),
    pytest.param("?fieldSelector=metadata.name%3D", [], id="by-an-empty-name"),
    pytest.param("?fieldSelector=metadata.name%3Dm1,metadata.name%3Dm2", [], id="by-two-names-at-once"),
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


async def test_a_protected_object_keeps_its_collection_from_being_deleted() -> None:
    async with running_api() as api:
        await api("POST", CONFIG_MAPS, config_map(labels={"resourcetemplate.karmada.io/deletion-protected": "Always"}))
        answer = await api("DELETE", CONFIG_MAPS)
        assert (status_of(answer), len(api.objects.list("configmaps").items)) == ((403, "Forbidden"), 1)


async def test_a_protected_object_keeps_its_namespace() -> None:
    async with running_api() as api:
        await api("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
        labels = {"resourcetemplate.karmada.io/deletion-protected": "Always"}
        shop = "/api/v1/namespaces/shop"
        await api("POST", f"{shop}/configmaps", {"metadata": {"name": "it", "labels": labels}})
        refused = await api("DELETE", shop)
        assert (refused.status, "shop/it" in refused.json["message"]) == (403, True)
        await api("PATCH", f"{shop}/configmaps/it", {"metadata": {"labels": None}}, content_type=MERGE)
        assert (await api("DELETE", shop)).status == 200


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


@pytest.mark.parametrize(("method", "kind"), [("PUT", ""), ("PATCH", MERGE), ("PATCH", APPLY)])
async def test_only_finalizing_takes_off_what_keeps_a_namespace(method: str, kind: str) -> None:
    async with running_api() as api:
        url, bare = "/api/v1/namespaces/shop", {"metadata": {"name": "shop"}, "spec": {"finalizers": None}}
        created = (await api("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})).json
        query = "?fieldManager=me&force=true" if kind == APPLY else ""
        assert (await api(method, url + query, bare, content_type=kind)).json["spec"] == created["spec"]


async def test_the_namespace_of_a_clusters_works_stays_with_the_cluster() -> None:
    async with running_api() as api:
        await api("POST", "/apis/cluster.karmada.io/v1alpha1/clusters", {"metadata": {"name": "m"}, "spec": {}})
        await api("POST", "/api/v1/namespaces", {"metadata": {"name": "karmada-es-m"}})
        assert status_of(await api("DELETE", "/api/v1/namespaces/karmada-es-m")) == (403, "Forbidden")


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
    pytest.param("GET", f"{CONFIG_MAPS}?fieldSelector=nope%3D1", (400, "BadRequest"), id="a-field-that-no-object-has"),
    pytest.param("GET", f"{CONFIG_MAPS}?fieldSelector=data%3D1", (400, "BadRequest"), id="a-field-that-is-a-map"),
    pytest.param("DELETE", "/api/v1/namespaces/default", (403, "Forbidden"), id="deleting-a-namespace-the-hub-needs"),
    pytest.param("GET", f"{CONFIG_MAPS}?limit=-1", (400, "BadRequest"), id="fewer-than-none"),
    pytest.param("GET", f"{CONFIG_MAPS}?limit=x", (400, "BadRequest"), id="no-number-of-objects"),
    pytest.param("GET", f"{CONFIG_MAPS}?resourceVersion=abc", (400, "BadRequest"), id="a-version-we-never-gave"),
    pytest.param("DELETE", f"{CONFIG_MAPS}?propagationPolicy=Up", (400, "BadRequest"), id="an-unknown-propagation"),
    pytest.param("GET", f"{CONFIG_MAPS}?continue=nope", (400, "BadRequest"), id="a-made-up-continue"),
]


@pytest.mark.parametrize(("method", "url", "expected"), ANSWERS)
async def test_what_cannot_be_answered_says_so(method: str, url: str, expected: tuple[int, str]) -> None:
    async with running_api() as api:
        assert status_of(await api(method, url)) == expected


async def test_the_head_of_an_answer_has_no_body() -> None:
    async with running_api() as api:
        whole, head = await api("GET", CONFIG_MAPS), await api("HEAD", f"{CONFIG_MAPS}?watch=true")
        assert (head.status, head.headers, head.body) == (200, whole.headers, b"")


async def test_without_a_token_only_probes_are_answered() -> None:
    async with running_api() as api:
        probes = [(await api("GET", path, token="")).status for path in ("/livez", "/readyz", "/healthz", "/version")]
        assert (probes, status_of(await api("GET", CONFIG_MAPS, token="wrong"))) == ([200] * 4, (401, "Unauthorized"))


async def test_who_has_a_token_may_do_everything() -> None:
    async with running_api() as api:
        url = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = await api("POST", url, {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}})
        assert (answer.status, answer.json["status"]["allowed"]) == (201, True)
