"""The feature gates: upstream's defaults, and clear refusals."""

from pathlib import Path

import pytest

from flotilla_common.settings import BadSetting
from flotilla_hub.features import GATES, Features
from flotilla_hub.settings import HubSettings

ON = {
    "GracefulEviction",
    "PropagateDeps",
    "CustomizedClusterResourceModeling",
    "PriorityBasedScheduling",
    "ControllerPriorityQueue",
}


def test_the_defaults_are_upstreams():
    assert {name for name in GATES if Features().enabled(name)} == ON


@pytest.mark.parametrize(
    ("text", "gate", "expected"),
    [
        pytest.param("Failover=true", "Failover", True, id="a-gate-is-turned-on"),
        pytest.param("PropagateDeps=false", "PropagateDeps", False, id="a-gate-is-turned-off"),
        pytest.param(" Failover=True , PropagateDeps=false,", "Failover", True, id="spaces-and-case-do-not-matter"),
        pytest.param("Failover=true", "PropagateDeps", True, id="others-keep-their-default"),
        pytest.param("Failover=true,Failover=false", "Failover", False, id="the-last-word-counts"),
    ],
)
def test_a_list_of_gates_is_read(text, gate, expected):
    assert Features.parse(text).enabled(gate) is expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("Failovr=true", "no feature gate 'Failovr'; did you mean Failover?", id="mistyped"),
        pytest.param("Zzz=true", "no feature gate 'Zzz'; there are Failover, ", id="unknown"),
        pytest.param("Failover", "cannot read 'Failover': write Failover=true or Failover=false", id="no-value"),
        pytest.param("Failover=on", "cannot read 'Failover=on': write Failover=true", id="not-a-boolean"),
    ],
)
def test_what_is_no_list_of_gates_is_refused(text, said):
    with pytest.raises(BadSetting, match=r"--feature-gates: .*" + said.split("'")[0]) as refused:
        HubSettings(feature_gates=text)
    assert said in str(refused.value)


def test_asking_for_an_unknown_gate_is_a_mistake_not_a_no():
    with pytest.raises(ValueError, match="did you mean Failover"):
        Features().enabled("Failovr")


@pytest.mark.parametrize(
    ("settings", "flag"),
    [
        pytest.param({"skipped_propagating_apis": "a/b/c/d"}, "--skipped-propagating-apis", id="an-api"),
        pytest.param({"skipped_propagating_namespaces": "("}, "--skipped-propagating-namespaces", id="a-namespace"),
        pytest.param({"plugins": "*,-Taints"}, "--plugins", id="a-scheduler-plugin"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_flag(settings, flag):
    with pytest.raises(BadSetting, match=flag):
        HubSettings(**settings)


def test_the_page_for_users_lists_what_there_is():
    page = (Path(__file__).parents[3] / "docs" / "feature-gates.md").read_text()
    rows = [
        f"| {gate.name} | {gate.stage.value.lower()} | {'on' if gate.default else 'off'} | {gate.use} |"
        for gate in GATES.values()
    ]
    assert [line for line in page.splitlines() if line.startswith("| ")][1:] == rows


@pytest.mark.parametrize(
    ("text", "vain"),
    [
        pytest.param("", (), id="nothing-chosen"),
        pytest.param("Failover=true", (), id="one-that-acts"),
        pytest.param("MultiClusterService=true,Failover=true", ("MultiClusterService",), id="one-that-does-not"),
        pytest.param("ControllerPriorityQueue=true", (), id="what-it-is-anyway"),
    ],
)
def test_a_gate_without_effect_is_known_as_such(text, vain):
    assert Features.parse(text).without_effect == vain
