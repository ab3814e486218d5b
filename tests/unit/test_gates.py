"""Every gate can fail, and lets through what is right."""

from pathlib import Path

import pytest

from tests.gates import limits, places
from tests.gates.table import GATES, Gate
from tests.gates.tree import Source, Tree, tracked

TITLE = '"""What it owns."""\n'
PAGE = places.ARCHITECTURE
HUB, AGENT, COMMON = "hub/flotilla_hub", "agent/flotilla_agent", "common/flotilla_common"


def _lines(count: int) -> str:
    return TITLE + "x = 1\n" * (count - 1)


def _function(lines: int, docstring: str = "") -> str:
    return f"{TITLE}def f():\n{docstring}" + "    x = 1\n" * (lines - 1)


BREACHES = [
    pytest.param(
        limits.file_sizes, {"hub/a.py": _lines(251)}, ["hub/a.py: 251 lines"], id="long-file-without-a-reason"
    ),
    pytest.param(
        limits.file_sizes, {"hub/a.py": _lines(501)}, ["hub/a.py: 501 lines"], id="file-too-long-for-any-reason"
    ),
    pytest.param(limits.file_sizes, {"hub/a.py": _lines(250)}, [], id="file-of-just-the-size"),
    pytest.param(limits.function_sizes, {"hub/a.py": _function(61)}, ["hub/a.py: f has 61 lines"], id="long-function"),
    pytest.param(limits.function_sizes, {"hub/a.py": _function(60)}, [], id="function-of-just-the-size"),
    pytest.param(
        limits.function_sizes, {"hub/a.py": _function(60, '    """A."""\n')}, [], id="a-docstring-does-not-count"
    ),
    pytest.param(limits.file_names, {"hub/api/utils.py": TITLE}, ["hub/api/utils.py"], id="file-called-utils"),
    pytest.param(limits.file_names, {"hub/helpers/a.py": TITLE}, ["hub/helpers/a.py"], id="folder-called-helpers"),
    pytest.param(limits.file_names, {"hub/utilization.py": TITLE}, [], id="a-name-that-begins-like-a-vague-one"),
    pytest.param(limits.first_lines, {"hub/a.py": "x = 1\n"}, ["hub/a.py"], id="module-without-an-introduction"),
    pytest.param(limits.first_lines, {"hub/a.py": ""}, [], id="an-empty-module-owns-nothing"),
    pytest.param(
        limits.forbidden_words, {"docs/a.md": "see /wo" + "rk/x"}, ["docs/a.md:1"], id="absolute-path-of-a-machine"
    ),
    pytest.param(
        limits.forbidden_words, {"a.txt": "ok\nhttps://py" + "pi.org/x"}, ["a.txt:2"], id="address-of-a-package-index"
    ),
    pytest.param(
        limits.forbidden_words, {"a.txt": "--index-" + "url https://x"}, ["a.txt:1"], id="option-naming-a-package-index"
    ),
    pytest.param(
        limits.forbidden_words, {"a.md": "hub/flotilla_hub/work/build.py, ~/work/x"}, [], id="relative-paths-are-fine"
    ),
    pytest.param(
        places.shared_modules,
        {f"{HUB}/a.py": "from flotilla_common import x", f"{COMMON}/x.py": TITLE},
        ["flotilla_common.x: the agent never"],
        id="common-module-of-one-side",
    ),
    pytest.param(
        places.shared_modules,
        {
            f"{HUB}/a.py": "from flotilla_common.x import y",
            f"{AGENT}/a.py": "from flotilla_common.z import y",
            f"{COMMON}/z.py": "from . import x",
            f"{COMMON}/x.py": "from .z import w",
        },
        [],
        id="common-module-needed-through-another",
    ),
    pytest.param(
        places.subjects_in_one_place,
        {f"{HUB}/a.py": 'x = "flotilla.v1' + '.works.a"'},
        [f"{HUB}/a.py:1"],
        id="subject-spelled-elsewhere",
    ),
    pytest.param(
        places.subjects_in_one_place,
        {f"{HUB}/a.py": f'x = f"$J{"S"}.API.{{y}}"'},
        [f"{HUB}/a.py:1"],
        id="jetstream-call-spelled-elsewhere",
    ),
    pytest.param(
        places.subjects_in_one_place, {f"{HUB}/a.py": '"""On flotilla.v1.works."""'}, [], id="a-docstring-may-explain"
    ),
    pytest.param(places.architecture_is_true, {}, [f"{PAGE} is missing"], id="no-architecture-page"),
    pytest.param(
        places.architecture_is_true, {PAGE: "`hub/gone.py`"}, [f"{PAGE}: names hub/gone.py"], id="path-that-is-gone"
    ),
    pytest.param(
        places.architecture_is_true,
        {PAGE: "[x](../hub/gone.py#L1)"},
        [f"{PAGE}: names hub/gone.py"],
        id="link-that-is-gone",
    ),
    pytest.param(
        places.architecture_is_true,
        {
            PAGE: "`hub/{a,b}.py` [b](../hub/b.py) [adr](adr/) `hub/` [out](https://x)",
            "hub/a.py": "",
            "hub/b.py": "",
            "docs/adr/1.md": "",
        },
        [],
        id="files-folders-and-alternatives-that-exist",
    ),
    pytest.param(places.root_is_tidy, {"notes.txt": ""}, ["notes.txt"], id="stray-file-at-the-root"),
    pytest.param(places.root_is_tidy, {"tools/a.py": ""}, ["tools"], id="stray-folder-at-the-root"),
    pytest.param(places.root_is_tidy, {".gitignore": "", "docs/a.md": ""}, [], id="dot-files-are-fine"),
]


@pytest.mark.parametrize(("gate", "files", "complaints"), BREACHES)
def test_gate(gate: Gate, files: dict[str, str], complaints: list[str]) -> None:
    found = list(gate(Tree([Source(path, text) for path, text in files.items()])))
    assert [text[: len(start)] for text, start in zip(found, complaints, strict=True)] == complaints


def test_a_reason_that_is_no_longer_needed_is_a_breach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LONG_FILES", {"hub/a.py": "it was long", "hub/b.py": "it is long"})
    tree = Tree([Source("hub/a.py", _lines(10)), Source("hub/b.py", _lines(300))])
    assert list(limits.file_sizes(tree)) == ["hub/a.py: no longer over 250 lines; take it out of LONG_FILES"]


def test_every_gate_is_shown_to_fail() -> None:
    assert {breach.values[0] for breach in BREACHES if breach.values[2]} == set(GATES)


def test_without_git_hidden_folders_are_left_out(tmp_path: Path) -> None:
    for name in ("hub/a.py", ".venv/b.py", ".gitignore"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert tracked(tmp_path).places == {".", ".gitignore", "hub", "hub/a.py"}
