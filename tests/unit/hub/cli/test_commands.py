"""The tables of verbs: every row leads to a module that can be run; `--help` needs none of them."""

import importlib
import subprocess
import sys
from collections.abc import Mapping

import pytest

from flotilla_agent.cli import COMMANDS as AGENT
from flotilla_common.main import SIDES, main
from flotilla_hub.cli import COMMANDS as HUB

ROWS = [
    pytest.param(module, id=f"{side}{verb}")
    for side, table in (("", HUB), ("agent ", AGENT))
    for verb, (module, _) in table.items()
    if verb not in SIDES
]


@pytest.mark.parametrize("module", ROWS)
def test_a_row_leads_to_a_command(module: str) -> None:
    found = importlib.import_module(module)
    assert set(found.__all__) >= {"add_arguments", "run"} and found.__doc__


@pytest.mark.parametrize("table", [HUB, AGENT], ids=["hub", "agent"])
def test_every_row_says_what_it_is_for(table: Mapping[str, tuple[str, str]]) -> None:
    assert all(summary and summary[0].islower() and not summary.endswith(".") for _, summary in table.values())


def test_help_imports_neither_a_server_nor_a_cluster_client() -> None:
    code = (
        "import sys, flotilla_common.main as m\n"
        "try: m.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'uvicorn', 'pydantic', 'kubernetes', 'aiohttp', 'rich'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]" and "join" in done.stdout


WRONG = [
    pytest.param(["nonsense"], id="unknown-verb"),
    pytest.param([], id="no-verb"),
    pytest.param(["hub"], id="no-second-verb"),
    pytest.param(["join"], id="missing-name"),
    pytest.param(["token", "create", "--nonsense"], id="unknown-flag"),
]


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_command_line_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2 and "usage: flotilla" in capsys.readouterr().err
