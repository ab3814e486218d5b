"""What a Kubernetes cluster says of itself: health, version, kinds, nodes and what its pods ask for."""

import asyncio
import logging
import math
from datetime import UTC, datetime

from flotilla_common.errors import FlotillaError, Invalid, Unavailable
from flotilla_common.node_grades import default_grades, digest_of_grades
from flotilla_common.objects import Obj, copy_of

from ..engine.target import Facts
from ..settings import KubernetesSettings
from .census import Census
from .conditions import EMPTY, NOT_REACHABLE, NOT_READY, READY, Verdict, complete, with_conditions
from .discovery import enabled
from .grading import modelings
from .likeness import is_alike
from .resources import free_of, node_summary, resource_summary
from .transport import Transport

__all__ = ["FactFinder"]

log = logging.getLogger(__name__)


class FactFinder:
    """Keeps the last answer: while the cluster is away only its conditions change."""

    def __init__(self, transport: Transport, census: Census, settings: KubernetesSettings) -> None:
        self._transport = transport
        self._settings = settings
        self._census = census
        self._status: Obj = {}
        self._counted_at = self._told_at = -math.inf
        self._grades = default_grades()
        self._graded = ""

    def grade_nodes(self, grades: list[Obj]) -> None:
        """They count from the next look on."""
        self._grades = grades
        self._counted_at = self._told_at = -math.inf

    async def look(self) -> Facts:
        """Never raises for a cluster that is away or that hides something from us."""
        verdicts = [await self._health()]
        if verdicts[0] is READY:
            self._status["kubernetesVersion"] = await self._version()
            verdicts.append(await self._kinds())
            await self._count()
        self._status["conditions"] = with_conditions(self._status, verdicts, _now())
        return Facts(copy_of(self._status), self._graded)

    async def _health(self) -> Verdict:
        try:
            code = await self._transport.probe("/readyz")
            if code == 404:  # before Kubernetes 1.16
                code = await self._transport.probe("/healthz")
        except Unavailable:
            return NOT_REACHABLE
        return READY if code == 200 else NOT_READY

    async def _version(self) -> str:
        try:
            answer = await self._transport.call("GET", "/version", what="read the version")
        except FlotillaError:
            return str(self._status.get("kubernetesVersion") or "")
        return str(answer.get("gitVersion") or "")

    async def _kinds(self) -> Verdict:
        try:
            kinds, is_complete = await enabled(self._transport)
        except FlotillaError:
            return complete(False) if self._status.get("apiEnablements") else EMPTY
        self._status["apiEnablements"] = kinds
        return complete(is_complete)

    async def _count(self) -> None:
        """Nodes, and what pods ask for. A cluster that does not let us see them goes without."""
        if not self._census.is_started:
            self._census.start()
            await self._census.first(self._settings.census_patience)
        now = asyncio.get_running_loop().time()
        if not self._census.is_complete or now - self._counted_at < self._settings.summary_every:
            return
        self._counted_at = now
        book, is_due = self._census.book, now - self._told_at >= self._settings.summary_at_least_every
        try:
            resources = {**resource_summary(book), "allocatableModelings": modelings(self._grades, free_of(book))}
            counted = {"nodeSummary": node_summary(book), "resourceSummary": resources}
            if not is_due and is_alike(self._status, counted, self._settings.summary_tolerance):
                return
        except Invalid as err:
            log.warning("what nodes and pods ask for could not be added up", extra={"error": str(err)})
            return
        self._told_at = now
        self._graded = digest_of_grades(self._grades)
        self._status |= counted


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
