"""The pages are true: what they name exists, what they call pure is, and what they have a reader type is understood."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from flotilla_common.main import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TOPS = ("agent", "common", "deploy", "docs", "hub", "tests", ".ci")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
NO_IO = [c for c in CONTRACTS if "asyncio" in c.get("forbidden_modules", ())]


def named_in(page: Path) -> Iterator[Path]:
    """What its links lead to, and each path of the repository in backquotes that is no pattern."""
    text = page.read_text()
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target:
            yield page.parent / target.partition("#")[0]
    for quoted in re.findall(r"`([\w.][\w./-]*/[\w./-]*)`", text):
        if quoted.split("/")[0] in TOPS:
            yield ROOT / quoted


def decides() -> list[Path]:
    """The files in the third column of the flow table."""
    page = ROOT / "docs/architecture.md"
    rows = [line.split("|") for line in page.read_text().splitlines() if re.match(r"\| \d+ \|", line)]
    return [(page.parent / path).resolve() for row in rows for path in re.findall(r"\]\(([^)]+)\)", row[3])]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def commands() -> list[str]:
    """Every `flotilla ...` a page has in a code block or in backquotes."""
    found = set()
    for page in PAGES:
        for quoted in re.findall(r"`(flotilla [^`]+)`|(?:^|\()(flotilla [^\n)#]+)", page.read_text(), re.MULTILINE):
            found.add(" ".join(filter(None, quoted)).split(" > ")[0].strip())
    return sorted(command for command in found if "─" not in command)


@pytest.mark.parametrize("page", [pytest.param(p, id=str(p.relative_to(ROOT))) for p in PAGES])
def test_what_a_page_names_exists(page: Path) -> None:
    assert [str(path) for path in named_in(page) if not path.exists()] == []


def test_the_flow_table_is_found() -> None:
    assert len(decides()) > 12


@pytest.mark.parametrize("path", [pytest.param(p, id=module_of(p)) for p in decides()])
def test_what_decides_is_held_to_do_no_io(path: Path) -> None:
    module = module_of(path)
    sources = [source for contract in NO_IO for source in contract["source_modules"]]
    assert [s for s in sources if f"{module}.".startswith(f"{s}.")], f"{module} is in no contract of pyproject.toml"


@pytest.mark.parametrize("path", [pytest.param(p, id=module_of(p)) for p in decides()])
def test_what_decides_imports_nothing_that_does_io(path: Path) -> None:
    forbidden = {module for contract in NO_IO for module in contract["forbidden_modules"] if "." not in module}
    nodes = list(ast.walk(ast.parse(path.read_text())))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    assert {name.split(".")[0] for name in imported} & forbidden == set()


@pytest.mark.parametrize("command", commands())
def test_a_command_is_understood(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = command.split()[1:]
    verbs = [word for word in words[:2] if re.fullmatch("[a-z]+", word)]
    verbs = verbs if verbs[0] in ("hub", "agent", "token") else verbs[:1]
    with pytest.raises(SystemExit) as ended:
        main([*verbs, "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert [word for word in words if word.startswith("--") and word not in told] == []
