"""One status from many, for kinds that speak in conditions: Flux's, and custom resources nobody described."""

from typing import Any

import pytest

from flotilla_common.kinds import aggregate
from tests.unit.common.kinds.samples import condition, items, made


def ready(status: str, message: str, reason: str = "Done") -> dict[str, Any]:
    return condition("Ready", status, reason, message)


SEEN = {"generation": 3, "observedGeneration": 3, "resourceTemplateGeneration": 2}
FLUX = [
    pytest.param(
        {"observedGeneration": 1, "storageNamespace": "x"},
        [
            {"conditions": [ready("True", "ok")], "lastAppliedRevision": "1", "failures": 1, **SEEN},
            {"conditions": [ready("True", "ok")], "lastAppliedRevision": "2", "failures": 2, **SEEN},
        ],
        {
            "observedGeneration": 2,
            "storageNamespace": "x",
            "conditions": [ready("True", "m1=ok, m2=ok")],
            "lastAppliedRevision": "2",
            "failures": 3,
        },
        id="alike-conditions-are-joined-and-the-last-revision-shown",
    ),
    pytest.param(
        {"observedGeneration": 1},
        [
            {"conditions": [ready("True", "ok")], **SEEN},
            {"conditions": [ready("False", "no", "Broken")], **SEEN, "observedGeneration": 2},
        ],
        {"observedGeneration": 1, "conditions": [ready("True", "m1=ok"), ready("False", "m2=no", "Broken")]},
        id="unlike-conditions-stand-side-by-side",
    ),
    pytest.param(
        {"failures": 5, "lastAppliedRevision": "1"}, [], {"observedGeneration": 2, "conditions": []}, id="nobody"
    ),
]


@pytest.mark.parametrize(("old", "members", "status"), FLUX)
def test_helm_release(old: dict[str, Any], members: list[Any], status: dict[str, Any]) -> None:
    release = made("helm.toolkit.fluxcd.io/v2beta1", "HelmRelease", generation=2, status=old)
    assert aggregate(release, items(*members)) == status
    assert aggregate({**release, "status": status}, items(*members)) == status


GENERIC = [
    pytest.param([{"url": "u"}, {"url": "u"}], None, id="no-conditions-no-aggregation"),
    pytest.param(
        [
            {"conditions": [ready("True", "ok")], "url": "u", "ip": "1", **SEEN},
            {"conditions": [ready("True", "ok")], "url": "u", "ip": "2", **SEEN},
        ],
        {"conditions": [ready("True", "m1=ok, m2=ok")], "url": "u", "observedGeneration": 2},
        id="what-all-agree-on",
    ),
    pytest.param(
        [{"conditions": [ready("True", "ok")], **SEEN}, {"conditions": [], **SEEN, "resourceTemplateGeneration": 1}],
        {"conditions": [ready("True", "m1=ok")], "observedGeneration": 1},
        id="observed-only-when-all-have",
    ),
    pytest.param(
        [{"conditions": [ready("True", "ok")]}, None],
        {"conditions": [ready("True", "m1=ok")], "observedGeneration": 1},
        id="some-silent",
    ),
    pytest.param([{"conditions": {"a": "b"}}, "Bound"], None, id="odd-statuses-are-left-alone"),
]


@pytest.mark.parametrize(("members", "status"), GENERIC)
def test_custom_resource(members: list[Any], status: dict[str, Any] | None) -> None:
    assert (
        aggregate(made("example.org/v1", "Thing", generation=2, status={"observedGeneration": 1}), items(*members))
        == status
    )
