"""The `flotilla` command: finds a verb's module, and turns how it ended into words and an exit code."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from flotilla_common.errors import Retryable, Terminal
from flotilla_common.main import main

Run = Callable[[Any], Any]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Run], None]:
    """Makes `flotilla test` and `flotilla agent test` run this function; every other verb's module is not there."""

    def install(run: Run) -> None:
        table, verb = ModuleType("table"), ModuleType("verb")
        commands = {"test": ("test_verb", "try it"), "absent": ("test_module_that_is_not_there", "never imported")}
        table.COMMANDS = commands  # type: ignore[attr-defined]
        verb.run, verb.add_arguments = run, lambda parser: parser.add_argument("--word")  # type: ignore[attr-defined]
        for name in ("flotilla_hub.cli", "flotilla_agent.cli"):
            monkeypatch.setitem(sys.modules, name, table)
        monkeypatch.setitem(sys.modules, "test_verb", verb)

    return install


async def asynchronously(_given: Any) -> int:
    return 4


def failing(err: BaseException) -> Run:
    def run(_given: Any) -> None:
        raise err

    return run


ENDS = [
    pytest.param(lambda given: None, 0, "", id="fine"),
    pytest.param(lambda given: 3, 3, "", id="its-own-code"),
    pytest.param(asynchronously, 4, "", id="a-coroutine-is-run"),
    pytest.param(failing(Terminal("the disk is full")), 1, "error: the disk is full\n", id="a-failure-says-why"),
    pytest.param(
        failing(ExceptionGroup("g", [Terminal("one"), ExceptionGroup("h", [Retryable("two")])])),
        1,
        "error: one\nerror: two\n",
        id="so-do-several-at-once",
    ),
    pytest.param(failing(KeyboardInterrupt()), 130, "", id="interrupted"),
]


@pytest.mark.parametrize(("run", "code", "said"), ENDS)
@pytest.mark.parametrize("words", [["test"], ["agent", "test"]], ids=["a-hub-verb", "an-agent-verb"])
def test_how_it_ends(
    installed: Callable[[Run], None],
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    run: Run,
    code: int,
    said: str,
) -> None:
    installed(run)
    assert (main(words), capsys.readouterr().err) == (code, said)


def test_a_defect_is_not_hidden(installed: Callable[[Run], None]) -> None:
    installed(failing(ZeroDivisionError("a defect")))
    with pytest.raises(ZeroDivisionError):
        main(["test"])


def test_a_verb_gets_its_own_arguments(installed: Callable[[Run], None]) -> None:
    installed(lambda given: int(given.word))
    assert main(["test", "--word", "7"]) == 7


WRONG = [
    pytest.param([], id="no-verb"),
    pytest.param(["tset"], id="no-such-verb"),
    pytest.param(["test", "--wrod", "7"], id="no-such-argument"),
]


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_command_line_ends_with_2(installed: Callable[[Run], None], words: list[str]) -> None:
    installed(lambda given: 0)
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2


def test_help_imports_no_verb(installed: Callable[[Run], None], capsys: pytest.CaptureFixture[str]) -> None:
    installed(lambda given: 0)
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert (ended.value.code, "never imported" in capsys.readouterr().out) == (0, True)
