"""The scheduler's flags: which plugins judge, whose bindings are ours, and what the gates turn on."""

import pytest

from flotilla_hub.features import Features
from flotilla_hub.scheduler.outcome import schedule
from flotilla_hub.scheduler.plugins import FILTERS, SCORES, name_of
from flotilla_hub.scheduler.profile import Profile
from tests.unit.hub.scheduler.samples import NOW, TAINT, binding, cluster, divided, result

ALL = [
    "ClusterAffinity",
    "ClusterAntiAffinity",
    "ClusterEviction",
    "APIEnablement",
    "TaintToleration",
    "SpreadConstraint",
    "WorkloadAffinity",
    "WorkloadAntiAffinity",
]
PLUGINS = [
    pytest.param("*", ALL, id="all"),
    pytest.param("*,-TaintToleration", [name for name in ALL if name != "TaintToleration"], id="all-but-one"),
    pytest.param("-TaintToleration,*", [name for name in ALL if name != "TaintToleration"], id="in-any-order"),
    pytest.param("APIEnablement, ClusterAffinity", ["ClusterAffinity", "APIEnablement"], id="only-those-named"),
    pytest.param("-APIEnablement", [], id="without-the-star-nobody-else"),
    pytest.param("", [], id="none"),
]


@pytest.mark.parametrize(("text", "names"), PLUGINS)
def test_filters_are_chosen(text: str, names: list[str]) -> None:
    assert [name_of(rule) for rule in Profile.of(Features(), text).filters] == names


def test_scores_are_chosen_too() -> None:
    assert [name_of(rule) for rule in Profile.of(Features(), "*,-ClusterLocality").scores] == ["ClusterAffinity"]


def test_the_default_is_what_upstream_starts_with() -> None:
    assert Profile.of(Features()) == Profile(filters=FILTERS, scores=SCORES)


def test_an_unknown_plugin_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="no scheduler plugin '-TaintTolerations'; did you mean TaintToleration\\?"):
        Profile.of(Features(), "*,-TaintTolerations")


def test_a_plugin_that_is_off_turns_nobody_down() -> None:
    profile = Profile.of(Features(), "*,-TaintToleration")
    assert result(schedule(binding(), [cluster("m1", taints=(TAINT,))], NOW, profile=profile)) == {"m1": 3}


NAMES = [
    pytest.param("", "default-scheduler", True, id="none-is-the-default-scheduler"),
    pytest.param("mine", "mine", True, id="ours"),
    pytest.param("", "mine", False, id="the-default-scheduler's-is-not-ours"),
    pytest.param("theirs", "mine", False, id="another's"),
]


@pytest.mark.parametrize(("asked", "name", "is_ours"), NAMES)
def test_bindings_go_to_the_scheduler_they_name(asked: str, name: str, is_ours: bool) -> None:
    done = schedule(binding(schedulerName=asked), [cluster("m1")], NOW, profile=Profile(scheduler_name=name))
    assert (done is not None) == is_ours


EMPTY = [
    pytest.param(divided(), 1, {"m1": 1, "m2": 0}, id="a-share-too-small-is-sent-scaled-to-zero"),
    pytest.param({}, 2, {"m1": 2, "m2": 2}, id="copies-are-never-empty"),
]


@pytest.mark.parametrize(("placement", "replicas", "wanted"), EMPTY)
def test_empty_workloads_are_propagated_if_asked_for(
    placement: dict[str, object], replicas: int, wanted: dict[str, int]
) -> None:
    profile, members = Profile(propagate_empty=True), [cluster("m1"), cluster("m2")]
    done = schedule(binding(placement, replicas=replicas), members, NOW, profile=profile)
    assert result(done) == wanted
    assert done is not None
    assert schedule(done, members, NOW, profile=profile) is None


def test_what_has_no_replicas_is_never_counted() -> None:
    done = schedule(binding(kind="ConfigMap", replicas=0), [cluster("m1")], NOW, profile=Profile(propagate_empty=True))
    assert result(done) == {"m1": None}
