"""How long heartbeats were under way until the hub took note of them: written to a file inside the hub's process."""

import time
from pathlib import Path

from flotilla_common.messages import Heartbeat
from flotilla_hub.controllers.clusters import ClusterController

__all__ = ["lags", "note_beats"]

_EVERY = 0.25
"""Seconds between two writes to the file: one for each heartbeat would weigh on the hub."""


def note_beats(file: str) -> None:
    """From here on this process adds a line for each heartbeat that its hub takes note of: its age in seconds."""
    noted, written, take = list[float](), 0.0, ClusterController.note_heartbeat

    def note(self: ClusterController, beat: Heartbeat) -> None:
        nonlocal written
        now = time.time()
        noted.append(now - beat.at)
        if now - written > _EVERY:
            with open(file, "a") as lines:
                lines.writelines(f"{age:.6f}\n" for age in noted)
            noted.clear()
            written = now
        take(self, beat)

    ClusterController.note_heartbeat = note  # type: ignore[method-assign]


def lags(file: Path) -> list[float]:
    """All so far; seconds."""
    return [float(line) for line in file.read_text().splitlines()] if file.exists() else []
