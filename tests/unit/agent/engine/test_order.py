"""Who goes first, and that removal is the reverse."""

from flotilla_agent.engine.order import LAST, rank, removal_rank, turn
from flotilla_common.objects import GVK

NAMESPACE = GVK("", "v1", "Namespace")
DEFINITION = GVK("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
SECRET = GVK("", "v1", "Secret")
DEPLOYMENT = GVK("apps", "v1", "Deployment")
WIDGET = GVK("example.test", "v1", "Widget")
WEBHOOK = GVK("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration")
IN_ORDER = [NAMESPACE, DEFINITION, SECRET, DEPLOYMENT, WEBHOOK]


def test_what_others_need_goes_first() -> None:
    assert sorted(reversed(IN_ORDER), key=rank) == IN_ORDER
    assert rank(WIDGET) == rank(DEPLOYMENT)


def test_the_version_does_not_matter() -> None:
    assert rank(DEPLOYMENT._replace(version="v1beta2")) == rank(DEPLOYMENT)


def test_a_kind_of_the_same_name_in_another_group_is_another_kind() -> None:
    assert rank(GVK("example.test", "v1", "Namespace")) == rank(WIDGET)


def test_removal_is_the_reverse() -> None:
    assert sorted(IN_ORDER, key=removal_rank) == IN_ORDER[::-1]


def test_a_work_goes_with_its_first_kind_and_is_removed_with_its_last() -> None:
    assert turn([DEPLOYMENT, NAMESPACE]) == rank(NAMESPACE)
    assert turn([DEPLOYMENT, NAMESPACE], removing=True) == removal_rank(NAMESPACE)


def test_a_work_of_nothing_is_in_nobodys_way() -> None:
    assert (turn([]), turn([], removing=True)) == (LAST, 0)
