"""What the verbs of `flotilla rollout` share: the template that is meant, its binding, and the versions on record."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from flotilla_common.errors import NotFound, Terminal
from flotilla_common.objects import Obj, meta_of, name_of, namespace_of

from ..client import Client, Served
from ..client.api import MERGE_PATCH
from ..names import binding_name
from ..strategies.history import REVISION_OF, home_of
from ..strategies.rolling_update import PAUSED
from . import connection

__all__ = ["Rolled", "add_arguments", "rolled"]

BINDING = "work.karmada.io/v1alpha2"


@dataclass(frozen=True)
class Rolled:
    """One template whose policy rolls its changes out in waves."""

    hub: Client
    served: Served
    template: Obj
    bindings: Served
    binding_name: str

    @property
    def label(self) -> str:
        return self.served.label(name_of(self.template))

    async def binding(self) -> Obj:
        return await self.hub.get(self.bindings, self.binding_name, namespace_of(self.template))

    async def set_paused(self, value: str | None) -> None:
        """None takes the mark away."""
        path = self.bindings.path(namespace_of(self.template), self.binding_name)
        patch = {"metadata": {"annotations": {PAUSED: value}}}
        await self.hub.call("PATCH", path, patch, content_type=MERGE_PATCH)

    async def revisions(self) -> list[Obj]:
        """Oldest first."""
        served = await self.hub.served({"apiVersion": "apps/v1", "kind": "ControllerRevision"})
        wanted = {"labelSelector": f"{REVISION_OF}={meta_of(self.template).get('uid')}"}
        answer = await self.hub.list(served, home_of(self.template), params=wanted)
        return sorted(answer["items"], key=lambda revision: int(revision.get("revision") or 0))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("type", metavar="KIND/NAME", help="a template: deploy/web, configmap/flags, release/podinfo")
    parser.add_argument("name", metavar="NAME", nargs="?", default="")
    connection.add_namespace(parser)
    connection.add_flags(parser)


@asynccontextmanager
async def rolled(args: argparse.Namespace) -> AsyncIterator[Rolled]:
    """Raises Terminal when it is not rolled out by a policy, and says what it lacks."""
    word, _, name = args.type.partition("/")
    name = name or args.name
    if not name:
        raise Terminal(f"name what is rolled out: `flotilla rollout {args.rollout_verb} KIND/NAME`")
    async with connection.hub(args) as hub:
        found = await hub.find(word)
        if len(found) > 1:
            raise Terminal(f"{word!r} stands for {len(found)} types; name one of: {', '.join(s.plural for s in found)}")
        template = await hub.get(found[0], name)
        kind = "ResourceBinding" if namespace_of(template) else "ClusterResourceBinding"
        bindings = await hub.served({"apiVersion": BINDING, "kind": kind})
        one = Rolled(hub, found[0], template, bindings, binding_name(template["kind"], name))
        await _check(one)
        yield one


async def _check(one: Rolled) -> None:
    try:
        binding = await one.binding()
    except NotFound as err:
        raise Terminal(f"no policy propagates {one.label}; `flotilla explain {one.label}` says why") from err
    strategy = (binding["spec"].get("placement") or {}).get("schedulerStrategy") or {}
    if strategy.get("type") != "RollingUpdate":
        raise Terminal(
            f"{one.label} is not rolled out in waves: its changes reach all clusters at once, as its policy has no "
            "placement.schedulerStrategy of type RollingUpdate"
        )
