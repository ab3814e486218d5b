"""What the demo's table says about a template in a cluster."""

import pytest

from flotilla_common.conditions import condition
from flotilla_common.objects import Obj
from flotilla_hub.demo.board import Cell, Tone, board_of
from flotilla_hub.demo.screen import plain_table

READY = condition("Ready", True, "R", "", "2026-01-01T00:00:00Z")


def seen(
    item: Obj | None, *, target: bool = True, generation: int = 2, overridden: bool = False
) -> dict[tuple[str, str, str], Obj]:
    marks = {"policy.karmada.io/applied-overrides": "[]"} if overridden else {}
    manifest = {"kind": "Deployment", "metadata": {"name": "web"}}
    return {
        ("Cluster", "", "a"): {"spec": {"syncMode": "Push"}, "status": {"conditions": [READY]}},
        ("Deployment", "default", "web"): {"metadata": {"generation": generation}},
        ("ResourceBinding", "default", "web-deployment"): {
            "spec": {
                "resource": {"kind": "Deployment", "namespace": "default", "name": "web"},
                "clusters": [{"name": "a"}] if target else [],
            },
            "status": {"aggregatedStatus": [{"clusterName": "a", **item}] if item else []},
        },
        ("Work", "karmada-es-a", "web-1"): {
            "metadata": {"annotations": marks},
            "spec": {"workload": {"manifests": [manifest]}},
        },
    }


GOOD = {"applied": True, "health": "Healthy"}
CELLS = [
    pytest.param(seen({**GOOD, "status": {"readyReplicas": 3}}), Cell("3 ready", Tone.GOOD), id="replicas"),
    pytest.param(seen(GOOD), Cell("Healthy", Tone.GOOD), id="health-where-there-are-no-replicas"),
    pytest.param(seen(GOOD, overridden=True), Cell("Healthy, overridden", Tone.GOOD), id="overridden"),
    pytest.param(seen({**GOOD, "health": "Unhealthy"}), Cell("Unhealthy", Tone.WAIT), id="not-healthy-yet"),
    pytest.param(
        seen({**GOOD, "status": {"resourceTemplateGeneration": 1}}), Cell("old: 1 of 2", Tone.WAIT), id="behind"
    ),
    pytest.param(seen({"applied": False}), Cell("not applied", Tone.BAD), id="refused"),
    pytest.param(seen(None), Cell("not yet", Tone.WAIT), id="on-its-way"),
    pytest.param(seen(None, target=False), Cell("·"), id="not-for-this-cluster"),
]


@pytest.mark.parametrize(("objects", "cell"), CELLS)
def test_a_cell(objects: dict[tuple[str, str, str], Obj], cell: Cell) -> None:
    assert board_of(objects, ["a"]).rows == (("Deployment web", (cell,)),)


def test_the_header_says_how_each_cluster_is() -> None:
    board = board_of(seen(None), ["a", "b"])
    assert board.clusters == (Cell("a Push Ready", Tone.GOOD), Cell("b"))


def test_definitions_share_a_row() -> None:
    definition = {"spec": {}, "status": {"aggregatedStatus": [{"clusterName": "a", **GOOD}]}}
    objects = {("ClusterResourceBinding", "", name): definition for name in ("x", "y")}
    cells = (Cell("2 of 2", Tone.GOOD), Cell("0 of 2", Tone.WAIT))
    assert board_of(objects, ["a", "b"]).rows == (("definitions of Flux's kinds", cells),)


def test_where_there_is_no_terminal_the_table_is_plain_text() -> None:
    table = plain_table(board_of(seen({**GOOD, "status": {"readyReplicas": 3}}), ["a"]))
    assert table == ["TEMPLATE         A PUSH READY", "Deployment web   ✔ 3 ready"]
