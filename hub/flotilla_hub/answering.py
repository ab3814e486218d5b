"""Where `explain` and `plan` are asked: reads what the hub knows at this moment and has `answers` do the rest.

    GET  /flotilla/v1/explain?apiVersion=&kind=&namespace=&name=   -> answers.explanation.Explanation
    POST /flotilla/v1/plan  {apply: [...], delete: [...], namespace}  -> answers.plan.Plan

Nothing is ever stored here. Authentication is the API's own: these are `Deps.guarded_routes`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flotilla_common.errors import FieldError, FlotillaError, Invalid, NotFound
from flotilla_common.messages import WorkMessage
from flotilla_common.objects import GVK, Obj, decode, encode
from flotilla_common.subjects import WorkSubject

from .answers.delivery import Sent
from .answers.explain import Observed, explain
from .answers.explanation import Explanation
from .answers.overlay import Submission
from .answers.plan import Plan, plan
from .answers.state import State
from .answers.values import Answer
from .api.status_errors import Denied, failure_response
from .controllers.controller import Hub, all_bindings, binding_key_of, origin_of
from .controllers.detector import PRIORITY_CLASSES
from .controllers.lenses import CLUSTER_OVERRIDES, CLUSTER_POLICIES, CLUSTERS, OVERRIDES, POLICIES
from .detector.references import references_in
from .store.objects import Record
from .store.port import Key

__all__ = ["BODY_LIMIT", "EXPLAIN_PATH", "PLAN_PATH", "Answering", "routes"]

log = logging.getLogger(__name__)

EXPLAIN_PATH, PLAN_PATH = "/flotilla/v1/explain", "/flotilla/v1/plan"
BODY_LIMIT = 16 * 1024 * 1024
"""Of the manifests of one plan together: a folder of them is more than any one object may be."""


class Answering:
    """Each answer is worked out in a thread, from values nobody changes: the hub goes on meanwhile."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        # A plan reads everything there is; one after the other is enough.
        self._turn = asyncio.Lock()

    async def explain(self, gvk: GVK, namespace: str, name: str) -> Explanation:
        """Raises NotFound."""
        resource = self._hub.registry.of_kind(gvk)
        if resource is None:
            raise NotFound(f"this hub serves no {gvk}; `kubectl api-resources` lists what it does")
        key = Key(resource.key, namespace if resource.namespaced else "", name)
        record = self._hub.objects.record(key)
        if record is None:
            raise NotFound(f'{resource.key} "{name}" not found')
        binding = binding_key_of(key, resource.kind)
        kinds = (POLICIES, CLUSTER_POLICIES, OVERRIDES, CLUSTER_OVERRIDES, CLUSTERS, PRIORITY_CLASSES)
        records = [record for kind in kinds for record in self._hub.objects.list(kind).items]
        records += self._bindings(binding)
        records += self._dependencies(binding)
        works = self._hub.works.of_origin(origin_of(binding))
        sent = {
            subject.cluster: Sent(entry.digest, entry.deleted, entry.report, entry.rollout) for subject, entry in works
        }
        observed = Observed(sent, dict(self._hub.troubles.of(binding)), self._hub.now())
        return await asyncio.to_thread(lambda: explain(self._state(records), record.obj(), observed))

    async def plan(self, submission: Submission) -> Plan:
        """Raises Invalid for what the API would refuse, Unavailable while NATS does not answer."""
        async with self._turn:
            kept = await self._kept()
            records, now = self._hub.objects.all(), self._hub.now()
            return await asyncio.to_thread(lambda: plan(self._state(records, kept), submission, now))

    def _bindings(self, key: Key) -> list[Record]:
        """The binding, and where workloads attract or avoid one another those it may have to look at."""
        if self._hub.rules.scheduling.has_groups and key.namespace:
            return list(self._hub.objects.list(key.resource, key.namespace).items)
        return [found for found in (self._hub.objects.record(key),) if found is not None]

    def _dependencies(self, binding: Key) -> list[Record]:
        """What its template refers to, as far as it is there."""
        found: list[Record] = []
        for reference in references_in(self._hub.objects.get(binding) or {}) or ():
            resource = self._hub.registry.of_kind(reference.gvk)
            if resource is not None and reference.selector is None:
                record = self._hub.objects.record(Key(resource.key, reference.namespace, reference.name))
                found += [record] if record else []
            elif resource is not None:
                found += self._hub.objects.list(resource.key, reference.namespace).items
        return found

    def _state(self, records: Iterable[Record], kept: dict[WorkSubject, WorkMessage] | None = None) -> State:
        return State.of((record.obj() for record in records), self._hub.registry.of_kind, kept, self._hub.rules)

    async def _kept(self) -> dict[WorkSubject, WorkMessage]:
        """The Works that are not what the objects ask for, because those could not be made or sent."""
        found: dict[WorkSubject, WorkMessage] = {}
        for key in all_bindings(self._hub.objects):
            troubles = self._hub.troubles.of(key)
            for subject, entry in self._hub.works.of_origin(origin_of(key)) if troubles else ():
                if subject.cluster in troubles and not entry.deleted:
                    message = await self._hub.works.read(subject)
                    found |= {subject: message} if message else {}
        return found


def routes(answering: Answering) -> list[Route]:
    """For whoever the API lets in."""

    async def answer_explain(request: Request) -> Response:
        return await _answered(_explained(answering, request))

    async def answer_plan(request: Request) -> Response:
        return await _answered(_planned(answering, request))

    return [Route(EXPLAIN_PATH, answer_explain), Route(PLAN_PATH, answer_plan, methods=["POST"])]


async def _answered(answer: Awaitable[Answer]) -> Response:
    try:
        return Response(encode((await answer).as_json()), media_type="application/json")
    except FlotillaError as err:
        return failure_response(err)
    except Exception:
        log.exception("question failed")
        return failure_response(FlotillaError("an error of the hub's own; its log says more"))


async def _explained(answering: Answering, request: Request) -> Explanation:
    query = request.query_params
    for word in ("apiVersion", "kind", "name"):
        if not query.get(word):
            raise Invalid("the question", [FieldError(word, "must be given", "FieldValueRequired")])
    gvk = GVK.parse(query["apiVersion"], query["kind"])
    return await answering.explain(gvk, query.get("namespace", ""), query["name"])


async def _planned(answering: Answering, request: Request) -> Plan:
    body = await _body(request)
    lists = {word: body.get(word) or [] for word in ("apply", "delete")}
    for word, manifests in lists.items():
        if not isinstance(manifests, list) or not all(map(_is_manifest, manifests)):
            raise Denied(400, "BadRequest", f"{word} must be a list of objects with apiVersion, kind and metadata")
    return await answering.plan(Submission(lists["apply"], lists["delete"], str(body.get("namespace") or "default")))


def _is_manifest(obj: Any) -> bool:
    return (
        isinstance(obj, dict)
        and isinstance(obj.get("metadata"), dict)
        and all(isinstance(obj.get(word), str) for word in ("apiVersion", "kind"))
    )


async def _body(request: Request) -> Obj:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_LIMIT:
            raise Denied(413, "RequestEntityTooLarge", f"Request entity too large: limit is {BODY_LIMIT}")
        parts.append(part)
    try:
        body = decode(b"".join(parts))
    except ValueError as err:
        raise Denied(400, "BadRequest", f"the body is not JSON: {err}") from err
    if not isinstance(body, dict):
        raise Denied(400, "BadRequest", "the body must be a JSON object")
    return body
