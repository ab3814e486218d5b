"""One controller: keys from a queue, a reconcile function, and what to do with the three ways it can end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import TypeVar

from ..errors import Retryable, Terminal
from .queue import KeyQueue

__all__ = ["run_controller", "together"]

K = TypeVar("K", bound=Hashable)
log = logging.getLogger(__name__)


async def run_controller(
    name: str, queue: KeyQueue[K], reconcile: Callable[[K], Awaitable[float | None]], *, workers: int = 4
) -> None:
    """Run for ever. `reconcile` reads the state under its key and makes it so.

    It returns None when done, or the seconds after which it wants to look again.

    Retryable: back off and try again. Terminal: wait for the next change. Anything else is a defect: it is logged with
    its trace and retried, so that one bad object stops nobody else.

    Up to `workers` tasks run, and none waits for work: hundreds may be allowed, so that their writes meet in the store,
    and cost nothing while there is one thing to do.
    """
    free = asyncio.Semaphore(workers)
    async with asyncio.TaskGroup() as group:
        while True:
            await free.acquire()
            key = await queue.get()
            group.create_task(_work(name, queue, reconcile, key), name=name).add_done_callback(lambda _: free.release())


async def together(calls: Iterable[Awaitable[object]]) -> None:
    """Await all of them to the end, then raise a failure: no half is left running behind a retry.

    Of several, a Terminal one goes last: as long as another try can help, there has to be one.
    """
    given = tuple(calls)
    if len(given) == 1:
        await given[0]  # needs no task of its own
        return
    ended = await asyncio.gather(*given, return_exceptions=True)
    failures = [failure for failure in ended if isinstance(failure, BaseException)]
    for failure in sorted(failures, key=lambda failure: isinstance(failure, Terminal)):
        raise failure


async def _work(name: str, queue: KeyQueue[K], reconcile: Callable[[K], Awaitable[float | None]], first: K) -> None:
    """One turn, and on with whatever else waits."""
    await _turn(name, queue, reconcile, first)
    while queue.has_waiting():
        await _turn(name, queue, reconcile, queue.take())


async def _turn(name: str, queue: KeyQueue[K], reconcile: Callable[[K], Awaitable[float | None]], key: K) -> None:
    try:
        again = await reconcile(key)
    except Retryable as err:
        delay = queue.retry(key)
        log.debug("reconcile will be retried", extra=_fields(name, key, err, delay=delay))
    except Terminal as err:
        queue.done(key)
        log.warning("reconcile gave up until the next change", extra=_fields(name, key, err))
    except Exception as err:
        delay = queue.retry(key)
        log.exception("reconcile failed unexpectedly", extra=_fields(name, key, err, delay=delay))
    else:
        queue.done(key)
        if again is not None:
            queue.later(key, again)


def _fields(name: str, key: object, err: Exception, **more: object) -> dict[str, object]:
    return {"controller": name, "key": str(key), "error": str(err), **more}
