"""One Kubernetes API server as a client sees it: the verbs, over HTTPS, with refusals raised as our errors."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from flotilla_common.errors import Conflict, NotFound, Terminal, Unavailable
from flotilla_common.objects import Obj, decode, encode, gvk_of, meta_of, name_of, namespace_of

from .answers import error_of
from .applying import merge_patch, with_last_applied
from .discovery import Served, by_kind, by_word, served_by
from .kubeconfig import Access

__all__ = ["JSON", "TABLE", "Client", "connect"]

JSON = "application/json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
"""What to accept to be given rows and columns as the server prints them."""

MERGE_PATCH = "application/merge-patch+json"
CONNECT_TIMEOUT, CALL_TIMEOUT = 5.0, 30.0
APPLY_TRIES = 5


class Client:
    """Open one with `connect`. Every method raises our errors, Unavailable when the server does not answer."""

    def __init__(self, session: aiohttp.ClientSession, access: Access) -> None:
        self.access = access
        self._session = session
        self._served: dict[str, Sequence[Served]] = {}

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, str] | None = None,
        accept: str = JSON,
        content_type: str = JSON,
    ) -> Any:
        """The decoded answer; text for what is not JSON."""
        try:
            async with self._session.request(
                method,
                self.access.server + path,
                data=None if body is None else encode(body),
                params=params,
                headers={"Accept": accept, "Content-Type": content_type},
                server_hostname=self.access.server_name or None,
            ) as answer:
                data = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as err:
            raise self._unreachable(err) from err
        if answer.status >= 400:
            raise error_of(answer.status, data, f"{method} {path}")
        return decode(data) if answer.content_type == JSON else data.decode()

    async def get(self, served: Served, name: str, namespace: str = "", *, accept: str = JSON) -> Obj:
        found: Obj = await self.call("GET", served.path(self._inside(served, namespace), name), accept=accept)
        return found

    async def list(
        self, served: Served, namespace: str = "", *, accept: str = JSON, params: Mapping[str, str] | None = None
    ) -> Obj:
        """The List (or Table) of one namespace, or of all when none is given."""
        found: Obj = await self.call("GET", served.path(namespace), accept=accept, params=params)
        return found

    async def watch(
        self, served: Served, namespace: str, since: str, *, accept: str = JSON, params: Mapping[str, str] | None = None
    ) -> AsyncGenerator[tuple[str, Obj], None]:
        """(type, object) of every change after `since`, until the server ends it."""
        sent = {**(params or {}), "watch": "true", "resourceVersion": since, "allowWatchBookmarks": "false"}
        try:
            async with self._session.get(
                self.access.server + served.path(namespace),
                params=sent,
                headers={"Accept": accept},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT),
                server_hostname=self.access.server_name or None,
            ) as answer:
                if answer.status >= 400:
                    raise error_of(answer.status, await answer.read(), f"watch {served.resource}")
                try:
                    async for line in _lines(answer.content):
                        event = decode(line)
                        if event["type"] == "ERROR":
                            raise error_of(event["object"].get("code", 500), encode(event["object"]), "watch")
                        yield event["type"], event["object"]
                finally:
                    _hang_up(answer)
        except (aiohttp.ClientError, TimeoutError) as err:
            raise self._unreachable(err) from err

    async def create(self, manifest: Obj, namespace: str = "") -> Obj:
        """Raises Conflict(exists=True) when the name is taken."""
        served = await self.served(manifest)
        inside = self._inside(served, namespace_of(manifest) or namespace)
        created: Obj = await self.call("POST", served.path(inside), manifest)
        return created

    async def replace(self, obj: Obj) -> Obj:
        """Compare-and-set on its resourceVersion. Raises Conflict when another write came first."""
        served = await self.served(obj)
        replaced: Obj = await self.call("PUT", served.path(namespace_of(obj), name_of(obj)), obj)
        return replaced

    async def apply(self, manifest: Obj, namespace: str = "", *, dry_run: bool = False) -> str:
        """Create it or bring what is there to it, as kubectl does: "created", "configured" or "unchanged"."""
        served = await self.served(manifest)
        inside = self._inside(served, namespace_of(manifest) or namespace)
        name = name_of(manifest)
        path, whole = served.path(inside), served.path(inside, name)
        params = {"dryRun": "All"} if dry_run else {}
        for _ in range(APPLY_TRIES):
            try:
                current = await self.call("GET", whole)
            except NotFound:
                try:
                    await self.call("POST", path, with_last_applied(manifest), params=params)
                except Conflict as err:
                    if err.exists:
                        continue  # somebody created it between our two calls
                    raise
                return "created"
            patch = merge_patch(current, manifest)
            if not patch:
                return "unchanged"
            after = await self.call("PATCH", whole, patch, params=params, content_type=MERGE_PATCH)
            # What the server fills in inside a list looks like a difference, and comes back as none.
            return "unchanged" if _is_same(current, after) else "configured"
        raise Conflict(f"{served.label(name)} comes and goes while it is applied; look who else writes it")

    async def delete(self, served: Served, name: str, namespace: str = "") -> None:
        await self.call("DELETE", served.path(self._inside(served, namespace), name))

    async def patch_status(self, served: Served, name: str, patch: Obj, namespace: str = "") -> Obj:
        """Merge `patch`, which holds `status`, into the object's status."""
        path = served.path(self._inside(served, namespace), name) + "/status"
        patched: Obj = await self.call("PATCH", path, patch, content_type=MERGE_PATCH)
        return patched

    async def served(self, manifest: Obj) -> Served:
        """The kind of a manifest. Raises Terminal when the server does not know it, which is not remembered."""
        gvk = gvk_of(manifest)
        root = f"/apis/{gvk.api_version}" if gvk.group else f"/api/{gvk.version}"
        found = by_kind(self._served.get(root, []), gvk.api_version, gvk.kind)
        if found is None:
            found = by_kind(await self._version(root), gvk.api_version, gvk.kind)
        if found is None:
            raise Terminal(
                f"the server at {self.access.server} does not know kind {gvk.kind} in {gvk.api_version}; "
                "apply the CustomResourceDefinition first, or correct apiVersion and kind"
            )
        return found

    async def find(self, word: str) -> Sequence[Served]:
        """What `word` names: one kind, or all of a category. Raises Terminal when nothing is called so."""
        if found := by_word(await self.discover(), word):
            return found
        raise Terminal(f"the server has no resource type {word!r}; `kubectl api-resources` lists those it has")

    async def discover(self) -> Sequence[Served]:
        """Every kind, each group's preferred version first."""
        core, groups = await asyncio.gather(self.call("GET", "/api"), self.call("GET", "/apis"))
        roots = [f"/api/{version}" for version in core["versions"]]
        roots += [f"/apis/{v['groupVersion']}" for group in groups["groups"] for v in _preferred_first(group)]
        versions = await asyncio.gather(*map(self._version, roots))
        return [served for version in versions for served in version]

    async def _version(self, root: str) -> Sequence[Served]:
        try:
            answer = await self.call("GET", root)
        except NotFound:
            return []
        found = self._served[root] = served_by(answer["groupVersion"], answer["resources"])
        return found

    def _inside(self, served: Served, namespace: str) -> str:
        return (namespace or self.access.namespace) if served.namespaced else ""

    def _unreachable(self, err: BaseException) -> Unavailable:
        why = str(err) or f"no answer within {CALL_TIMEOUT:g} s"
        return Unavailable(f"cannot reach the API server {self.access.server}: {why}")


@asynccontextmanager
async def connect(access: Access) -> AsyncIterator[Client]:
    """Nothing is sent yet; an unreachable server shows with the first call."""
    headers = {"Authorization": f"Bearer {access.token}"} if access.token else {}
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=access.tls() or True),
        timeout=aiohttp.ClientTimeout(total=CALL_TIMEOUT, sock_connect=CONNECT_TIMEOUT),
        headers=headers,
    ) as session:
        yield Client(session, access)


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Our own splitting: aiohttp's refuses lines far shorter than one object may be."""
    rest = b""
    async for data in content.iter_any():
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield line


def _hang_up(answer: aiohttp.ClientResponse) -> None:
    """A watch is left in the middle: the usual goodbye in TLS would outlive the loop of a command that ends with it."""
    connection = answer.connection
    if connection is not None and connection.transport is not None:
        connection.transport.abort()


def _is_same(before: Obj, after: Obj) -> bool:
    volatile = {"resourceVersion": "", "managedFields": []}
    return {**before, "metadata": {**meta_of(before), **volatile}} == {
        **after,
        "metadata": {**meta_of(after), **volatile},
    }


def _preferred_first(group: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    preferred = (group.get("preferredVersion") or {}).get("version")
    return sorted(group["versions"], key=lambda version: version["version"] != preferred)
