"""How explanations and plans look on a terminal: tables, removals first, colour only where it is wanted."""

import sys

import pytest

from flotilla_hub.answers.delivery import Sent
from flotilla_hub.answers.explain import Observed
from flotilla_hub.answers.settle import settle, works_of
from flotilla_hub.answers.state import State
from flotilla_hub.answers.values import Change
from flotilla_hub.cli import explanation_text, plan_text
from flotilla_hub.cli.wording import listed, of_change
from tests.unit.hub.answers.samples import (
    LATER,
    WEB,
    hub,
    member,
    nginx,
    override,
    placement,
    planned,
    tag,
    told,
    web_policy,
    written,
)

RUNNING = hub(nginx(), web_policy("eu-1", "eu-2"))


def test_a_plan_shows_removals_first_and_marked() -> None:
    image = "spec.template.spec.containers[app].image: nginx:1.14.2 -> nginx:1.15"
    lines = plan_text.text_lines(planned(RUNNING, web_policy("eu-1"), nginx("nginx:1.15", replicas=5)))
    assert lines[:6] == [
        "  ACTION   CLUSTER   NAMESPACE   OBJECT             CHANGE",
        "- DELETE   eu-2      default     deployment/nginx     !",
        "~ UPDATE   eu-1      default     deployment/nginx   spec.replicas: 3 -> 5",
        " " * 52 + image,
        "",
        "On the hub:",
    ]
    assert lines[-4:] == [
        "  update   Deployment default/nginx        spec.replicas: 3 -> 5",
        " " * 43 + image,
        "",
        "Summary: 1 update, 1 DELETE in 2 clusters. Nothing was stored.",
    ]


def test_a_mass_removal_is_the_first_line() -> None:
    first = plan_text.text_lines(planned(RUNNING, delete=(written(nginx()),)))[0]
    assert first == "! Deployment default/nginx would leave 2 of its 2 clusters"


def test_clusters_with_the_same_line_share_it_when_they_are_many() -> None:
    names = [f"m-{n}" for n in range(7)]
    state = hub(nginx(), web_policy(*names), clusters=tuple(map(member, names)))
    assert plan_text.text_lines(planned(state, nginx("nginx:1.15")))[1].split("   ")[1:3] == [
        "m-0, m-1, m-2 and 4 more",
        "default",
    ]


def test_silent_clusters_are_named_in_the_summary() -> None:
    state = hub(nginx(), web_policy("eu-1"), clusters=(member("eu-1", ready="Unknown"),))
    assert plan_text.text_lines(planned(state, nginx("nginx:1.15")))[-1] == (
        "Summary: 1 update in 1 cluster; not answering now, gets it when back: eu-1. Nothing was stored."
    )


def test_nothing_to_do_is_one_line() -> None:
    assert plan_text.text_lines(planned(RUNNING, nginx())) == ["Nothing would change."]


def explained() -> list[str]:
    """Of one cluster with an override and an agent that is behind, one that nothing speaks for, and a lost contest."""
    tainted = member("us-1", kinds=(), taints=[{"key": "old", "effect": "NoExecute"}])
    state = hub(
        nginx(),
        web_policy("eu-1"),
        web_policy("eu-1", name="zz"),
        override(clusters=("eu-1",), imageOverrider=tag("1.16")),
        clusters=(member("eu-1"), tainted),
    )
    digest = works_of(state, settle(state, state.objects[WEB], LATER)).messages["eu-1"].digest()
    return explanation_text.text_lines(told(state, Observed({"eu-1": Sent(digest)})))


def test_an_explanation_has_a_line_per_cluster_and_one_per_further_reason() -> None:
    image = "spec.template.spec.containers[app].image: nginx:1.14.2 -> nginx:1.16"
    assert explained() == [
        "Deployment default/nginx, generation 2: PropagationPolicy default/web claimed it before and still selects it",
        "  won:    PropagationPolicy default/web   priority 0, by name   it comes first",
        "  lost:   PropagationPolicy default/zz    priority 0, by name   "
        "all else is equal, and web comes before zz in the alphabet",
        "",
        "CLUSTER   FIT   REPLICAS   STATE     WHY",
        "eu-1      yes   3          waiting   score 100",
        " " * 37 + "its agent has not answered yet",
        "us-1      no                         ClusterAffinity: it is not in clusterNames (eu-1)",
        " " * 37 + "APIEnablement: apps/v1 Deployment is not among the 3 kinds its agent reports",
        " " * 37 + "TaintToleration: old:NoExecute",
        "",
        "CLUSTER   OVERRIDE                              CHANGE",
        f"eu-1      OverridePolicy default/patch rule 1   {image}",
        "",
        "CONDITION   STATUS   MESSAGE",
        "Scheduled   True     Binding has been scheduled successfully.",
        "",
        "Out of date in eu-1.",
        "Next: flotilla get works -n karmada-es-eu-1 -o yaml",
    ]


NEXT = [
    pytest.param(hub(nginx()), "create a PropagationPolicy", id="no-policy"),
    pytest.param(
        hub(nginx(), web_policy("m"), clusters=(member("m", kinds=()),)), "flotilla get clusters m", id="a-cluster"
    ),
    pytest.param(
        hub(nginx(), web_policy("eu-1", dependentOverrides=["x"])),
        "waits for what is not there: OverridePolicy x",
        id="it-waits",
    ),
]


@pytest.mark.parametrize(("state", "hint"), NEXT)
def test_an_explanation_says_where_to_look_next(state: State, hint: str) -> None:
    assert hint in "\n".join(explanation_text.text_lines(told(state)))


def test_the_affinity_in_use_is_named() -> None:
    groups = [{"affinityName": "first", "clusterNames": ["eu-1"]}]
    state = hub(nginx(), web_policy(placement={"clusterAffinities": groups}))
    assert explanation_text.text_lines(told(state))[1] == "Affinity group in use: first"


def test_a_cluster_that_was_passed_over_says_why() -> None:
    spread = placement("eu-1", "eu-2", spreadConstraints=[{"spreadByField": "cluster", "maxGroups": 1}])
    lines = explanation_text.text_lines(told(hub(nginx(), web_policy(placement=spread))))
    assert any(line.startswith("eu-2") and line.endswith("the spread constraints took others") for line in lines)


TERMINALS = [
    pytest.param(True, "", True, id="coloured-on-a-terminal"),
    pytest.param(True, "1", False, id="not-with-NO_COLOR"),
    pytest.param(False, "", False, id="not-into-a-pipe"),
]


@pytest.mark.parametrize(("terminal", "no_color", "coloured"), TERMINALS)
def test_colour(terminal: bool, no_color: str, coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    monkeypatch.setenv("NO_COLOR", no_color)
    lines = plan_text.text_lines(planned(RUNNING, web_policy("eu-1")))
    assert any("\x1b[31;1m- DELETE" in line for line in lines) == coloured
    assert any("\x1b" in line for line in lines) == coloured


WORDS = [
    pytest.param(Change(path="a", before=1, after="x"), "a: 1 -> x", id="changed"),
    pytest.param(Change(path="a", after=None), "+ a: null", id="added"),
    pytest.param(Change(path="a", before=""), '- a: ""', id="removed"),
    pytest.param(Change(path="a", after="x\ny"), "+ a: x\\ny", id="on-one-line"),
    pytest.param(Change(path="a", after="x" * 99), f"+ a: {'x' * 59}…", id="shortened"),
]


@pytest.mark.parametrize(("change", "expected"), WORDS)
def test_a_change_in_words(change: Change, expected: str) -> None:
    assert of_change(change) == expected


def test_few_names_are_all_listed() -> None:
    assert (listed(["a", "b"]), listed(list("abcdef"))) == ("a, b", "a, b, c and 3 more")
