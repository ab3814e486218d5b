"""What the journal keeps, what it answers, and that it keeps it through a crash."""

import stat
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import pytest

from flotilla_agent.engine.inventory import Entry, identity
from flotilla_agent.engine.order import rank
from flotilla_agent.journal import Journal
from flotilla_common.errors import Terminal
from flotilla_common.messages import WorkMessage, fold
from flotilla_common.objects import Ref, ref_of
from tests.works import CONFIG_MAP, DEPLOYMENT, NAMESPACE, config_map, deployment, namespace, row, tombstone, work

A, B = work(config_map("a"), name="a"), work(config_map("b"), name="b")


@pytest.fixture
def journal() -> Iterator[Journal]:
    with Journal() as journal:
        yield journal


def entry(ref: Ref, digest: str = "d") -> Entry:
    return Entry(ref, "uid", digest, "f")


def folded(*messages: WorkMessage) -> int:
    return reduce(int.__xor__, (fold(m.name, m.digest()) for m in messages), 0)


def test_a_work_is_read_back(journal: Journal) -> None:
    assert journal.put_works([row(A, 3)]) == ["a"]

    held = journal.work("a")

    assert held is not None
    assert (held.name, held.revision, held.message) == ("a", 3, A)
    assert (journal.works(), journal.revision("a"), journal.work("b")) == (["a"], 3, None)


def test_only_what_is_new_is_a_change(journal: Journal) -> None:
    journal.put_works([row(A, 3)])
    changed = work(config_map("a", sky="red"), name="a")

    assert journal.put_works([row(A, 3)]) == []
    assert journal.put_works([row(A, 4)]) == []
    assert journal.put_works([row(changed, 5)]) == ["a"]


def test_a_server_that_lost_what_we_hold_is_believed(journal: Journal) -> None:
    journal.put_works([row(work(config_map("a", sky="red"), name="a"), 5)])

    assert journal.put_works([row(A, 2)]) == ["a"]
    assert journal.revision("a") == 2


def test_the_last_of_a_batch_wins(journal: Journal) -> None:
    assert journal.put_works([row(A, 8), row(tombstone("a"), 9)]) == ["a"]

    held = journal.work("a")

    assert held is not None and held.message.deleted


def test_the_digest_of_all_that_is_held(journal: Journal) -> None:
    journal.put_works([row(A, 1), row(B, 2)])
    assert (journal.held, journal.fold()) == (2, folded(A, B))

    journal.put_works([row(tombstone("a"), 3)])
    assert (journal.held, journal.fold()) == (2, folded(tombstone("a"), B))

    journal.forget("a")
    assert (journal.held, journal.fold()) == (1, folded(B))


def test_the_last_revision_rises_with_what_comes_and_falls_only_when_told(journal: Journal) -> None:
    assert journal.last_revision == 0
    journal.put_works([row(A, 7), row(B, 5)])
    journal.put_works([row(B, 6)])
    assert journal.last_revision == 7

    journal.last_revision = 2
    assert journal.last_revision == 2


def test_what_is_no_work_is_refused_and_nothing_kept(journal: Journal) -> None:
    with pytest.raises(Terminal):
        journal.put_works([row(A, 1), ("b", 2, b"\xc1")])

    assert (journal.works(), journal.last_revision) == ([], 0)


def test_turns_follow_the_kinds(journal: Journal) -> None:
    journal.put_works([row(work(deployment(), namespace(), name="a"), 1), row(B, 2)])

    assert journal.turns(["b", "a", "unknown"]) == [("b", rank(CONFIG_MAP)), ("a", rank(NAMESPACE))]


def test_a_namespaces_removal_has_a_later_turn_than_a_deployments(journal: Journal) -> None:
    journal.record("a", entry(ref_of(namespace())))
    journal.record("b", entry(ref_of(deployment())))
    journal.put_works([row(tombstone("a"), 1), row(tombstone("b"), 2)])

    assert sorted(journal.turns(["a", "b"]), key=lambda pair: pair[1])[0][0] == "b"


def test_the_inventory(journal: Journal) -> None:
    mine, other = entry(ref_of(config_map("a"))), entry(ref_of(deployment()))
    journal.record("w", mine)
    journal.record("w", other)
    journal.record("w", entry(mine.ref, "newer"))

    assert journal.inventory("w") == {
        identity(mine.ref): entry(mine.ref, "newer"),
        identity(other.ref): other,
    }
    assert journal.owners(identity(other.ref)) == [("w", other)]
    assert (journal.kinds(), journal.has_kind(DEPLOYMENT)) == ({CONFIG_MAP, DEPLOYMENT}, True)
    assert journal.applied(DEPLOYMENT) == [("w", identity(other.ref))]

    journal.drop("w", other.ref)
    assert (journal.kinds(), journal.has_kind(DEPLOYMENT)) == ({CONFIG_MAP}, False)


def test_a_forgotten_work_leaves_nothing(journal: Journal) -> None:
    journal.put_works([row(A, 1)])
    journal.record("a", entry(ref_of(config_map("a"))))

    journal.forget("a")

    assert (journal.works(), journal.inventory("a"), journal.revision("a")) == ([], {}, 0)


def test_everything_outlives_a_crash(tmp_path: Path) -> None:
    crashed = Journal(tmp_path / "j.db")
    crashed.put_works([row(A, 7)])
    crashed.record("a", entry(ref_of(config_map("a"))))
    crashed.set_meta("epoch", "1")

    # Not closed: another process would find the file just so.
    with Journal(tmp_path / "j.db") as journal:
        assert (journal.works(), journal.last_revision, journal.fold()) == (["a"], 7, folded(A))
        assert (len(journal.inventory("a")), journal.meta("epoch"), journal.meta("unknown")) == (1, "1", "")
    crashed.close()


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.db") as journal:
        journal.put_works([row(A, 7)])

        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_file_that_is_no_journal_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "j.db").write_bytes(b"not a database, and long enough to be sure of it" * 50)

    with pytest.raises(Terminal, match="move it away"):
        Journal(tmp_path / "j.db")
