"""A line of log is a constant event and its fields: JSON for machines, text for people."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest

from flotilla_common import logs


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Set up logging with these settings, log one line, and return what was written."""
    root, uvicorn = logging.getLogger(), logging.getLogger("uvicorn")
    before, level, theirs = list(root.handlers), root.level, uvicorn.level

    def write(
        message: str = "it happened", *, as_json: bool | None = None, error: bool = False, **fields: object
    ) -> str:
        stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", stream)
        logs.set_up("info", as_json=as_json)
        try:
            if error:
                raise ValueError("boom")
            logging.getLogger("flotilla.test").info(message, extra=fields)
        except ValueError:
            logging.getLogger("flotilla.test").exception(message, extra=fields)
        return stream.getvalue()

    yield write
    root.handlers[:] = before
    root.setLevel(level)
    uvicorn.setLevel(theirs)


def test_a_machine_gets_json_with_every_field(written: Callable[..., str]) -> None:
    line = json.loads(written(as_json=True, cluster="eu", count=3, path={1}))
    assert line.pop("ts").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "flotilla.test",
        "msg": "it happened",
        "cluster": "eu",
        "count": 3,
        "path": "{1}",
    }


def test_people_get_the_event_first(written: Callable[..., str]) -> None:
    assert written(as_json=False, cluster="eu").rstrip().endswith("I it happened  cluster=eu")


def test_what_is_no_terminal_is_a_machine(written: Callable[..., str]) -> None:
    assert json.loads(written())["msg"] == "it happened"


@pytest.mark.parametrize("as_json", [True, False])
def test_a_defect_brings_its_trace(written: Callable[..., str], as_json: bool) -> None:
    assert "ValueError: boom" in written(as_json=as_json, error=True)


def test_a_field_cannot_pass_for_what_the_line_itself_says(written: Callable[..., str]) -> None:
    line = json.loads(written(as_json=True, level="none", logger="nobody"))
    assert (line["level"], line["logger"]) == ("info", "flotilla.test")
