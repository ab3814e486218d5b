"""A system under test as the load and the observer see it: an API users write to, and members somebody watches.

Ours is made in `bed.py`, another one reached in `rival.py`; whatever is measured here is measured of both alike.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from flotilla_common.objects import Obj, name_of
from flotilla_hub.client import Client

from .arrivals import Arrivals, Arrived, now
from .load import DEPLOYMENTS, FIRST, STRATEGIC_MERGE, deployment, image_of, in_crowd
from .members import Member

__all__ = ["Burst", "Journey", "System"]


class Journey(NamedTuple):
    """Milliseconds since a write on the hub was begun."""

    acked: float
    members: Mapping[str, float]
    """Until each member showed it."""

    @property
    def last(self) -> float:
        return max(self.members.values())


class Burst(NamedTuple):
    """Seconds since the first of many writes was begun."""

    acked: float
    arrived: list[float]
    """Of each object in each member."""

    @property
    def applied(self) -> float:
        return max(self.arrived)


@dataclass(frozen=True)
class System:
    """A policy that sends all Deployments to all `members` is there already."""

    name: str
    client: Client
    """Of its hub."""
    members: Mapping[str, Member]
    """By name. They note what they hold in `arrivals`."""
    arrivals: Arrivals
    patience: float
    """Seconds until something must have arrived."""

    async def create(self, manifest: Obj) -> Journey:
        start = now()
        await self.client.create(manifest)
        return await self._journey(start, now(), name_of(manifest), image_of(manifest))

    async def change(self, name: str, image: str) -> Journey:
        """Another image in a Deployment that is there."""
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}}
        start = now()
        await self.client.call("PATCH", f"{DEPLOYMENTS}/{name}", patch, content_type=STRATEGIC_MERGE)
        return await self._journey(start, now(), name, image)

    async def straight(self, manifest: Obj) -> float:
        """Milliseconds until an object written to all members at once is seen in all, by the same observer."""
        start = now()
        await asyncio.gather(*(member.write(manifest) for member in self.members.values()))
        return (max(await self.arrived([name_of(manifest)], image_of(manifest))) - start) * 1e3

    async def burst(self, names: Iterable[str]) -> Burst:
        """All created on the hub at once."""
        wanted, start = list(names), now()
        await in_crowd(self.client.create, map(deployment, wanted))
        acked = now() - start
        return Burst(acked, [at - start for at in await self.arrived(wanted)])

    async def straight_burst(self, names: Iterable[str]) -> Burst:
        """All written to all members at once."""
        wanted, start = list(names), now()
        targets = [(member, deployment(name)) for name in wanted for member in self.members.values()]

        async def write(target: tuple[Member, Obj]) -> None:
            member, manifest = target
            await member.write(manifest)

        await in_crowd(write, targets)
        acked = now() - start
        return Burst(acked, [at - start for at in await self.arrived(wanted)])

    async def arrived(self, names: Iterable[str], image: str = FIRST) -> list[float]:
        """When each of these Deployments was in each member: name by name, the members in their order."""
        markers = [Arrived(member, name, image) for name in names for member in self.members]
        return await self.arrivals.wait(markers, within=self.patience)

    async def _journey(self, start: float, acked: float, name: str, image: str) -> Journey:
        at = await self.arrived([name], image)
        members = {member: (there - start) * 1e3 for member, there in zip(self.members, at, strict=True)}
        return Journey((acked - start) * 1e3, members)
