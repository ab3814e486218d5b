"""The reading verbs: get and list. Watching is watch.py's."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.responses import Response

from flotilla_common.errors import Expired, NotFound
from flotilla_hub.store.objects import ObjectList, Record

from .answers import answer, answer_list
from .call import Call
from .selectors import Selection, selection
from .status_errors import Denied

__all__ = ["get", "list_", "selected", "selection_of", "stored"]


async def get(call: Call) -> Response:
    return answer(call, (await stored(call)).json)


async def stored(call: Call) -> Record:
    """Raises NotFound, worded as Kubernetes does."""
    record = await call.storage.get(call.key)
    if record is None:
        raise NotFound(f'{call.resource.key} "{call.target.name}" not found')
    return record


async def list_(call: Call) -> Response:
    # The list is of now, which is never older than any version we gave out.
    _number(call, "resourceVersion")
    listing = await call.storage.list(call.resource.key, call.target.namespace)
    chosen = selection_of(call)
    items = selected(listing.items, chosen)
    revision, items = _resumed(call, listing, items)
    page, more = _page(call, items, revision)
    return answer_list(call, page, revision, more)


def selection_of(call: Call) -> Selection:
    """What the query of a list, a watch or a deletion of many asks for. Raises Denied (400)."""
    schema = call.resource.view(call.target.version).schema
    return selection(call.query.get("labelSelector", ""), call.query.get("fieldSelector", ""), schema)


def selected(records: Sequence[Record], chosen: Selection) -> Sequence[Record]:
    if chosen.is_open:
        return records
    return [r for r in records if chosen.matches(r.key.namespace, r.key.name, r.json, r.obj)]


def _resumed(call: Call, listing: ObjectList, items: Sequence[Record]) -> tuple[int, Sequence[Record]]:
    """What is left of a list that was begun before.

    The revision of the first page is kept: what changed since is seen by the watch that starts from it.
    """
    token = call.query.get("continue")
    if not token:
        return listing.revision, items
    try:
        begun = orjson.loads(base64.urlsafe_b64decode(token))
        revision, after = int(begun["rv"]), (str(begun["ns"]), str(begun["name"]))
    except (binascii.Error, orjson.JSONDecodeError, KeyError, TypeError, ValueError) as err:
        raise Denied(400, "BadRequest", f"continue key is not valid: {err}") from err
    if revision > listing.revision:
        raise Expired("the continue parameter is of another history of the store; list again without it")
    return revision, [r for r in items if (r.key.namespace, r.key.name) > after]


def _number(call: Call, name: str) -> int:
    text = call.query.get(name) or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Denied(400, "BadRequest", f"{name}: Invalid value: {text!r}: must be a whole number, and not below zero")
    return int(text)


def _page(call: Call, items: Sequence[Record], revision: int) -> tuple[Sequence[Record], dict[str, Any]]:
    limit = _number(call, "limit")
    if not 0 < limit < len(items):
        return items, {}
    page = items[:limit]
    last = page[-1].key
    token = orjson.dumps({"rv": revision, "ns": last.namespace, "name": last.name})
    return page, {"continue": base64.urlsafe_b64encode(token).decode(), "remainingItemCount": len(items) - len(page)}
