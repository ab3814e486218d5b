"""The cluster's own status, sent when it changed or the hub asks: versions, APIs, nodes, resources, readiness."""

import asyncio
import logging
import time
from contextlib import suppress
from importlib.metadata import version

from flotilla_common.messages import ClusterReport
from flotilla_common.objects import encode

from ..engine.target import Target
from .outbox import Outbox

__all__ = ["report_facts"]

log = logging.getLogger(__name__)


async def report_facts(
    cluster: str, target: Target, outbox: Outbox, asked: asyncio.Event, *, every: float, timeout: float
) -> None:
    """Look now, every `every` seconds and when `asked`, for ever; send what differs from last time, or is asked for."""
    sent: tuple[bytes, str] | None = None
    agent = version("flotilla")
    while True:
        try:
            async with asyncio.timeout(timeout):
                facts = await target.facts()
        except TimeoutError:
            log.warning("the cluster does not answer", extra={"cluster": cluster, "seconds": timeout})
        else:
            status = encode(facts.status)
            if (status, facts.graded) != sent:
                outbox.put_cluster(ClusterReport(cluster, agent, status, time.time(), facts.graded))
                sent = status, facts.graded
        with suppress(TimeoutError):
            async with asyncio.timeout(every):
                await asked.wait()
                asked.clear()
                sent = None
