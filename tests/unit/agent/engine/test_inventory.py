"""What is left over when a Work changes."""

import pytest

from flotilla_agent.engine.inventory import Entry, identity, stale
from flotilla_common.objects import GVK, Ref

A = Ref(GVK("apps", "v1", "Deployment"), "shop", "a")
B = Ref(GVK("apps", "v1", "Deployment"), "shop", "b")


def entry(ref: Ref) -> Entry:
    return Entry(ref, "uid", "digest", "fingerprint")


@pytest.mark.parametrize(
    ("applied", "wanted", "expected"),
    [
        pytest.param([A], [A], [], id="still-wanted"),
        pytest.param([A, B], [B], [A], id="no-longer-wanted"),
        pytest.param([A], [A._replace(gvk=GVK("apps", "v2", "Deployment"))], [], id="wanted-in-another-version"),
        pytest.param([A], [A._replace(gvk=GVK("extensions", "v1", "Deployment"))], [A], id="wanted-in-another-group"),
        pytest.param([A], [A._replace(namespace="till")], [A], id="wanted-in-another-namespace"),
        pytest.param([], [A], [], id="never-applied"),
    ],
)
def test_stale(applied: list[Ref], wanted: list[Ref], expected: list[Ref]) -> None:
    inventory = {identity(ref): entry(ref) for ref in applied}

    assert [e.ref for e in stale(inventory, wanted)] == expected
