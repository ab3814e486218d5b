"""Plays the story: every step is done, waited for and shown; the first that does not come true ends it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from flotilla_common.errors import FlotillaError

from .board import Board, board_of
from .lookout import Lookout
from .screen import Screen, screen
from .stage import Stage, stage
from .story import CLUSTERS, WATCHED, Step, story

__all__ = ["Play"]


class Play:
    """One performance in the folder `home`. Cancel `run` to end it at any time: no process is left behind.

    Without `once` it stays up after the last step until it is cancelled. `step_seconds` is how long each may take.
    """

    def __init__(self, home: Path, *, once: bool, step_seconds: float) -> None:
        self.converged = False
        self._home = home
        self._once = once
        self._step_seconds = step_seconds
        self._lookout: Lookout | None = None

    async def run(self) -> bool:
        """Whether everything came true."""
        async with screen(self._board) as shown:
            shown.begin("a hub starts, with its NATS and its agent for Push clusters")
            since = _now()
            try:
                async with stage(self._home) as ready:
                    shown.end(_now() - since)
                    await self._on(ready, shown)
            except FlotillaError as err:
                shown.end(_now() - since, str(err))
        return self.converged

    async def _on(self, ready: Stage, shown: Screen) -> None:
        self._lookout = Lookout(ready.hub)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._lookout.run(WATCHED), name="lookout")
            try:
                self.converged = await _tell(story(ready), self._lookout, shown, self._step_seconds)
                shown.say(self._last_words(ready))
                if self.converged and not self._once:
                    await asyncio.Event().wait()
            finally:
                watching.cancel()

    def _board(self) -> Board:
        return board_of(self._lookout.seen if self._lookout else {}, CLUSTERS)

    def _last_words(self, ready: Stage) -> list[str]:
        if not self.converged:
            return [f"The demo did not converge; logs and data are in {self._home}"]
        if self._once:
            return ["Everything converged."]
        config = ready.kubeconfig
        return [
            "Everything converged. The hub stays up until Ctrl-C; try it from another terminal:",
            f"  export KUBECONFIG={config} FLOTILLA_KUBECONFIG={config}",
            "  kubectl get clusters,deployments,helmreleases",
            "  kubectl get resourcebinding nginx-deployment -o yaml",
            "  kubectl scale deployment nginx --replicas=5",
            "  flotilla get works -A",
        ]


async def _tell(steps: Sequence[Step], lookout: Lookout, shown: Screen, seconds: float) -> bool:
    """Whether every step came true."""
    for step in steps:
        shown.begin(step.title)
        since = _now()
        try:
            await step.act()
            await lookout.until(step.missing, seconds)
        except FlotillaError as err:
            shown.end(_now() - since, str(err))
            return False
        shown.end(_now() - since)
    return True


def _now() -> float:
    return asyncio.get_running_loop().time()
