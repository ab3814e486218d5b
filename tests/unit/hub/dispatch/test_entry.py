"""One Work in memory: it gives back the report it was given, and holds what its siblings hold only once."""

from dataclasses import replace

import pytest

from flotilla_common.bus import Entry
from flotilla_common.errors import Terminal
from flotilla_common.messages import ObjectReport, WorkMessage, WorkReport
from flotilla_common.subjects import WorkSubject
from flotilla_hub.dispatch.entry import WorkEntry, entry_of, headers_of, new_entry

MESSAGE = WorkMessage("eu", "web", [b'{"kind":"X"}'])
OLDER = "0" * 31 + "1"
SAID = ObjectReport("v1", "X", "default", "web", applied=True, status=b"{}")


def entry(cluster: str = "eu", digest: str = MESSAGE.digest(), *, deleted: bool = False) -> WorkEntry:
    return new_entry(WorkSubject(cluster, "web"), digest, 1, "binding", deleted=deleted, preserve=False)


def report(cluster: str = "eu", digest: str = MESSAGE.digest(), **more: object) -> WorkReport:
    made = WorkReport(cluster, "web", digest, applied=True, objects=[SAID], at=5.0)
    return replace(made, **more)  # type: ignore[arg-type]


REPORTS = [
    pytest.param(report(), id="on-what-was-published-last"),
    pytest.param(report(digest=OLDER), id="on-an-older-version"),
    pytest.param(report(digest="not a digest at all"), id="on-what-nobody-published"),
    pytest.param(report(removed=True, applied=False, reason="Gone", message="it is gone", objects=[]), id="removed"),
]


@pytest.mark.parametrize("given", REPORTS)
def test_a_report_is_given_back_as_it_came(given: WorkReport) -> None:
    held = entry()
    held.take(given, None)
    assert held.report == given


@pytest.mark.parametrize("given", REPORTS)
def test_the_next_version_knows_what_was_said_of_the_one_before(given: WorkReport) -> None:
    before, after = entry(), entry(digest=OLDER)
    before.take(given, None)
    after.inherit(before)
    assert (after.report, after.is_new) == (given, False)


@pytest.mark.parametrize(
    ("theirs", "is_shared"),
    [
        pytest.param(report("us", at=9.0, digest=OLDER), True, id="the-same-words-at-another-time"),
        pytest.param(report("us", objects=[replace(SAID, status=b'{"a":1}')]), False, id="another-status"),
    ],
)
def test_siblings_share_what_they_say_alike(theirs: WorkReport, is_shared: bool) -> None:
    mine, sibling = entry(), entry("us")
    sibling.take(theirs, None)
    mine.take(report(), sibling)
    assert (mine.told is sibling.told, mine.report, sibling.report) == (is_shared, report(), theirs)


@pytest.mark.parametrize(
    ("given", "deleted", "wanted"),
    [
        pytest.param(report(removed=True), True, True, id="its-tombstone-is-carried-out"),
        pytest.param(report(removed=True, digest=OLDER), True, False, id="an-older-tombstone-is"),
        pytest.param(report(), True, False, id="the-work-was-applied"),
        pytest.param(report(removed=True), False, False, id="it-is-no-tombstone"),
    ],
)
def test_is_answered(given: WorkReport, deleted: bool, wanted: bool) -> None:
    held = entry(deleted=deleted)
    held.take(given, None)
    assert held.is_answered is wanted


@pytest.mark.parametrize("flags", [{}, {"deleted": True}, {"preserve": True}, {"deleted": True, "preserve": True}])
def test_the_headers_of_a_message_say_what_the_entry_holds(flags: dict[str, bool]) -> None:
    message = replace(MESSAGE, **flags)  # type: ignore[arg-type]
    wanted = {"deleted": False, "preserve": False, **flags}
    stored = Entry("flotilla.v1.works.eu.web", 7, b"", headers_of(message, "binding"))
    assert entry_of(stored) == new_entry(WorkSubject("eu", "web"), message.digest(), 7, "binding", **wanted)


@pytest.mark.parametrize("headers", [{}, {"Flotilla-Digest": "zebra"}], ids=["no-digest", "no-number"])
def test_what_no_hub_wrote_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Terminal, match="no Flotilla hub wrote it"):
        entry_of(Entry("flotilla.v1.works.eu.web", 7, b"", headers))
