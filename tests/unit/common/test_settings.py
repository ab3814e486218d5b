"""A setting comes from a flag, else the environment, else a file, else its default; nothing bad starts anything."""

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flotilla_common.settings import BadSetting, add_flags, load


@dataclass(frozen=True)
class Knobs:
    nats_url: str = field(default="nats://here", metadata={"help": "100 % of the address"})
    workers: int = 4
    grace: float = 30.0
    remote: bool = True


FLAG, VARIABLE, LINE = {"workers": "1"}, {"FLOTILLA_WORKERS": "2"}, "workers: 3"
ORDER = [
    pytest.param(FLAG, VARIABLE, LINE, 1, id="a-flag-beats-all"),
    pytest.param({"workers": None}, VARIABLE, LINE, 2, id="a-variable-beats-the-file"),
    pytest.param({}, {}, LINE, 3, id="the-file-beats-the-default"),
    pytest.param({}, {}, "", 4, id="the-default-is-left"),
    pytest.param({"verb": "serve"}, {"FLOTILLA_OTHER": "x", "PATH": "/"}, "", 4, id="what-is-no-setting-is-not-read"),
]


@pytest.mark.parametrize(("flags", "environment", "text", "workers"), ORDER)
def test_where_a_value_comes_from(
    tmp_path: Path, flags: dict[str, Any], environment: dict[str, str], text: str, workers: int
) -> None:
    assert load(Knobs, flags, environment, written(tmp_path, text)) == Knobs(workers=workers)


FORMS = [
    pytest.param("remote", "no", False, id="no"),
    pytest.param("remote", "TRUE", True, id="true-in-capitals"),
    pytest.param("remote", "", False, id="an-empty-variable-is-off"),
    pytest.param("grace", "2.5", 2.5, id="a-fraction"),
    pytest.param("nats_url", "nats://x", "nats://x", id="text"),
]


@pytest.mark.parametrize(("name", "text", "value"), FORMS)
def test_how_text_is_read(name: str, text: str, value: object) -> None:
    assert getattr(load(Knobs, {}, {f"FLOTILLA_{name.upper()}": text}), name) == value


LINES = [
    pytest.param("natsUrl: nats://x", Knobs(nats_url="nats://x"), id="camel-case"),
    pytest.param("nats_url: nats://x", Knobs(nats_url="nats://x"), id="snake-case"),
    pytest.param("grace: 5", Knobs(grace=5), id="a-whole-number-for-a-fraction"),
    pytest.param("remote: off", Knobs(remote=False), id="a-yaml-boolean"),
]


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_a_line_of_the_file(tmp_path: Path, text: str, expected: Knobs) -> None:
    assert load(Knobs, {}, {}, written(tmp_path, text)) == expected


BAD = [
    pytest.param("natsUrll: x", "'natsUrll'.*did you mean 'natsUrl'", id="a-slip-is-told-with-the-nearest-name"),
    pytest.param("zzz: x", "'zzz'.*known settings: natsUrl, workers", id="what-is-like-nothing-with-all-names"),
    pytest.param("7: x", "unknown setting 7", id="a-name-that-is-a-number"),
    pytest.param("workers: many", "workers in .*'many' is not a int", id="a-word-for-a-number"),
    pytest.param("workers: true", "True is not a int", id="a-boolean-for-a-number"),
    pytest.param("natsUrl: 5", "5 is not a str; what is to be text goes in quotes", id="a-number-for-text"),
    pytest.param("- natsUrl", "must hold a map of settings, not a list", id="a-list"),
    pytest.param("a: [", "cannot read the settings file", id="no-yaml"),
]


@pytest.mark.parametrize(("text", "why"), BAD)
def test_a_bad_file_stops_the_start_and_says_where(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadSetting, match=why):
        load(Knobs, {}, {}, written(tmp_path, text))


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"cannot read the settings file .*nowhere"):
        load(Knobs, {}, {}, tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("flags", "environment", "where"),
    [
        pytest.param({"workers": "x"}, {}, "--workers: 'x'", id="a-flag"),
        pytest.param({}, {"FLOTILLA_REMOTE": "perhaps"}, "FLOTILLA_REMOTE: 'perhaps' is not a bool", id="a-variable"),
    ],
)
def test_a_bad_value_is_told_with_its_source(flags: dict[str, Any], environment: dict[str, str], where: str) -> None:
    with pytest.raises(BadSetting, match=where):
        load(Knobs, flags, environment)


FLAGS = [
    pytest.param([], Knobs(), id="none"),
    pytest.param(["--nats-url", "nats://x", "--workers=9"], Knobs(nats_url="nats://x", workers=9), id="two"),
    pytest.param(["--no-remote"], Knobs(remote=False), id="a-boolean-is-said-no-to"),
]


@pytest.mark.parametrize(("words", "expected"), FLAGS)
def test_every_field_is_a_flag(words: list[str], expected: Knobs) -> None:
    parser = argparse.ArgumentParser()
    add_flags(parser, Knobs)
    assert load(Knobs, vars(parser.parse_args(words)), {}) == expected
    assert "100 % of the address" in parser.format_help()


def written(directory: Path, text: str) -> Path:
    path = directory / "settings.yaml"
    path.write_text(text)
    return path
