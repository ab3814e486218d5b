"""One cluster, served: its target, its journal, its engine, and the link to the hub. Pull runs one, Push many."""

import asyncio
import logging
from pathlib import Path

from nats.aio.msg import Msg

from flotilla_common.bus import Bus
from flotilla_common.errors import Terminal
from flotilla_common.node_grades import GradesMessage
from flotilla_common.objects import Obj, decode
from flotilla_common.subjects import control

from .engine.engine import Engine
from .engine.target import Target
from .journal import Journal
from .link.estimates import Estimates
from .link.facts import report_facts
from .link.heartbeat import beat
from .link.inbox import Inbox
from .link.outbox import Outbox
from .settings import EngineSettings, LinkSettings

__all__ = ["serve"]

log = logging.getLogger(__name__)


async def serve(
    cluster: str,
    bus: Bus,
    target: Target,
    journal_path: str | Path,
    engine_settings: EngineSettings,
    link: LinkSettings,
) -> None:
    """Until cancelled. The target stays the caller's to close."""
    with Journal(journal_path) as journal:
        outbox = Outbox(bus, cluster)
        engine = Engine(target, journal, outbox.put, engine_settings)
        inbox = Inbox(bus, cluster, journal, engine.offer)

        estimates = Estimates(bus, cluster, target)
        asked = asyncio.Event()

        def resync(message: Msg) -> None:
            # Another agent can have the server's answers to its own requests sent here; only the hub's word names us.
            if message.data == cluster.encode():
                inbox.catch_up_fully()
                asked.set()

        def grade(message: Msg) -> None:
            if (grades := _grades_in(message, cluster)) is not None:
                target.grade_nodes(grades)
                asked.set()

        log.info("serving a cluster", extra={"cluster": cluster, "works": journal.held})
        async with (
            bus.listening(control(cluster, "resync"), resync),
            bus.listening(control(cluster, "estimate"), estimates.hear),
            bus.listening(control(cluster, "grades"), grade),
            asyncio.TaskGroup() as group,
        ):
            group.create_task(bus.until_closed(), name=f"connection {cluster}")
            group.create_task(inbox.run(), name=f"inbox {cluster}")
            group.create_task(outbox.run(), name=f"outbox {cluster}")
            group.create_task(engine.run(), name=f"engine {cluster}")
            group.create_task(estimates.run(), name=f"estimates {cluster}")
            group.create_task(beat(bus, cluster, journal, link.heartbeat), name=f"heartbeat {cluster}")
            group.create_task(
                report_facts(
                    cluster, target, outbox, asked, every=link.facts_every, timeout=engine_settings.facts_timeout
                ),
                name=f"facts {cluster}",
            )


def _grades_in(message: Msg, cluster: str) -> list[Obj] | None:
    """None for what is not the hub's word to us: another agent can have the server's answers sent here."""
    try:
        said = GradesMessage.unpack(message.data)
        grades = decode(said.grades)
    except (Terminal, ValueError):
        return None
    is_list = isinstance(grades, list) and all(isinstance(grade, dict) for grade in grades)
    return grades if said.cluster == cluster and is_list else None
