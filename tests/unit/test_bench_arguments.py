"""What the benchmarks may be told, and what of it makes no sense."""

from pathlib import Path

import pytest

from tests.bench.arguments import read
from tests.bench.options import Against
from tests.bench.table import BENCHMARKS

VS = ["--vs", "hub", "one", "two", "--vs-policy", "policy.yaml", "--vs-name", "karmada"]

RUNS = [
    pytest.param(["latency"], [("latency", False), ("latency", True)], id="simulated-members-first-then-real-ones"),
    pytest.param(["latency", "--only-memory"], [("latency", False)], id="only-simulated-ones-when-asked"),
    pytest.param(["burst", *VS], [("burst", True)], id="beside-another-system-members-are-real"),
    pytest.param(VS, [(b.name, True) for b in BENCHMARKS.values() if b.compares], id="all-that-can-be-compared"),
]


@pytest.mark.parametrize(("words", "runs"), RUNS)
def test_runs(words: list[str], runs: list[tuple[str, bool]]) -> None:
    assert [(benchmark.name, is_real) for benchmark, is_real in read(words).runs] == runs


SENSELESS = [
    pytest.param(["nothing"], "no benchmark nothing; there are latency", id="an-unknown-name"),
    pytest.param(["slopes", *VS], "slopes cannot be compared; use latency, update, burst", id="a-hub-only-we-can-kill"),
    pytest.param(["--vs", "hub", "one", "--vs-policy", "f"], "a hub and of two real members", id="too-few-members"),
    pytest.param(["--vs", "hub", "one", "two"], "and a --vs-policy", id="no-policy"),
]


@pytest.mark.parametrize(("words", "message"), SENSELESS)
def test_what_makes_no_sense_is_said(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read(words)
    assert message in capsys.readouterr().err


def test_counts_shrink_together_and_never_to_nothing() -> None:
    options = read(["--shrink", "500", "--singles", "7"]).options
    assert (options.singles, options.crowd, options.statuses, options.less(2_000)) == (7, 2, 1, 4)


def test_another_system_is_measured_in_five_rounds() -> None:
    options = read(VS).options
    against = Against("karmada", Path("hub"), [Path("one"), Path("two")], Path("policy.yaml"))
    assert (options.rival, options.rounds) == (against, 5)


def test_every_benchmark_is_told_of_in_the_documentation() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/performance/README.md").read_text()
    assert [name for name in BENCHMARKS if f"| `{name}` |" not in page] == []
