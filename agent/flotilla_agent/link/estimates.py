"""The hub's scheduler asks how much more fits here, and this answers."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import NamedTuple

from nats.aio.msg import Msg

from flotilla_common.bus import Bus
from flotilla_common.errors import FlotillaError, Invalid, Terminal
from flotilla_common.messages import UNSCHEDULABLE, EstimateAnswer, EstimateRequest
from flotilla_common.objects import GVK, Obj, Ref, decode
from flotilla_common.subjects import estimate

from ..engine.target import Target
from ..estimate.answers import ANSWERS, Question

__all__ = ["Estimates"]

log = logging.getLogger(__name__)

MOST_WAITING = 1000
"""Questions; more than a hub asks within its patience, and a bound should somebody else ask."""


MOST_REMEMBERED = 256
"""Answers kept while nothing changes in the cluster."""


class Asked(NamedTuple):
    request: EstimateRequest
    until: float
    """On the loop's clock: when the hub stops listening."""


class Estimates:
    """`hear` each message of the verb `estimate`, and `run`."""

    def __init__(self, bus: Bus, cluster: str, target: Target) -> None:
        self._bus = bus
        self._cluster = cluster
        self._target = target
        self._asked: asyncio.Queue[Asked] = asyncio.Queue(MOST_WAITING)

    def hear(self, message: Msg) -> None:
        """What is no question to this cluster is dropped: another agent can have the server's answers sent here."""
        try:
            request = EstimateRequest.unpack(message.data)
        except Terminal:
            return
        if request.cluster == self._cluster and not self._asked.full():
            self._asked.put_nowait(Asked(request, asyncio.get_running_loop().time() + request.patience))

    async def run(self) -> None:
        """For ever."""
        while True:
            await self._reply(await self._asked.get())

    async def _reply(self, asked: Asked) -> None:
        left = asked.until - asyncio.get_running_loop().time()
        if left <= 0:
            return
        request = asked.request
        try:
            async with asyncio.timeout(left):
                value = await self._answer(request, left)
                await self._bus.say(estimate(self._cluster), EstimateAnswer(self._cluster, request.id, value).pack())
        except (TimeoutError, FlotillaError) as err:
            log.debug("an estimate was not sent", extra={"cluster": self._cluster, "error": str(err)})

    async def _answer(self, request: EstimateRequest, left: float) -> int:
        answer = ANSWERS.get(request.question)
        # Half of what is left: the hub is to hear that we do not know before it stops listening.
        book = await self._target.rooms(left / 2, quotas=request.quotas)
        if answer is None or book is None:
            return -1
        key = (request.question, request.body, request.quotas)
        if key in book.answers:
            return book.answers[key]
        try:
            body = decode(request.body)
            value = answer(book, Question(body, request.quotas, _now(), await self._live(body)))
        except (Invalid, ValueError, TypeError, AttributeError, KeyError) as err:
            log.warning("a question was not understood", extra={"cluster": self._cluster, "error": repr(err)})
            return -1
        # Templates that are alike ask alike; how long pods have waited changes by itself.
        if request.question != UNSCHEDULABLE and len(book.answers) < MOST_REMEMBERED:
            book.answers[key] = value
        return value

    async def _live(self, body: Obj) -> Obj | None:
        """The workload a question is about, as it is in the cluster."""
        if not body.get("name"):
            return None
        gvk = GVK.parse(str(body.get("apiVersion")), str(body.get("kind")))
        return await self._target.get(Ref(gvk, str(body.get("namespace") or ""), str(body["name"])))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
