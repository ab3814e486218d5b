"""Log lines: a constant event and its fields, as text on a terminal and as JSON elsewhere."""

import json
import logging
import sys
from datetime import UTC, datetime

from .settings import BadSetting

__all__ = ["set_up"]

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up(level: str = "INFO", *, as_json: bool | None = None) -> None:
    """Send every line to stderr; `as_json` None decides by whether that is a terminal. Raises BadSetting."""
    if level.upper() not in _LEVELS:
        raise BadSetting(f"--log-level: {level!r} is none of {', '.join(_LEVELS)}")
    handler = logging.StreamHandler(sys.stderr)
    machine = not sys.stderr.isatty() if as_json is None else as_json
    handler.setFormatter(_Json() if machine else _Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # uvicorn says at INFO what we say better ourselves, and repeats every request.
    logging.getLogger("uvicorn").setLevel("WARNING")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        # What the line says itself comes first, in the order of reading and in weight.
        line = line | _fields(record) | line
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        fields = " ".join(f"{key}={value}" for key, value in _fields(record).items())
        text = f"{at} {record.levelname[0]} {record.getMessage()}  {fields}".rstrip()
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}
