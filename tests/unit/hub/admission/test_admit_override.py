"""OverridePolicy and ClusterOverridePolicy: the rules each overrider's arguments must keep."""

from typing import Any

import pytest

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.admission import ADMIT
from tests.unit.hub.build import plaintext, selector

OP = ADMIT["overridepolicies.policy.karmada.io"]
AT = "spec.overrideRules[0].overriders"


def submitted(namespace: str = "default", **spec: Any) -> Obj:
    return {"kind": "OverridePolicy", "metadata": {"name": "o", "namespace": namespace}, "spec": spec}


def errors(**spec: Any) -> list[str]:
    return [str(e) for e in OP.validate(OP.default(submitted(**spec), "now", "id"), None)]


def ruled(**overriders: Any) -> dict[str, Any]:
    return {"overrideRules": [{"overriders": overriders}]}


FIELD = {"fieldPath": "/data/x", "json": [{"subPath": "/a", "operator": "add", "value": 1}]}

VALID = [
    pytest.param({}, id="no-rules"),
    pytest.param(ruled(plaintext=[plaintext("/spec/values", {"a": None})]), id="plaintext"),
    pytest.param(ruled(imageOverrider=[{"component": "Tag", "operator": "remove"}]), id="image"),
    pytest.param(ruled(commandOverrider=[{"containerName": "a", "operator": "add", "value": ["x"]}]), id="command"),
    pytest.param(ruled(annotationsOverrider=[{"operator": "add", "value": {"a/b": "any text"}}]), id="annotations"),
    pytest.param(ruled(fieldOverrider=[FIELD]), id="field"),
    pytest.param({"overriders": {"plaintext": []}, "targetCluster": {"clusterNames": ["m"]}}, id="the-deprecated-pair"),
]

INVALID = [
    pytest.param(
        {"overrideRules": [{}]}, ["spec.overrideRules[0].overriders: Required value"], id="a-rule-without-overriders"
    ),
    pytest.param(
        {"overrideRules": [], "overriders": {}},
        ["spec.overriders: Forbidden: may not be set together with overrideRules; move it into a rule"],
        id="both-forms",
    ),
    pytest.param(
        ruled(plaintexts=[]), [f'{AT}.plaintexts: unknown field; did you mean "plaintext"?'], id="a-misspelt-overrider"
    ),
    pytest.param(
        ruled(plaintext=[plaintext("spec", 1)]),
        [f"{AT}.plaintext[0].path: Invalid value: \"spec\": a JSON pointer must be empty or start with '/'"],
        id="no-pointer",
    ),
    pytest.param(
        ruled(plaintext=[plaintext("/a~b", 1)]),
        [
            f"{AT}.plaintext[0].path: Invalid value: \"/a~b\": '~' in a JSON pointer must be written '~0', and "
            f"'/' in a key '~1'"
        ],
        id="an-unescaped-tilde",
    ),
    pytest.param(
        ruled(plaintext=[{"path": "/a", "operator": "move"}]),
        [f'{AT}.plaintext[0].operator: Unsupported value: "move": supported values: "add", "remove", "replace"'],
        id="no-such-operator",
    ),
    pytest.param(
        ruled(imageOverrider=[{"component": "Digest", "operator": "add"}]),
        [
            f'{AT}.imageOverrider[0].component: Unsupported value: "Digest": supported values: "Registry", '
            f'"Repository", "Tag"'
        ],
        id="no-such-component",
    ),
    pytest.param(
        ruled(imageOverrider=[{"component": "Tag", "operator": "add"}]),
        [f"{AT}.imageOverrider[0].value: Required value: nothing to add"],
        id="no-tag-to-add",
    ),
    pytest.param(
        ruled(argsOverrider=[{"containerName": "a", "operator": "replace"}]),
        [f'{AT}.argsOverrider[0].operator: Unsupported value: "replace": supported values: "add", "remove"'],
        id="arguments-cannot-be-replaced",
    ),
    pytest.param(
        ruled(labelsOverrider=[{"operator": "add", "value": {"a b": "c d"}}]),
        [
            f"{AT}.labelsOverrider[0].value: Invalid value: \"a b\": must consist of letters, digits, '-', '_' "
            f"or '.', and must start and end with a letter or digit",
            f"{AT}.labelsOverrider[0].value[a b]: Invalid value: \"c d\": must consist of letters, digits, '-', "
            f"'_' or '.', and must start and end with a letter or digit",
        ],
        id="no-label",
    ),
    pytest.param(
        ruled(fieldOverrider=[{"fieldPath": "/d"}]),
        [
            f"{AT}.fieldOverrider[0]: Invalid value: []: exactly one of `json` and `yaml` must be set: it says "
            f"how to read the string at fieldPath"
        ],
        id="neither-json-nor-yaml",
    ),
    pytest.param(
        ruled(fieldOverrider=[{"fieldPath": "/d", "yaml": [{"subPath": "/a", "operator": "replace"}]}]),
        [f"{AT}.fieldOverrider[0].yaml[0].value: Required value: nothing to replace"],
        id="nothing-to-replace",
    ),
    pytest.param(
        ruled(fieldOverrider=[{"fieldPath": "/d", "yaml": [{"subPath": "/a", "operator": "remove", "value": 1}]}]),
        [f"{AT}.fieldOverrider[0].yaml[0].value: Forbidden: may not be set when `operator` is 'remove'"],
        id="remove-with-a-value",
    ),
    pytest.param(
        ruled(fieldOverrider=[{"fieldPath": "/d", "jsn": []}]),
        [f'{AT}.fieldOverrider[0].jsn: unknown field; did you mean "json"?'],
        id="suggestions-are-what-users-write",
    ),
    pytest.param(
        {"resourceSelectors": [selector(namespace="x")]},
        [
            "spec.resourceSelectors[0].namespace: Invalid value: \"x\": must be 'default', the policy's own "
            "namespace; a cluster-wide policy can select in another"
        ],
        id="another-namespace",
    ),
]


@pytest.mark.parametrize("spec", VALID)
def test_valid(spec: Any) -> None:
    assert errors(**spec) == []


@pytest.mark.parametrize(("spec", "expected"), INVALID)
def test_invalid(spec: Any, expected: list[str]) -> None:
    assert errors(**spec) == expected


def test_selectors_get_the_policys_namespace_and_null_values_stay() -> None:
    given = submitted(resourceSelectors=[selector()], **ruled(plaintext=[plaintext("/a", None)]))
    before = copy_of(given)
    stored = OP.default(given, "now", "id")
    assert stored["spec"]["resourceSelectors"] == [selector(namespace="default")]
    assert stored["spec"]["overrideRules"] == given["spec"]["overrideRules"]
    assert given == before
