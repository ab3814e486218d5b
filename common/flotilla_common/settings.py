"""Settings are frozen dataclasses; a value comes from a flag, else the environment, else a file, else its default.

Every field may be a flag (`--nats-url`), a variable (`FLOTILLA_NATS_URL`) and a line of the YAML file (`natsUrl`). A
name in the file that nobody knows stops the start and is told with the nearest known one.
"""

import argparse
import dataclasses
import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from .errors import Terminal

__all__ = ["BadSetting", "add_flags", "load"]

S = TypeVar("S")
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


class BadSetting(Terminal):
    """A setting is unknown or does not have the form it needs; nothing was started."""

    reason = "BadSetting"


def add_flags(parser: argparse.ArgumentParser, settings: type[Any]) -> None:
    """One flag per field; the help is the field's own metadata."""
    for field in dataclasses.fields(settings):
        flag = "--" + field.name.replace("_", "-")
        text = field.metadata.get("help", "").replace("%", "%%")
        if field.type in (bool, "bool"):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=text)
        else:
            parser.add_argument(flag, default=None, metavar=field.name.upper(), help=text)


def load(
    settings: type[S],
    flags: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
    file: Path | None = None,
) -> S:
    """Raises BadSetting naming the setting, the value and where it came from."""
    fields = {f.name: f for f in dataclasses.fields(settings)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    if file is not None:
        for key, value in _file(file).items():
            name = _known(key, fields, str(file))
            values[name] = _parse(fields[name], value, f"{key} in {file}")
    for name in fields:
        variable = "FLOTILLA_" + name.upper()
        if variable in environment:
            values[name] = _parse(fields[name], environment[variable], variable)
    for name, value in flags.items():
        if name in fields and value is not None:
            values[name] = _parse(fields[name], value, "--" + name.replace("_", "-"))
    return settings(**values)


def _file(path: Path) -> dict[str, Any]:
    try:
        held = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as err:
        raise BadSetting(f"cannot read the settings file {path}: {err}") from err
    if held is None:
        return {}
    if not isinstance(held, dict):
        raise BadSetting(f"the settings file {path} must hold a map of settings, not a {type(held).__name__}")
    return held


def _known(given: object, fields: Mapping[str, Any], where: str) -> str:
    """The field of a name in the file."""
    name = "".join("_" + c.lower() if c.isupper() else c for c in str(given))
    if name in fields:
        return name
    near = difflib.get_close_matches(name, fields, 1)
    hint = f"did you mean {_in_file(near[0])!r}?" if near else f"known settings: {', '.join(map(_in_file, fields))}"
    raise BadSetting(f"unknown setting {given!r} in {where}; {hint}")


def _in_file(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _parse(field: "dataclasses.Field[Any]", value: Any, where: str) -> Any:
    """`value` is text, or what YAML or a flag made of it."""
    kind = field.type if isinstance(field.type, str) else field.type.__name__
    if not isinstance(value, str):
        if type(value).__name__ == kind or (kind == "float" and type(value) is int):
            return value
        raise BadSetting(f"{where}: {value!r} is not a {kind}; what is to be text goes in quotes")
    try:
        if kind == "bool":
            return _boolean(value)
        return {"int": int, "float": float, "Path": Path}.get(kind, str)(value)
    except ValueError as err:
        raise BadSetting(f"{where}: {value!r} is not a {kind}") from err


def _boolean(value: str) -> bool:
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise ValueError(value)
