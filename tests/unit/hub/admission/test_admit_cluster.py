"""Cluster: how a member is reached, its taints and where it lies."""

from typing import Any

import pytest

from flotilla_common.objects import Obj, copy_of
from flotilla_hub.admission import ADMIT

NOW = "2026-01-01T00:00:00Z"
CLUSTERS = ADMIT["clusters.cluster.karmada.io"]
MAX = "9223372036854775807"


def submitted(name: str = "member1", **spec: Any) -> Obj:
    return {"kind": "Cluster", "metadata": {"name": name}, "spec": {"syncMode": "Pull", **spec}}


def defaulted(**spec: Any) -> Obj:
    stored: Obj = CLUSTERS.default(submitted(**spec), NOW, "id")["spec"]
    return stored


def errors(name: str = "member1", **spec: Any) -> list[str]:
    return [str(e) for e in CLUSTERS.validate(CLUSTERS.default(submitted(name, **spec), NOW, "id"), None)]


def taint(key: str = "a", effect: str = "NoSchedule", **more: str) -> dict[str, str]:
    return {"key": key, "effect": effect, **more}


def grade(number: int, low: str, high: str, resource: str = "cpu") -> dict[str, Any]:
    return {"grade": number, "ranges": [{"name": resource, "min": low, "max": high}]}


def test_a_registration_by_kubeconfig_needs_no_mode_and_no_namespace() -> None:
    spec = {
        "apiEndpoint": "https://<your-aks-cluster-api-server>",
        "secretRef": {"name": "aks-kubeconfig"},
        "insecureSkipTLSVerification": True,
    }
    stored = CLUSTERS.default({"kind": "Cluster", "metadata": {"name": "aks-cluster"}, "spec": spec}, NOW, "id")
    models = stored["spec"].pop("resourceModels")
    assert stored["spec"] == {
        **spec,
        "syncMode": "Push",
        "secretRef": {"name": "aks-kubeconfig", "namespace": "karmada-system"},
    }
    assert CLUSTERS.validate(stored, None) == ()
    assert [len(models), models[0]["ranges"], models[8]["ranges"]] == [
        9,
        [{"name": "cpu", "min": "0", "max": "1"}, {"name": "memory", "min": "0", "max": "4Gi"}],
        [{"name": "cpu", "min": "128", "max": MAX}, {"name": "memory", "min": "1Ti", "max": MAX}],
    ]


DEFAULTS = [
    pytest.param("zones", {"zone": "a"}, ["a"], id="a-zone-becomes-zones"),
    pytest.param(
        "taints",
        {"taints": [taint(effect="NoExecute")]},
        [taint(effect="NoExecute", timeAdded=NOW)],
        id="an-evicting-taint-begins-now",
    ),
    pytest.param(
        "taints",
        {"taints": [taint(effect="NoExecute", timeAdded="then")]},
        [taint(effect="NoExecute", timeAdded="then")],
        id="or-when-it-says",
    ),
    pytest.param("taints", {"taints": [taint()]}, [taint()], id="another-taint-has-no-beginning"),
    pytest.param(
        "resourceModels",
        {"resourceModels": [grade(1, "1", "2"), grade(0, "1", "1")]},
        [grade(0, "0", "1"), grade(1, "1", MAX)],
        id="models-are-sorted-and-open",
    ),
]

VALID = [
    pytest.param({"apiEndpoint": "https://10.0.0.1:6443"}, id="https"),
    pytest.param({"apiEndpoint": "memory://member1"}, id="a-simulated-member"),
    pytest.param({"proxyURL": "socks5://proxy:1080"}, id="a-proxy"),
    pytest.param({"taints": [taint(), taint(effect="NoExecute"), taint("x.io/b", value="c")]}, id="taints"),
    pytest.param({"provider": "aks", "region": "eu-west", "zones": ["a", "b"]}, id="a-place"),
    pytest.param({"resourceModels": [grade(0, "0", "100m"), grade(1, "0.1", "1")]}, id="grades-that-meet"),
]

INVALID = [
    pytest.param(
        {"syncMode": "Poll"},
        ['spec.syncMode: Unsupported value: "Poll": supported values: "Pull", "Push"'],
        id="no-such-mode",
    ),
    pytest.param(
        {"apiEndpoints": "x"}, ['spec.apiEndpoints: unknown field; did you mean "apiEndpoint"?'], id="a-misspelt-field"
    ),
    pytest.param(
        {"apiEndpoint": "10.0.0.1:6443"},
        [
            'spec.apiEndpoint: Unsupported value: "10.0.0.1:6443": supported values: "http://…", "https://…", '
            '"memory://…"'
        ],
        id="no-scheme",
    ),
    pytest.param(
        {"apiEndpoint": "https://"}, ['spec.apiEndpoint: Invalid value: "https://": must name a host'], id="no-host"
    ),
    pytest.param(
        {"apiEndpoint": "https://h:port"},
        ['spec.apiEndpoint: Invalid value: "https://h:port": must be a URL'],
        id="no-port",
    ),
    pytest.param(
        {"apiEndpoint": "https://me:secret@h?x=1#y"},
        [
            'spec.apiEndpoint: Invalid value: "https://h?x=1#y": must not hold user information',
            'spec.apiEndpoint: Invalid value: "https://h?x=1#y": must not hold a fragment',
            'spec.apiEndpoint: Invalid value: "https://h?x=1#y": must not hold a query',
        ],
        id="a-password-is-not-repeated",
    ),
    pytest.param(
        {"proxyURL": "ftp://h"},
        ['spec.proxyURL: Unsupported value: "ftp://h": supported values: "http://…", "https://…", "socks5://…"'],
        id="no-such-proxy",
    ),
    pytest.param({"secretRef": {}}, ["spec.secretRef.name: Required value"], id="half-a-reference"),
    pytest.param(
        {"region": "eu west"},
        [
            "spec.region: Invalid value: \"eu west\": must consist of letters, digits, '-', '_' or '.', and "
            "must start and end with a letter or digit"
        ],
        id="no-label-value",
    ),
    pytest.param(
        {"zone": "a", "zones": ["b"]},
        ["spec.zone: Forbidden: zone and zones exclude each other; write zones"],
        id="zone-and-zones",
    ),
    pytest.param(
        {"taints": [taint(effect="PreferNoSchedule")]},
        ['spec.taints[0].effect: Unsupported value: "PreferNoSchedule": supported values: "NoExecute", "NoSchedule"'],
        id="an-effect-clusters-lack",
    ),
    pytest.param(
        {"taints": [taint(), taint(value="x")]}, ['spec.taints[1]: Duplicate value: "a:NoSchedule"'], id="a-taint-twice"
    ),
    pytest.param(
        {"resourceModels": [grade(0, "0", "1"), grade(0, "1", "2")]},
        ["spec.resourceModels[1].grade: Invalid value: 0: must differ from the grade before it"],
        id="a-grade-twice",
    ),
    pytest.param(
        {"resourceModels": [grade(0, "0", "1"), grade(1, "2", "3")]},
        ['spec.resourceModels[1].ranges[0].min: Invalid value: "2": must be 1, where the grade before it ends'],
        id="a-gap-between-grades",
    ),
    pytest.param(
        {"resourceModels": [grade(0, "0", "1"), grade(1, "1", "2", "memory")]},
        [
            'spec.resourceModels[1].ranges: Invalid value: ["memory"]: must name the same resources, in the '
            "same order, in every grade"
        ],
        id="other-resources",
    ),
    pytest.param(
        {"resourceModels": [grade(0, "0", "lots"), grade(1, "1", "2")]},
        [
            'spec.resourceModels[0].ranges[0].max: Invalid value: "lots": must be a quantity, like 250m, 2 or 512Mi',
            'spec.resourceModels[1].ranges[0].min: Invalid value: "1": must be lots, where the grade before it ends',
        ],
        id="no-quantity",
    ),
    pytest.param(
        {"resourceModels": [grade(0, "0", "0"), grade(1, "0", "1")]},
        ['spec.resourceModels[0].ranges[0].max: Invalid value: "0": must be greater than min, which is 0'],
        id="an-empty-range",
    ),
]


@pytest.mark.parametrize(("field", "spec", "expected"), DEFAULTS)
def test_default(field: str, spec: Any, expected: Any) -> None:
    before = copy_of(spec)
    assert defaulted(**spec)[field] == expected
    assert spec == before


@pytest.mark.parametrize("spec", VALID)
def test_valid(spec: Any) -> None:
    assert errors(**spec) == []


@pytest.mark.parametrize(("spec", "expected"), INVALID)
def test_invalid(spec: Any, expected: list[str]) -> None:
    assert errors(**spec) == expected


@pytest.mark.parametrize("name", ["Member", "a.b", "-a", "a" * 49, ""])
def test_a_name_fits_into_the_names_made_of_it(name: str) -> None:
    assert [e.path for e in CLUSTERS.validate(CLUSTERS.default(submitted(name), NOW, "id"), None)] == ["metadata.name"]


def test_defaulting_again_changes_nothing() -> None:
    stored = CLUSTERS.default(submitted(taints=[taint(effect="NoExecute")], zone="a"), NOW, "id")
    assert CLUSTERS.default(stored, "later", "other", stored) == stored
