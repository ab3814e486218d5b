"""A kind that a user's CustomResourceDefinition adds is served like any other, until its definition goes."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.api.definitions import PROTECTED
from tests.api import JSON_PATCH, MERGE, STRATEGIC, TABLE, running_api
from tests.unit.hub.api.samples import DEPLOYMENTS, deployment

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"
SPEC = {
    "type": "object",
    "required": ["size"],
    "properties": {"size": {"type": "integer", "minimum": 1}, "color": {"type": "string", "default": "red"}},
}
SCHEMA = {"type": "object", "description": "A widget.", "properties": {"spec": SPEC, "status": {"type": "object"}}}
COLUMNS = [
    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
    {"name": "Since", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
]


def definition(**spec: Any) -> Obj:
    versions = [
        {"name": "v1beta1", "served": True, "storage": False, "schema": {"openAPIV3Schema": SCHEMA}},
        {
            "name": "v1",
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": SCHEMA},
            "subresources": {
                "status": {},
                "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"},
            },
            "additionalPrinterColumns": COLUMNS,
        },
    ]
    names = {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": versions, **spec}
    return {"metadata": {"name": "widgets.example.com"}, "spec": spec}


def widget(**spec: Any) -> Obj:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "it"}, "spec": spec}


async def test_a_definition_is_established_at_once() -> None:
    async with running_api() as api:
        status = (await api("POST", CRDS, definition())).json["status"]
        assert {c["type"]: c["status"] for c in status["conditions"]} == {
            "NamesAccepted": "True",
            "Established": "True",
        }
        assert (status["storedVersions"], status["acceptedNames"]["listKind"]) == (["v1"], "WidgetList")


async def test_a_custom_object_gets_defaults_and_loses_unknown_fields() -> None:
    async with running_api() as api:
        await api("POST", CRDS, definition())
        answer = await api("POST", WIDGETS, widget(size=3, shape="round"))
        assert (answer.json["spec"], answer.headers["warning"]) == (
            {"size": 3, "color": "red"},
            '299 - "unknown field \\"spec.shape\\""',
        )


REFUSED = [
    pytest.param({"size": 0}, "spec.size", id="too-small"),
    pytest.param({"size": "3"}, "spec.size", id="of-another-type"),
    pytest.param({}, "spec.size", id="missing"),
    pytest.param({"size": None}, "spec.size", id="null"),
]


@pytest.mark.parametrize(("spec", "field"), REFUSED)
async def test_a_custom_object_must_keep_to_its_schema(spec: Obj, field: str) -> None:
    async with running_api() as api:
        await api("POST", CRDS, definition())
        answer = await api("POST", WIDGETS, widget(**spec))
        assert (answer.status, [c["field"] for c in answer.json["details"]["causes"]]) == (422, [field])
        assert (await api("GET", WIDGETS)).json["items"] == []


async def test_an_object_is_served_in_every_version() -> None:
    async with running_api() as api:
        await api("POST", CRDS, definition())
        created = (await api("POST", WIDGETS, widget(size=1))).json
        older = WIDGETS.replace("v1", "v1beta1")
        assert (await api("GET", f"{older}/it")).json == {**created, "apiVersion": "example.com/v1beta1"}
        assert (await api("GET", older)).json["items"][0]["apiVersion"] == "example.com/v1beta1"


async def test_its_columns_are_the_definitions() -> None:
    async with running_api() as api:
        await api("POST", CRDS, definition())
        await api("POST", WIDGETS, widget(size=3))
        table = (await api("GET", WIDGETS, accept=TABLE)).json
        assert [c["name"] for c in table["columnDefinitions"]] == ["Name", "Size", "Since"]
        assert table["rows"][0]["cells"] == ["it", 3, "0s"]


async def test_its_scale_is_where_the_definition_says() -> None:
    async with running_api() as api:
        await api("POST", CRDS, definition())
        await api("POST", WIDGETS, widget(size=3))
        await api("PATCH", f"{WIDGETS}/it/scale", {"spec": {"replicas": 8}}, content_type=MERGE)
        assert (await api("GET", f"{WIDGETS}/it")).json["spec"]["size"] == 8


async def test_strategic_merges_are_not_for_custom_kinds() -> None:
    async with running_api() as api:
        await api("POST", CRDS, definition())
        await api("POST", WIDGETS, widget(size=3))
        assert (await api("PATCH", f"{WIDGETS}/it", {}, content_type=STRATEGIC)).status == 415
        assert (await api("PATCH", f"{WIDGETS}/it", [], content_type=JSON_PATCH)).status == 200


async def test_with_the_definition_go_its_objects() -> None:
    async with running_api() as api:
        await api("POST", CRDS, definition())
        await api("POST", WIDGETS, widget(size=3))
        await api("DELETE", f"{CRDS}/widgets.example.com")
        assert ((await api("GET", WIDGETS)).status, api.objects.list("widgets.example.com").items) == (404, [])


async def test_finalizers_hold_the_definition_of_what_they_hold() -> None:
    async with running_api() as api:
        await api("POST", CRDS, definition())
        await api("POST", WIDGETS, {**widget(size=3), "metadata": {"name": "it", "finalizers": ["example.com/mine"]}})
        held = await api("DELETE", f"{CRDS}/widgets.example.com")
        await api("PATCH", f"{WIDGETS}/it", {"metadata": {"finalizers": None}}, content_type=MERGE)
        assert (held.status, "default/it" in held.json["message"]) == (409, True)
        assert (await api("DELETE", f"{CRDS}/widgets.example.com")).status == 200


async def test_a_protected_object_keeps_its_definition_and_all_others() -> None:
    async with running_api() as api:
        await api("POST", CRDS, definition())
        for name, value in (("a", "Never"), ("b", "Always")):
            metadata = {"name": name, "labels": {PROTECTED: value}}
            await api("POST", WIDGETS, {**widget(size=3), "metadata": metadata})
        refused = await api("DELETE", f"{CRDS}/widgets.example.com")
        assert (refused.status, len((await api("GET", WIDGETS)).json["items"])) == (403, 2)


NOT_ACCEPTED = {"NamesAccepted": "False", "Established": "False"}
RIVALS = [
    pytest.param("apps", "deployments", "Deployment", id="its-name"),
    pytest.param("apps", "deploys", "Deployment", id="its-kind"),
]


@pytest.mark.parametrize(("group", "plural", "kind"), RIVALS)
async def test_a_definition_of_a_built_in_kind_changes_nothing(group: str, plural: str, kind: str) -> None:
    async with running_api() as api:
        await api("POST", DEPLOYMENTS, deployment())
        own = {
            **definition(group=group, names={"plural": plural, "kind": kind}),
            "metadata": {"name": f"{plural}.apps"},
        }
        stored = (await api("POST", CRDS, own)).json
        gone = await api("DELETE", f"{CRDS}/{plural}.apps")
        assert {c["type"]: c["status"] for c in stored["status"]["conditions"]} == NOT_ACCEPTED
        assert (gone.status, (await api("GET", f"{DEPLOYMENTS}/it")).status) == (200, 200)


BAD_DEFINITIONS = [
    pytest.param({"group": "other.com"}, "metadata.name", id="a-name-that-is-not-plural-and-group"),
    pytest.param({"scope": "Universe"}, "spec.scope", id="an-unknown-scope"),
    pytest.param({"versions": []}, "spec.versions", id="no-versions"),
    pytest.param({"conversion": {"strategy": "Webhook"}}, "spec.conversion.strategy", id="a-conversion-webhook"),
    pytest.param(
        {
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"a": {"pattern": "("}}}},
                }
            ]
        },
        "spec.versions[0].schema.openAPIV3Schema.properties[a].pattern",
        id="a-pattern-that-is-none",
    ),
    pytest.param(
        {"versions": [{"name": "v1", "served": True, "storage": True}]},
        "spec.versions[0].schema.openAPIV3Schema",
        id="a-version-without-schema",
    ),
]


@pytest.mark.parametrize(("spec", "field"), BAD_DEFINITIONS)
async def test_a_bad_definition_is_refused(spec: Obj, field: str) -> None:
    async with running_api() as api:
        answer = await api("POST", CRDS, definition(**spec))
        assert (answer.status, [c["field"] for c in answer.json["details"]["causes"]]) == (422, [field])
