"""What is a version of a template: a Work that waits gets other replicas, and stays the same version."""

from flotilla_common.objects import decode
from flotilla_hub.strategies.resize import replicas_in, resized
from flotilla_hub.strategies.rolling_update import revision_of
from tests.unit.hub.strategies.sending import NEW, OLD, drafts, members, rolling


def test_only_the_replicas_differ() -> None:
    (old, *_), (new, *_) = drafts(rolling("a"), OLD, members()), drafts(rolling("a", replicas=7), NEW, members())
    after = resized(old.message, replicas_in(new.message))
    assert replicas_in(after) == (7,)
    before, now = (decode(message.manifests[0]) for message in (old.message, after))
    assert {**now, "spec": {**now["spec"], "replicas": 2}} == before
    assert revision_of(after, sized=True) == revision_of(old.message, sized=True)


def test_what_has_them_already_is_left_alone() -> None:
    (work, *_) = drafts(rolling("a"), OLD, members())
    assert resized(work.message, (2,)) is work.message
    assert resized(work.message, (1, 1)) is work.message


def test_a_revision_is_of_what_the_user_wrote() -> None:
    (one, *_), (other, *_) = drafts(rolling("a"), OLD, members()), drafts(rolling("a"), NEW, members())
    (bigger, *_) = drafts(rolling("a", replicas=9), OLD, members())
    assert revision_of(one.message, sized=True) == revision_of(bigger.message, sized=True)
    assert revision_of(one.message, sized=False) != revision_of(bigger.message, sized=False)
    assert revision_of(one.message, sized=True) != revision_of(other.message, sized=True)
