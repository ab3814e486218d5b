"""Discovery and OpenAPI: what clients ask for before they ask for anything else."""

from typing import Any

import pytest

from flotilla_hub.api.openapi_proto import PROTOBUF_TYPE
from tests.api import running_api

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList,application/json"
PROTO = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"


async def get(path: str, accept: str = "application/json") -> Any:
    async with running_api() as api:
        return (await api("GET", path, accept=accept)).json


async def test_the_old_documents_name_every_group() -> None:
    assert (await get("/api"))["versions"] == ["v1"]
    groups = {g["name"]: g["preferredVersion"]["groupVersion"] for g in (await get("/apis"))["groups"]}
    ours = {k: v for k, v in groups.items() if k.endswith("karmada.io")}
    assert ours == {
        "apps.karmada.io": "apps.karmada.io/v1alpha1",
        "autoscaling.karmada.io": "autoscaling.karmada.io/v1alpha1",
        "cluster.karmada.io": "cluster.karmada.io/v1alpha1",
        "config.karmada.io": "config.karmada.io/v1alpha1",
        "networking.karmada.io": "networking.karmada.io/v1alpha1",
        "policy.karmada.io": "policy.karmada.io/v1alpha1",
        "remedy.karmada.io": "remedy.karmada.io/v1alpha1",
        "search.karmada.io": "search.karmada.io/v1alpha1",
        # Its kinds have one version each; the newer one counts as preferred.
        "work.karmada.io": "work.karmada.io/v1alpha2",
    }


async def test_a_resource_list_holds_names_and_subresources() -> None:
    rows = {r["name"]: r for r in (await get("/apis/apps/v1"))["resources"]}
    assert rows["deployments"]["shortNames"] == ["deploy"]
    assert (rows["deployments/scale"]["kind"], rows["deployments/status"]["kind"]) == ("Scale", "Deployment")
    assert "watch" in rows["deployments"]["verbs"]


@pytest.mark.parametrize("version", ["v2", "v2beta1"])
async def test_aggregated_discovery_is_answered_in_the_version_asked_for(version: str) -> None:
    document = await get("/apis", AGGREGATED.format(version))
    apps = next(i for i in document["items"] if i["metadata"]["name"] == "apps")
    deployments = next(r for r in apps["versions"][0]["resources"] if r["resource"] == "deployments")
    assert (document["apiVersion"], deployments["scope"], [s["subresource"] for s in deployments["subresources"]]) == (
        f"apidiscovery.k8s.io/{version}",
        "Namespaced",
        ["status", "scale"],
    )


async def test_karmada_kinds_have_karmadas_names() -> None:
    rows = {r["name"]: r for r in (await get("/apis/policy.karmada.io/v1alpha1"))["resources"]}
    kinds = {name: r for name, r in rows.items() if "/" not in name}
    names = {name: (r.get("shortNames", []), r["categories"], r["namespaced"]) for name, r in kinds.items()}
    assert names == {
        "propagationpolicies": (["pp"], ["karmada-io"], True),
        "clusterpropagationpolicies": (["cpp"], ["karmada-io"], False),
        "overridepolicies": (["op"], ["karmada-io"], True),
        "clusteroverridepolicies": (["cop"], ["karmada-io"], False),
        "clustertaintpolicies": ([], ["karmada-io"], False),
        "federatedresourcequotas": ([], ["karmada-io"], True),
    }


async def test_openapi_v3_has_a_document_per_version_with_every_reference_in_it() -> None:
    index = await get("/openapi/v3")
    document = await get("/openapi/v3/apis/apps/v1")
    names = set(document["components"]["schemas"])
    text = str(document)
    referred = {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}
    assert "apis/apps/v1" in index["paths"]
    assert referred <= names


async def test_patches_say_that_they_take_dry_runs_and_field_validation() -> None:
    paths = (await get("/openapi/v3/apis/apps/v1"))["paths"]
    patch = paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert {"dryRun", "fieldValidation"} <= {p["name"] for p in patch["parameters"]}
    assert patch["x-kubernetes-group-version-kind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}


async def test_openapi_v2_is_protobuf_for_those_who_ask_with_an_at_sign() -> None:
    async with running_api() as api:
        answer = await api("GET", "/openapi/v2", accept=PROTO)
        assert answer.headers["content-type"] == PROTOBUF_TYPE
        assert answer.body.startswith(b"\x0a\x032.0")
        assert (await api("GET", "/openapi/v2")).json["swagger"] == "2.0"


async def test_documents_follow_the_definitions() -> None:
    async with running_api() as api:
        before = (await api("GET", "/apis")).json
        version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
        names = {"plural": "things", "kind": "Thing"}
        spec = {"group": "new.example.com", "scope": "Cluster", "names": names, "versions": [version]}
        body = {"metadata": {"name": "things.new.example.com"}, "spec": spec}
        await api("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body)
        after = (await api("GET", "/apis")).json
        assert {g["name"] for g in after["groups"]} - {g["name"] for g in before["groups"]} == {"new.example.com"}
        assert "apis/new.example.com/v1" in (await api("GET", "/openapi/v3")).json["paths"]
