"""Another system with a Kubernetes API beside ours: known are its hub, its members, and a file with its policy."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from flotilla_common.errors import NotFound
from flotilla_common.objects import Obj, name_of, namespace_of
from flotilla_hub.client import Access, Client, connect
from flotilla_hub.client.kubeconfig import read
from flotilla_hub.client.manifests import load

from .arrivals import Arrivals
from .background import going_on
from .load import DEPLOYMENTS, STRAIGHT, in_crowd
from .members import RealMember
from .options import Options
from .progress import say
from .system import System

__all__ = ["rivals"]


@asynccontextmanager
async def rivals(options: Options, *, is_real: bool) -> AsyncIterator[list[System]]:
    """None or one, with its policy in place; on exit the policy and all that this run created are deleted."""
    if options.rival is None or not is_real:
        yield []
        return
    given, arrivals, policy = options.rival, Arrivals(), load([str(options.rival.policy)])
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(_client(given.hub))
        clients = [await stack.enter_async_context(_client(kubeconfig)) for kubeconfig in given.members]
        members = {f"member-{n}": RealMember(f"member-{n}", client) for n, client in enumerate(clients, 1)}
        for member in members.values():
            await stack.enter_async_context(going_on(member.watch(arrivals)))
        for manifest in policy:
            await hub.apply(manifest)
        try:
            yield [System(given.name, hub, members, arrivals, options.patience)]
        finally:
            say(f"  remove from {given.name} what was created there")
            await _remove(hub, f"-{options.mark}-")
            for client in clients:
                await _remove(client, f"{STRAIGHT}-{options.mark}-")
            for manifest in reversed(policy):
                await hub.delete(await hub.served(manifest), name_of(manifest), namespace_of(manifest))


def _client(kubeconfig: Path) -> AbstractAsyncContextManager[Client]:
    return connect(Access.of(read(kubeconfig)))


async def _remove(client: Client, mark: str) -> None:
    """All Deployments with `mark` in their names."""
    listed: Obj = await client.call("GET", DEPLOYMENTS)

    async def remove(name: str) -> None:
        with suppress(NotFound):
            await client.call("DELETE", f"{DEPLOYMENTS}/{name}")

    await in_crowd(remove, [name for name in map(name_of, listed["items"]) if mark in name])
