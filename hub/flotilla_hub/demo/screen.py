"""Shows the story as it goes: a live table on a terminal, plain lines elsewhere. What is shown is `board`'s to say."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ..cli.output import aligned
from .board import Board, Cell, Tone

__all__ = ["Screen", "screen"]

_GLYPHS = {Tone.GOOD: "✔", Tone.WAIT: "◎", Tone.BAD: "✗", Tone.NONE: " "}
_STYLES = {Tone.GOOD: "green", Tone.WAIT: "yellow", Tone.BAD: "red bold", Tone.NONE: "dim"}
_FRAMES_PER_SECOND = 10


class Screen(Protocol):
    def begin(self, title: str) -> None: ...

    def end(self, seconds: float, failure: str = "") -> None:
        """The step that began last; `failure` says why it did not come true."""
        ...

    def say(self, lines: Sequence[str]) -> None:
        """Last words, under everything else."""
        ...


@asynccontextmanager
async def screen(board: Callable[[], Board]) -> AsyncIterator[Screen]:
    """`board` is asked for the present state whenever it is drawn."""
    if not sys.stdout.isatty():
        yield _Plain(board)
        return
    live = _Live(board)
    with Live(get_renderable=live.draw, console=Console(), auto_refresh=False, vertical_overflow="visible") as shown:
        async with asyncio.TaskGroup() as group:
            redraw = group.create_task(_redraw(shown), name="redraw")
            try:
                yield live
            finally:
                redraw.cancel()


async def _redraw(shown: Live) -> None:
    # In our own loop and not in rich's thread: what is drawn changes in this loop only.
    while True:
        shown.refresh()
        await asyncio.sleep(1 / _FRAMES_PER_SECOND)


class _Plain:
    def __init__(self, board: Callable[[], Board]) -> None:
        self._board = board
        self._title = ""

    def begin(self, title: str) -> None:
        self._title = title
        _line(f"► {title}")

    def end(self, seconds: float, failure: str = "") -> None:
        if failure:
            _line(f"✗ {self._title}: {failure}")
            return
        _line(f"✔ {self._title} ({_took(seconds)})", *(f"  {line}" for line in plain_table(self._board())))

    def say(self, lines: Sequence[str]) -> None:
        _line("", *lines)


def _line(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


class _Live:
    def __init__(self, board: Callable[[], Board]) -> None:
        self._board = board
        self._done: list[Text] = []
        self._title = ""
        self._since = 0.0
        self._last_words: Sequence[str] = ()
        self._spinner = Spinner("dots")

    def begin(self, title: str) -> None:
        self._title, self._since = title, time.monotonic()

    def end(self, seconds: float, failure: str = "") -> None:
        mark = ("✗ ", _STYLES[Tone.BAD]) if failure else ("✔ ", _STYLES[Tone.GOOD])
        took = (f": {failure}", _STYLES[Tone.BAD]) if failure else (f"  {_took(seconds)}", "dim")
        self._done.append(Text.assemble(mark, self._title, took))
        self._title = ""

    def say(self, lines: Sequence[str]) -> None:
        self._last_words = lines

    def draw(self) -> RenderableType:
        parts: list[RenderableType] = [*self._done]
        if self._title:
            self._spinner.update(text=Text.assemble(self._title, (f"  {_took(time.monotonic() - self._since)}", "dim")))
            parts.append(self._spinner)
        parts.append(_rich_table(self._board()))
        parts.extend(Text(line) for line in self._last_words)
        return Group(*parts)


def plain_table(board: Board) -> list[str]:
    """The board as aligned lines."""
    header = ["TEMPLATE", *(cell.text.upper() for cell in board.clusters)]
    return aligned([header, *([name, *map(_marked, cells)] for name, cells in board.rows)])


def _rich_table(board: Board) -> Table:
    table = Table(title_justify="left", header_style="")
    table.add_column("template")
    for cell in board.clusters:
        table.add_column(Text(_marked(cell), _STYLES[cell.tone]), min_width=22)
    for name, cells in board.rows:
        table.add_row(name, *(Text(_marked(cell), _STYLES[cell.tone]) for cell in cells))
    return table


def _marked(cell: Cell) -> str:
    return f"{_GLYPHS[cell.tone]} {cell.text}"


def _took(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
