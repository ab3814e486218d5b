"""Which kinds a Kubernetes API server serves, and under which path. It is asked for one group when that is needed."""

import asyncio
from typing import NamedTuple

from flotilla_common.errors import FieldError, Invalid, Unavailable
from flotilla_common.objects import GVK, Obj, Ref

from .status_errors import KindMissing
from .transport import Transport

__all__ = ["Discovery", "Resource", "enabled"]

_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
"""All groups in one answer, for /api and /apis (Kubernetes 1.27 and later)."""

_ASK_AGAIN = 0.25
"""Seconds for which the answer that a kind is missing stands. A thousand objects may be waiting for the same CRD."""


class Resource(NamedTuple):
    """A kind's place in the API: `/apis/apps/v1`, `deployments`."""

    root: str
    plural: str
    is_namespaced: bool

    def collection(self) -> str:
        """All objects of the kind, in all namespaces."""
        return f"{self.root}/{self.plural}"

    def path(self, ref: Ref) -> str:
        """One object. Raises Invalid when it has a namespace and should not, or the reverse."""
        if self.is_namespaced != bool(ref.namespace):
            need = "must be set" if self.is_namespaced else "must be empty, the kind has none"
            raise Invalid(str(ref), [FieldError("metadata.namespace", need)])
        scope = f"/namespaces/{ref.namespace}" if self.is_namespaced else ""
        return f"{self.root}{scope}/{self.plural}/{ref.name}"


class Discovery:
    """Remembers what is there; what is missing is asked for again."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._known: dict[GVK, Resource] = {}
        self._asked: dict[str, float] = {}
        self._asking = asyncio.Lock()

    async def find(self, gvk: GVK) -> Resource | None:
        """None when the server does not serve it (now). Raises Unavailable, Forbidden."""
        if gvk not in self._known:
            async with self._asking:
                if gvk not in self._known and self._is_answer_old(gvk.api_version):
                    await self._ask(gvk)
        return self._known.get(gvk)

    async def need(self, gvk: GVK, what: str) -> Resource:
        """Raises KindMissing when the server does not serve it."""
        found = await self.find(gvk)
        if found is None:
            raise KindMissing(f"cannot {what}: the cluster does not serve {gvk}; install its CRD there")
        return found

    def forget(self, gvk: GVK) -> None:
        """The server said that the path is unknown: the kind has gone."""
        if self._known.pop(gvk, None):
            self._asked.pop(gvk.api_version, None)

    async def _ask(self, gvk: GVK) -> None:
        root = f"/apis/{gvk.api_version}" if gvk.group else f"/api/{gvk.version}"
        try:
            answer = await self._transport.call("GET", root, what=f"read the kinds of {gvk.api_version}")
        except KindMissing:
            answer = {}
        self._asked[gvk.api_version] = asyncio.get_running_loop().time()
        for item in answer.get("resources") or ():
            if "/" not in item["name"]:  # that would be a subresource
                kind = GVK(gvk.group, gvk.version, item["kind"])
                self._known[kind] = Resource(root, item["name"], item["namespaced"])

    def _is_answer_old(self, api_version: str) -> bool:
        asked = self._asked.get(api_version)
        return asked is None or asyncio.get_running_loop().time() - asked > _ASK_AGAIN


async def enabled(transport: Transport) -> tuple[list[Obj], bool]:
    """`Cluster.status.apiEnablements`, and whether every group could be read. Raises Unavailable, Forbidden."""
    found: dict[str, list[Obj]] = {}
    is_complete = True
    for path in ("/api", "/apis"):
        answer = await transport.call("GET", path, accept=_AGGREGATED, what="list the kinds the cluster serves")
        if answer.get("kind") != "APIGroupDiscoveryList":
            raise Unavailable("the API server is older than Kubernetes 1.27 and cannot list all its kinds at once")
        for group in answer["items"]:
            for version in group["versions"]:
                is_complete &= version.get("freshness") != "Stale"
                name = GVK(group["metadata"].get("name", ""), version["version"], "").api_version
                found[name] = _kinds(version)
    served = ({"groupVersion": name, "resources": found[name]} for name in sorted(found) if found[name])
    return list(served), is_complete


def _kinds(version: Obj) -> list[Obj]:
    resources = version.get("resources") or ()
    kinds = [{"name": r["resource"], "kind": r["responseKind"]["kind"]} for r in resources if r.get("responseKind")]
    return sorted(kinds, key=lambda kind: str(kind["name"]))
