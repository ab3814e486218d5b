"""One template on the hub of a fleet, with a policy of its own, and what becomes of it in the members."""

from typing import Any

from flotilla_common.errors import NotFound
from flotilla_common.objects import Obj, name_of
from tests.fleet import Fleet, until
from tests.manifests import policy

__all__ = ["Placed", "is_absent", "placed", "policy_for", "remove", "told"]


def policy_for(template: Obj, *clusters: str, **spec: Any) -> Obj:
    """A policy of the template's own name that selects nothing else."""
    selector = {"apiVersion": template["apiVersion"], "kind": template["kind"], "name": name_of(template)}
    return policy(name_of(template), *clusters, resourceSelectors=[selector], **spec)


class Placed:
    """A template on the hub, and what has become of it everywhere."""

    def __init__(self, running: Fleet, template: Obj) -> None:
        self.fleet = running
        self.template = template
        self.kind, self.name = template["kind"], name_of(template)
        self.key = f"{self.kind} default/{self.name}"

    def there(self, cluster: str) -> Obj | None:
        return self.fleet.members[cluster].objects().get(self.key)

    def data(self, cluster: str) -> Any:
        held = self.there(cluster)
        return held and held.get("data")

    def writes(self) -> list[int]:
        """How often it was written, by cluster in the order of joining."""
        return [member.writes().get(self.key, 0) for member in self.fleet.members.values()]

    async def binding(self) -> Obj:
        return await self.fleet.get("resourcebindings", f"{self.name}-{self.kind.lower()}")

    async def told(self) -> dict[str, tuple[bool, str]]:
        """Cluster → whether it is applied there, and what is said of it."""
        items = ((await self.binding()).get("status") or {}).get("aggregatedStatus") or ()
        return {item["clusterName"]: (item["applied"], item.get("appliedMessage", "")) for item in items}

    async def is_settled(self) -> bool:
        """Applied wherever it is to be, and the hub has said so."""
        name = f"{self.name}-{self.kind.lower()}"
        return await self.fleet.condition("resourcebindings", name, "FullyApplied") == "True"

    async def settled(self) -> None:
        await until(f"{self.key} is settled", self.is_settled)

    async def change(self, **data: str) -> None:
        held = await self.fleet.get(f"{self.kind.lower()}s", self.name)
        await self.fleet.client.replace({**held, "data": data})

    async def arrives(self, cluster: str, data: dict[str, str]) -> None:
        async def arrived() -> bool:
            return bool(self.data(cluster) == data)

        await until(f"{self.key} in {cluster} holds {data}", arrived)

    async def leaves(self, *clusters: str) -> None:
        async def has_left() -> bool:
            return not any(self.there(cluster) for cluster in clusters)

        await until(f"{self.key} leaves {clusters}", has_left)

    async def is_gone(self) -> None:
        name = f"{self.name}-{self.kind.lower()}"
        await until(f"the binding {name} is gone", lambda: is_absent(self.fleet, "resourcebindings", name))

    async def delete(self) -> None:
        served = await self.fleet.client.served(self.template)
        await self.fleet.client.delete(served, self.name, "default")


async def placed(running: Fleet, template: Obj, *clusters: str, **spec: Any) -> Placed:
    """Created with a policy of its own for these clusters, by default all, and settled."""
    await running.client.create(policy_for(template, *(clusters or running.members), **spec))
    await running.client.create(template)
    there = Placed(running, template)
    await there.settled()
    return there


async def is_absent(running: Fleet, kind: str, name: str) -> bool:
    try:
        await running.get(kind, name)
    except NotFound:
        return True
    return False


async def remove(running: Fleet, manifest: Obj) -> None:
    served = await running.client.served(manifest)
    await running.client.delete(served, name_of(manifest), (manifest["metadata"].get("namespace") or ""))


async def told(running: Fleet, reason: str, name: str) -> None:
    """An Event of this reason about what has this name, in `default`."""

    async def is_told() -> bool:
        listed = await running.client.call("GET", "/api/v1/namespaces/default/events")
        return (reason, name) in {(event["reason"], event["involvedObject"]["name"]) for event in listed["items"]}

    await until(f"{reason} is told of {name}", is_told)
