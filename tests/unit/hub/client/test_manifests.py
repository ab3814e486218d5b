"""Manifests from files: every document found, JSON-safe values, and errors that say where to look."""

import io
import json
from pathlib import Path

import pytest

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj
from flotilla_hub.client import manifests

A = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
B = A.replace("name: a", "name: b")


def names(found: list[Obj]) -> list[str]:
    return [m["metadata"]["name"] for m in found]


FOUND = [
    pytest.param(A, ["a"], id="one-document"),
    pytest.param(f"{A}---\n{B}", ["a", "b"], id="two-documents"),
    pytest.param(f"---\n# nothing\n---\n{A}---\n", ["a"], id="empty-documents-count-for-nothing"),
    pytest.param("", [], id="an-empty-file"),
    pytest.param('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}', ["a"], id="json"),
    pytest.param(
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a}}\n",
        ["a"],
        id="a-list-counts-as-its-items",
    ),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_every_manifest_is_found(text: str, expected: list[str]) -> None:
    assert names(manifests.parse(text, "f.yaml")) == expected


VALUES = [
    pytest.param("2026-01-01", "2026-01-01", id="a-date-stays-text"),
    pytest.param("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", id="a-timestamp-stays-text"),
    pytest.param("{2: x, true: y, null: z}", {"2": "x", "true": "y", "null": "z"}, id="keys-become-text"),
    pytest.param("'1'", "1", id="quoted-numbers-stay-text"),
    pytest.param("[1, 1.5, true, null]", [1, 1.5, True, None], id="the-rest-is-as-json-has-it"),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_every_value_fits_into_json(text: str, expected: object) -> None:
    [found] = manifests.parse(f"{A}spec: {text}\n", "f.yaml")
    assert json.loads(json.dumps(found))["spec"] == expected


ERRORS = [
    pytest.param(f"{A}---\nkind: [", r"f.yaml, document 2 \(line 7, column 1\) is not YAML", id="syntax"),
    pytest.param(f"{A}---\n{A}x: !!python/name:os.system\n", r"f.yaml, document 2 \(line 10.*not YAML", id="tags"),
    pytest.param(f"{A}---\njust words\n", r"f.yaml, document 2 \(line 6\): a manifest is a map", id="no-map"),
    pytest.param("kind: X\n", r"document 1 \(line 1\): apiVersion is missing", id="no-version"),
    pytest.param("apiVersion: v1\nkind: X\n", r"line 1\): X has no metadata.name", id="no-name"),
    pytest.param("apiVersion: v1\nkind: List\nitems: [1]\n", r"line 1\), item 1: a manifest is a map", id="bad-item"),
]


@pytest.mark.parametrize(("text", "where"), ERRORS)
def test_an_error_names_file_document_and_line(text: str, where: str) -> None:
    with pytest.raises(Terminal, match=where):
        manifests.parse(text, "f.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b.yml").write_text(B)
    (tmp_path / "a.yaml").write_text(A)
    (tmp_path / "notes.txt").write_text("no manifest")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "c.json").write_text('{"apiVersion":"v1","kind":"X","metadata":{"name":"c"}}')
    return tmp_path


def test_a_folder_is_read_by_name(folder: Path) -> None:
    assert names(manifests.load([str(folder)])) == ["a", "b"]


def test_folders_below_are_read_when_asked_for(folder: Path) -> None:
    assert names(manifests.load([str(folder)], recursive=True)) == ["a", "b", "c"]


def test_a_dash_is_standard_input(folder: Path) -> None:
    assert names(manifests.load(["-", str(folder / "b.yml")], stdin=io.StringIO(A))) == ["a", "b"]


MISSING = [
    pytest.param("nowhere.yaml", "cannot read .*nowhere.yaml: No such file", id="no-such-file"),
    pytest.param("empty", "holds no .yaml, .yml, .json file; --recursive looks into folders below", id="empty-folder"),
    pytest.param("latin", "is not a text file in UTF-8", id="another-encoding"),
]


@pytest.mark.parametrize(("name", "why"), MISSING)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin").write_bytes(b"\xe4")
    with pytest.raises(Terminal, match=why):
        manifests.load([str(tmp_path / name)])
