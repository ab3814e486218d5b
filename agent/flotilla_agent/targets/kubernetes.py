"""A real cluster: a Target over its Kubernetes API server, by server-side apply under the field manager `flotilla`."""

import os
import re
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from flotilla_common.errors import NotFound
from flotilla_common.objects import GVK, Obj, Ref, encode, ref_of

from ..engine.target import Facts, Missing, Seen, Synced
from ..estimate.nodes import NodeBook
from ..settings import KubernetesSettings
from .census import Census
from .credentials import Credentials, in_cluster, of_kubeconfig
from .discovery import Discovery
from .facts import FactFinder
from .reflector import Reflector
from .status_errors import KindMissing
from .transport import Transport

__all__ = ["KubernetesTarget"]

FIELD_MANAGER = "flotilla"
_IN_CLUSTER = "in-cluster"
_UNPRINTED = re.compile("[\x7f-\x9f\ufeff\ufffe\uffff]")
# With the character set named the client passes our bytes on; else it would encode them again, as ASCII.
_APPLY = "application/apply-patch+yaml; charset=utf-8"
_MERGE = "application/merge-patch+json"


def as_yaml(obj: Obj) -> bytes:
    """JSON that is YAML too, as the server reads a patch to apply.

    YAML has no pairs of escapes for what lies beyond the 16-bit plane, so text stays as it is; what YAML does not print
    is escaped.
    """
    return _UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", encode(obj).decode()).encode()


class KubernetesTarget:
    """`await KubernetesTarget.open(...)`, then `close()`."""

    def __init__(self, transport: Transport, settings: KubernetesSettings) -> None:
        """`transport`: opened."""
        self._transport = transport
        self._settings = settings
        self._discovery = Discovery(transport)
        self._census = Census(transport, self._discovery, settings)
        self._facts = FactFinder(transport, self._census, settings)

    @classmethod
    async def open(cls, source: str | Obj, settings: KubernetesSettings | None = None) -> "KubernetesTarget":
        """`kubernetes:///path/of/kubeconfig?context=NAME`, `kubernetes://in-cluster`, `kubernetes://` (the pod's
        account, else the user's kubeconfig), or a decoded kubeconfig.

        Raises Terminal when the credentials cannot be read; whether the server answers shows later.
        """
        settings = settings or KubernetesSettings()

        async def load() -> Credentials:
            return await _credentials(source, settings.connections)

        transport = Transport(load, settings)
        await transport.open()
        return cls(transport, settings)

    async def get(self, ref: Ref) -> Obj | None:
        what = f"read {ref}"
        resource = await self._discovery.find(ref.gvk)
        if resource is None:
            return None
        try:
            found: Obj = await self._transport.call("GET", resource.path(ref), what=what)
        except (NotFound, Missing):
            return None
        return found

    async def apply(self, obj: Obj, *, force: bool) -> Obj:
        ref = ref_of(obj)
        what = f"apply {ref}"
        resource = await self._discovery.need(ref.gvk, what)
        params = {"fieldManager": FIELD_MANAGER, "force": "true" if force else "false"}
        try:
            applied: Obj = await self._transport.call(
                "PATCH", resource.path(ref), params, body=as_yaml(obj), content_type=_APPLY, what=what
            )
        except KindMissing:
            self._discovery.forget(ref.gvk)
            raise
        return applied

    async def release(self, ref: Ref, *, uid: str, labels: tuple[str, ...], annotations: tuple[str, ...]) -> None:
        resource = await self._discovery.find(ref.gvk)
        if resource is None:
            return
        body = {
            "metadata": {"uid": uid, "labels": dict.fromkeys(labels), "annotations": dict.fromkeys(annotations)},
        }
        params = {"fieldManager": FIELD_MANAGER}
        try:
            await self._transport.call(
                "PATCH", resource.path(ref), params, body=body, content_type=_MERGE, what=f"release {ref}"
            )
        except (NotFound, Missing):
            return

    async def delete(self, ref: Ref, *, uid: str | None = None) -> None:
        resource = await self._discovery.find(ref.gvk)
        if resource is None:
            return
        body: Obj = {"propagationPolicy": "Background"}
        if uid:
            body["preconditions"] = {"uid": uid}
        try:
            await self._transport.call("DELETE", resource.path(ref), body=body, what=f"delete {ref}")
        except (NotFound, Missing):
            return

    def watch(self, gvk: GVK) -> AsyncGenerator[Seen | Synced, None]:
        return Reflector(self._transport, self._discovery, gvk, self._settings).events()

    async def facts(self) -> Facts:
        return await self._facts.look()

    def grade_nodes(self, grades: list[Obj]) -> None:
        self._facts.grade_nodes(grades)

    async def rooms(self, patience: float, *, quotas: bool = False) -> NodeBook | None:
        return await self._census.rooms(patience, quotas=quotas)

    async def close(self) -> None:
        await self._census.close()
        await self._transport.close()


async def _credentials(source: str | Obj, connections: int) -> Credentials:
    if not isinstance(source, str):
        return await of_kubeconfig(source, connections=connections)
    url = urlsplit(source)
    path = url.netloc + url.path
    context = parse_qs(url.query).get("context", [""])[0]
    if path == _IN_CLUSTER or (not path and "KUBERNETES_SERVICE_HOST" in os.environ):
        return in_cluster(connections=connections)
    path = path or os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    return await of_kubeconfig(path, context, connections=connections)
