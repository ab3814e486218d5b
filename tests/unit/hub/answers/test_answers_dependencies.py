"""What travels along, as `explain` tells and `plan` foresees it."""

from typing import Any

import pytest

from flotilla_common.objects import Obj
from flotilla_hub.answers.state import Identity, State
from flotilla_hub.cli import explanation_text
from tests.unit.hub.answers.samples import hub, nginx, override, planned, rows, told, verdicts, web_policy
from tests.unit.hub.build import manifest


def reading(*names: str, name: str = "nginx") -> Obj:
    """A Deployment whose pods read these ConfigMaps."""
    template = nginx(name=name)
    (container,) = template["spec"]["template"]["spec"]["containers"]
    container["envFrom"] = [{"configMapRef": {"name": each}} for each in names]
    return template


def conf(name: str = "conf", value: str = "1") -> Obj:
    return manifest("ConfigMap", name, data={"v": value}, metadata={"uid": f"uid-{name}"})


def follows(*clusters: str, **spec: Any) -> Obj:
    return web_policy(*clusters, propagateDeps=True, **spec)


WEB, CONF = "deployment/nginx", "configmap/conf"
AT_REST = hub(reading("conf"), conf(), follows("eu-1"))

PLANS = [
    pytest.param(AT_REST, [], [], id="at-rest-nothing-moves"),
    pytest.param(AT_REST, [follows("eu-1")], [], id="nor-when-it-is-applied-again"),
    pytest.param(
        hub(conf(), follows("eu-1")),
        [reading("conf")],
        [("CREATE", "eu-1", CONF), ("CREATE", "eu-1", WEB)],
        id="it-comes-with-the-template",
    ),
    pytest.param(
        hub(reading("conf"), follows("eu-1")),
        [conf()],
        [("CREATE", "eu-1", CONF)],
        id="it-is-followed-when-it-comes-later",
    ),
    pytest.param(
        AT_REST, [follows("us-1")], [("MOVE", "us-1", CONF), ("MOVE", "us-1", WEB)], id="it-moves-with-the-template"
    ),
    pytest.param(AT_REST, [conf(value="2")], [("UPDATE", "eu-1", CONF)], id="a-change-of-it-arrives"),
    pytest.param(
        AT_REST,
        [reading()],
        [("DELETE", "eu-1", CONF), ("UPDATE", "eu-1", WEB)],
        id="it-goes-when-the-template-needs-it-no-more",
    ),
    pytest.param(AT_REST, [web_policy("eu-1", propagateDeps=False)], [("DELETE", "eu-1", CONF)], id="or-the-policy"),
    pytest.param(
        hub(reading("conf"), conf(), web_policy("eu-1")), [follows("eu-1")], [("CREATE", "eu-1", CONF)], id="and-back"
    ),
]


@pytest.mark.parametrize(("state", "applied", "expected"), PLANS)
def test_a_plan_foresees_it(state: State, applied: list[Obj], expected: list[tuple[str, str, str]]) -> None:
    assert sorted(rows(planned(state, *applied))) == expected


def test_a_deleted_template_takes_along_what_only_it_needs() -> None:
    shared = hub(reading("conf"), reading("conf", name="other"), conf(), follows("eu-1"), other_policy())
    assert sorted(rows(planned(AT_REST, delete=(nginx(),)))) == [("DELETE", "eu-1", CONF), ("DELETE", "eu-1", WEB)]
    assert rows(planned(shared, delete=(nginx(),))) == [("DELETE", "eu-1", WEB)]


def other_policy() -> Obj:
    selector = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "other"}
    return web_policy("eu-1", name="other", selectors=(selector,), propagateDeps=True)


def test_a_deleted_policy_takes_its_marks_off_and_moves_nothing() -> None:
    assert rows(planned(AT_REST, delete=(follows("eu-1"),))) == [("UPDATE", "eu-1", WEB)]


def test_what_travels_along_needs_no_policy_of_its_own() -> None:
    assert planned(hub(reading("conf"), follows("eu-1")), conf()).troubles == ()
    assert [t.message for t in planned(hub(), conf()).troubles] == ["no policy selects it: it goes nowhere"]


def test_an_override_changes_what_travels_along_too() -> None:
    patch = override("for-conf", plaintext=[{"path": "/data/v", "operator": "replace", "value": "9"}])
    patch["spec"]["resourceSelectors"] = [{"apiVersion": "v1", "kind": "ConfigMap", "name": "conf"}]
    assert rows(planned(AT_REST, patch)) == [("UPDATE", "eu-1", CONF)]


def test_an_explanation_names_what_travels_along() -> None:
    explained = told(hub(reading("conf", "absent"), conf(), follows("eu-1")))
    assert [(d.object.name, d.there) for d in explained.dependencies] == [("absent", False), ("conf", True)]
    line = "It takes along ConfigMap default/absent (not there), ConfigMap default/conf"
    assert line in explanation_text.text_lines(explained)


def test_an_explanation_names_who_needs_it_there() -> None:
    explained = told(AT_REST, what=Identity.of(conf()))
    assert (verdicts(explained)["eu-1"].chosen, verdicts(explained)["eu-1"].required_by) == (
        True,
        ("default/nginx-deployment",),
    )
    lines = explanation_text.text_lines(explained)
    assert lines[0].endswith("no policy selects it, and it goes where it is required")
    assert any("required by default/nginx-deployment" in line for line in lines)
    assert not any("create a PropagationPolicy" in line for line in lines)
