"""One stub cluster: what the API server of a member answers to each verb."""

import base64
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice

import orjson

from flotilla_common.errors import Conflict, FlotillaError, NotFound
from flotilla_common.objects import Obj, encode, meta_of, name_of, namespace_of
from flotilla_hub.admission.lifecycle import deletion, is_gone
from flotilla_hub.api.paths import parse_path
from flotilla_hub.api.selectors import Selection, selection
from flotilla_hub.api.status_errors import Denied, success

from .kinds import CRDS, Kinds
from .requests import Answer, Call, NoNamespace, Request, refusal
from .shelves import Key, Shelves, Stored
from .watching import Watch
from .writing import APPLY, born, is_same, named, patch_of, replaced

__all__ = ["Cluster"]

VERSION = "v1.34.0"
_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_HEALTH = ("/healthz", "/livez", "/readyz")
_PAGE_LIMIT = 10**9


class Cluster:
    """`answer` each request. `shelves` is what it holds, for tests and benchmarks to look at."""

    def __init__(self, given: Mapping[str, Mapping[Key, Stored]] | None = None, *, is_simulated: bool = False) -> None:
        """`given`: objects there from the start. `is_simulated`: workloads are ready as soon as they are written."""
        self.shelves = Shelves(given)
        self.requests = 0
        self.writes = 0
        """Objects created, changed or deleted by clients."""
        self._is_simulated = is_simulated
        self._kinds = Kinds.usual()
        for name in _NAMESPACES:
            self._create_namespace(name)

    def answer(self, request: Request) -> Answer | Watch:
        self.requests += 1
        call = None
        try:
            if (document := self._document(request)) is not None:
                return document
            call = self._call(request)
            return _verb(call)(self, call)
        except FlotillaError as err:
            return refusal(err, call)

    def _document(self, request: Request) -> Answer | None:
        """What is no object: health, version, the kinds there are."""
        path = request.path.rstrip("/")
        if path.startswith(_HEALTH):
            return Answer(200, b"ok", "text/plain")
        if path == "/version":
            return Answer(200, encode({"major": "1", "minor": "34", "gitVersion": VERSION, "platform": "linux/amd64"}))
        target = parse_path(path)
        if path not in ("/api", "/apis") and (target is None or target.plural):
            return None
        found = self._kinds.discovery.answer(path, request.headers.get("accept", ""), target)
        return None if found is None else Answer(200, *found)

    def _call(self, request: Request) -> Call:
        target = parse_path(request.path)
        row = self._kinds.registry.find(target.group, target.version, target.plural) if target else None
        if target is None or row is None or (target.name and row.namespaced and not target.namespace):
            raise Denied(404, "NotFound", "the server could not find the requested resource")
        return Call(request, target, row, _now())

    # --- reading

    def get(self, call: Call) -> Answer:
        return Answer(200, call.shown(self._stored(call).json))

    def list(self, call: Call) -> Answer:
        chosen, query = _chosen(call), call.request.query
        revision, after = _resumed(query.get("continue", ""), self.shelves.revision)
        limit = int(query.get("limit") or 0) or _PAGE_LIMIT
        found = self._selected(call, chosen, after)
        page = list(islice(found, limit))
        metadata: Obj = {"resourceVersion": str(revision)}
        if len(page) == limit and next(found, None) is not None:
            metadata["continue"] = _token(revision, page[-1].key)
        kind = f"{call.shown_as or call.row.kind}List"
        version = "meta.k8s.io/v1" if call.shown_as else call.api_version
        head = encode({"kind": kind, "apiVersion": version, "metadata": metadata})[:-1]
        return Answer(200, b'%s,"items":[%s]}' % (head, b",".join(call.shown(stored.json) for stored in page)))

    def watch(self, call: Call) -> Watch:
        return Watch(call, self.shelves, _chosen(call))

    def _selected(self, call: Call, chosen: Selection, after: Key | None = None) -> Iterator[Stored]:
        stored = self.shelves.all(call.row.key, call.target.namespace, after)
        if chosen.is_open:
            return stored
        return (s for s in stored if chosen.matches(s.key.namespace, s.key.name, s.json, s.obj))

    def _stored(self, call: Call) -> Stored:
        found = self.shelves.get(call.row.key, call.key)
        if found is None:
            raise NotFound(f'{call.row.key} "{call.target.name}" not found')
        return found

    # --- writing

    def create(self, call: Call) -> Answer:
        if call.row.verbs == ("create",):
            return Answer(201, encode({**call.submitted(), "status": {"allowed": True}}))
        return self._created(call, named(call, call.submitted()))

    def replace(self, call: Call) -> Answer:
        return self._replaced(call, self._stored(call).obj(), call.submitted())

    def patch(self, call: Call) -> Answer:
        found = self.shelves.get(call.row.key, call.key)
        if found is None and (call.media_type != APPLY or call.target.subresource):
            self._stored(call)
        live = found.obj() if found else None
        new = patch_of(call, live)
        return self._created(call, named(call, new)) if live is None else self._replaced(call, live, new)

    def delete(self, call: Call) -> Answer:
        live = self._stored(call).obj()
        options = call.decoded() if call.request.body else {}
        wanted = (options.get("preconditions") or {}).get("uid")
        if wanted and wanted != meta_of(live)["uid"]:
            raise Conflict(f"the UID in the precondition ({wanted}) does not match the UID in record")
        self._delete(call, live)
        return Answer(200, encode(success({**call.details(), "uid": meta_of(live)["uid"]})))

    def delete_all(self, call: Call) -> Answer:
        for stored in list(self._selected(call, _chosen(call))):
            self._delete(call, stored.obj())
        return Answer(200, encode(success(call.details())))

    def _created(self, call: Call, obj: Obj) -> Answer:
        key = Key(namespace_of(obj), name_of(obj))
        if key.namespace and self.shelves.get("namespaces", Key("", key.namespace)) is None:
            raise NoNamespace(f'namespaces "{key.namespace}" not found')
        if self.shelves.get(call.row.key, key) is not None:
            raise Conflict(f'{call.row.key} "{key.name}" already exists', exists=True)
        obj = born(call, obj, str(uuid.uuid4()), is_simulated=self._is_simulated)
        return Answer(201, call.shown(encode(obj) if call.is_dry_run else self._put(call.row.key, key, obj)))

    def _replaced(self, call: Call, live: Obj, new: Obj) -> Answer:
        after = replaced(call, live, new, is_simulated=self._is_simulated)
        if call.is_dry_run or is_same(live, after):
            return Answer(200, call.shown(encode(after)))
        if is_gone(after):
            self._remove(call.row.key, call.key, after)
            return Answer(200, call.shown(encode(after)))
        return Answer(200, call.shown(self._put(call.row.key, call.key, after)))

    def _delete(self, call: Call, live: Obj) -> None:
        if call.is_dry_run:
            return
        key = Key(namespace_of(live), name_of(live))
        marked = deletion(live, call.now)
        if marked is None:
            self._remove(call.row.key, key, live)
        else:
            self._put(call.row.key, key, marked)

    def _put(self, resource: str, key: Key, obj: Obj) -> bytes:
        self.writes += 1
        stored = self.shelves.put(resource, key, obj)
        if resource == CRDS:
            self._kinds = self._kinds.with_definition(obj)
        return stored.json

    def _remove(self, resource: str, key: Key, obj: Obj) -> None:
        """And what lives in it."""
        self.writes += 1
        self.shelves.remove(resource, key)
        if resource == "namespaces":
            for kind in self.shelves.kinds():
                self._remove_all(kind, key.name)
        if resource == CRDS:
            self._remove_all(name_of(obj))
            self._kinds = self._kinds.without(name_of(obj))

    def _remove_all(self, resource: str, namespace: str = "") -> None:
        for stored in list(self.shelves.all(resource, namespace)):
            self.shelves.remove(resource, stored.key)

    def _create_namespace(self, name: str) -> None:
        request = Request("POST", "/api/v1/namespaces", body=encode({"metadata": {"name": name}}))
        assert isinstance(made := self.answer(request), Answer) and made.code == 201, made


_VERBS: Mapping[tuple[str, bool], Callable[[Cluster, Call], Answer | Watch]] = {
    ("GET", True): Cluster.get,
    ("GET", False): Cluster.list,
    ("POST", False): Cluster.create,
    ("PUT", True): Cluster.replace,
    ("PATCH", True): Cluster.patch,
    ("DELETE", True): Cluster.delete,
    ("DELETE", False): Cluster.delete_all,
}
"""By method, and whether one object is named."""


def _verb(call: Call) -> Callable[[Cluster, Call], Answer | Watch]:
    method, target = call.request.method, call.target
    if target.subresource not in ("", "status", *(("finalize",) if call.row.key == "namespaces" else ())):
        raise Denied(404, "NotFound", "the server could not find the requested resource")
    if method == "GET" and not target.name and call.request.query.get("watch") in ("true", "1"):
        return Cluster.watch
    verb = _VERBS.get((method, bool(target.name)))
    if verb is None:
        raise Denied(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    return verb


def _chosen(call: Call) -> Selection:
    query = call.request.query
    # Without a schema every field may be selected by, as no kind here has all of its own.
    return selection(query.get("labelSelector", ""), query.get("fieldSelector", ""), None)


def _token(revision: int, last: Key) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([revision, *last])).decode()


def _resumed(token: str, revision: int) -> tuple[int, Key | None]:
    """The revision of the first page, from which a watch sees what changed meanwhile, and where that page ended."""
    if not token:
        return revision, None
    begun, namespace, name = orjson.loads(base64.urlsafe_b64decode(token))
    return int(begun), Key(namespace, name)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
