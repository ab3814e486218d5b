"""Which versions of a template are on record, and what going back to one restores."""

from typing import Any

import pytest

from flotilla_common.errors import NotFound
from flotilla_common.objects import Obj, copy_of, name_of
from flotilla_hub.strategies.history import change, home_of, is_kept, restored, version_of
from tests.unit.hub.strategies.sending import template

ONE, TWO, THREE = (template(f"web:{n}", generation=n) for n in (1, 2, 3))


def record(*templates: Obj, limit: int = 10) -> list[Obj]:
    """What is on record after these, one after the other."""
    kept: list[Obj] = []
    for one in templates:
        found = change(one, kept, limit)
        newest = [found.newest] if found.newest else []
        replaced = {name_of(obj) for obj in newest} | set(found.dropped)
        kept = [obj for obj in kept if name_of(obj) not in replaced] + newest
    return kept


def images(kept: list[Obj]) -> dict[int, str]:
    return {r["revision"]: r["data"]["spec"]["template"]["spec"]["containers"][0]["image"] for r in kept}


RECORDS = [
    pytest.param([ONE], {1: "web:1"}, id="the-first"),
    pytest.param([ONE, ONE], {1: "web:1"}, id="the-same-is-not-recorded-twice"),
    pytest.param([ONE, template("web:1", replicas=9)], {1: "web:1"}, id="nor-another-number-of-replicas"),
    pytest.param([ONE, TWO, THREE], {1: "web:1", 2: "web:2", 3: "web:3"}, id="each-change"),
    pytest.param([ONE, TWO, ONE], {2: "web:2", 3: "web:1"}, id="what-comes-back-is-the-newest-again"),
]


@pytest.mark.parametrize(("templates", "expected"), RECORDS)
def test_what_is_on_record(templates: list[Obj], expected: dict[int, str]) -> None:
    assert images(record(*templates)) == expected


def test_only_so_many_are_kept_beside_the_present_one() -> None:
    many = [template(f"web:{n}") for n in range(1, 6)]
    assert images(record(*many, limit=2)) == {3: "web:3", 4: "web:4", 5: "web:5"}


def test_a_revision_belongs_to_its_template_and_holds_what_the_user_wrote() -> None:
    (kept,) = record({**template("web:1", team="x"), "status": {"replicas": 1}})
    assert kept["metadata"]["namespace"] == "default"
    assert kept["metadata"]["labels"] == {"rollout.flotilla.io/revision-of": "u"}
    assert kept["data"]["metadata"] == {"name": "web", "namespace": "default", "labels": {"team": "x"}}
    assert "status" not in kept["data"]


def claimed(obj: Obj, **more: Any) -> Obj:
    labels = {**obj["metadata"]["labels"], "propagationpolicy.karmada.io/permanent-id": "id"}
    return {**obj, "metadata": {**obj["metadata"], "labels": labels, "resourceVersion": "7"}, **more}


def test_going_back_restores_content_and_keeps_replicas_marks_and_status() -> None:
    now = claimed(template("web:2", replicas=7, team="y", extra="z"), status={"replicas": 7}, other="field")
    before = copy_of(now)
    back = restored(now, record(template("web:1", team="x"), now))
    assert back["spec"] == {"replicas": 7, "template": {"spec": {"containers": [{"name": "app", "image": "web:1"}]}}}
    assert back["metadata"]["labels"] == {"team": "x", "propagationpolicy.karmada.io/permanent-id": "id"}
    assert (back["metadata"]["resourceVersion"], back["status"]) == ("7", {"replicas": 7})
    assert "other" not in back
    assert now == before


def test_going_back_to_a_revision_by_its_number() -> None:
    back = restored(THREE, record(ONE, TWO, THREE), 1)
    assert version_of(back) == version_of(ONE)


NOT_THERE = [
    pytest.param([ONE], 0, "there is no earlier revision of Deployment web; it has 1", id="nothing-before"),
    pytest.param([], 0, "there is no earlier revision of Deployment web; it has none", id="nothing-at-all"),
    pytest.param([ONE, TWO], 9, "there is no revision 9 of Deployment web; it has 2, 1", id="not-that-one"),
]


@pytest.mark.parametrize(("templates", "number", "expected"), NOT_THERE)
def test_there_is_nothing_to_go_back_to(templates: list[Obj], number: int, expected: str) -> None:
    with pytest.raises(NotFound) as err:
        restored(ONE, record(*templates), number)
    assert str(err.value) == expected


def test_secrets_have_no_history_and_cluster_scoped_templates_have_theirs_in_the_hubs_namespace() -> None:
    assert not is_kept({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "default"}})
    assert is_kept(ONE)
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}}
    assert home_of(role) == "karmada-system"
