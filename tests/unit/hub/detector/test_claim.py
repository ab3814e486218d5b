"""The marks of a claim, on templates and bindings."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.detector.claim import claimed, released
from flotilla_hub.model.policy import Policy
from tests.unit.hub.build import deployment, policy, policy_object

PP = "propagationpolicy.karmada.io"
CPP = "clusterpropagationpolicy.karmada.io"


def marks(obj: Obj | None) -> tuple[Any, Any]:
    assert obj is not None
    return obj["metadata"].get("labels"), obj["metadata"].get("annotations")


def test_a_namespaced_policy_marks_id_namespace_and_name() -> None:
    marked = claimed(deployment(labels={"app": "web"}), policy("p"))
    assert marks(marked) == (
        {"app": "web", f"{PP}/permanent-id": "id-p"},
        {f"{PP}/namespace": "default", f"{PP}/name": "p"},
    )


def test_a_cluster_wide_policy_marks_id_and_name() -> None:
    assert marks(claimed(deployment(), policy("p", ""))) == ({f"{CPP}/permanent-id": "id-p"}, {f"{CPP}/name": "p"})


@pytest.mark.parametrize(("first", "then"), [(policy("a", ""), policy("b")), (policy("b"), policy("a", ""))])
def test_a_claim_takes_the_other_scopes_marks_away(first: Policy, then: Policy) -> None:
    assert marks(claimed(claimed(deployment(), first) or {}, then)) == marks(claimed(deployment(), then))


def test_what_is_already_claimed_is_not_changed() -> None:
    assert claimed(claimed(deployment(), policy("p")) or {}, policy("p")) is None


def test_a_policy_made_anew_under_its_name_claims_anew() -> None:
    again = policy_object("p")
    again["metadata"]["labels"] = {f"{PP}/permanent-id": "second"}
    assert marks(claimed(claimed(deployment(), policy("p")) or {}, Policy.of(again)))[0] == {
        f"{PP}/permanent-id": "second"
    }


def test_released_keeps_what_is_the_users() -> None:
    template = deployment(labels={"app": "web"}, annotations={"note": "mine"})
    assert released(claimed(template, policy("p")) or {}) == template


def test_released_has_nothing_to_do_without_a_claim() -> None:
    assert released(deployment(labels={"app": "web"})) is None
