"""Objects and lists as responses, in the form the client asked for. Stored JSON goes out as the bytes it is kept as."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from flotilla_common.objects import Obj, decode, encode
from flotilla_hub.store.objects import Record

from .call import Call
from .tables import metadata_only, table

__all__ = ["answer", "answer_list", "versioned", "wire_form"]

_API_VERSION = b'{"apiVersion":"'


def answer(call: Call, obj: Obj | bytes, code: int = 200, warnings: Iterable[str] = ()) -> Response:
    """`obj` decoded or as stored."""
    headers = [(b"warning", f'299 - "{w}"'.replace("\n", " ").encode()) for w in map(_quoted, warnings)]
    response = Response(wire_form(call, obj), code, media_type=call.accepted.media_type)
    response.raw_headers.extend(headers)
    return response


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def wire_form(call: Call, obj: Obj | bytes, *, headers: bool = True) -> bytes:
    """One object in the form that was asked for; `headers` are a Table's."""
    if not call.accepted.form:
        return versioned(obj, call.api_version) if isinstance(obj, bytes) else encode(obj)
    whole: Obj = decode(obj) if isinstance(obj, bytes) else obj
    if call.accepted.is_metadata:
        return encode(metadata_only(whole, call.accepted.version))
    return encode(_table(call, [whole], headers=headers))


def answer_list(call: Call, records: Sequence[Record], revision: int, more: Mapping[str, Any]) -> Response:
    """`more` goes into the list's metadata: `continue`, `remainingItemCount`."""
    metadata = {"resourceVersion": str(revision), **more}
    if call.accepted.is_table:
        body = encode(_table(call, [r.obj() for r in records], metadata=metadata))
    elif call.accepted.is_metadata:
        version = call.accepted.version
        head = {"kind": "PartialObjectMetadataList", "apiVersion": f"meta.k8s.io/{version}", "metadata": metadata}
        body = encode({**head, "items": [metadata_only(r.obj(), version) for r in records]})
    else:
        head = {"kind": f"{call.resource.kind}List", "apiVersion": call.api_version, "metadata": metadata}
        items = b",".join(versioned(r.json, call.api_version) for r in records)
        body = b"".join((encode(head)[:-1], b',"items":[', items, b"]}"))
    return Response(body, media_type=call.accepted.media_type)


def _table(
    call: Call, objects: Iterable[Obj], *, headers: bool = True, metadata: Mapping[str, Any] | None = None
) -> Obj:
    view = call.resource.view(call.target.version)
    include = call.query.get("includeObject", "Metadata")
    version, now = call.accepted.version, call.deps.now()
    return table(view.columns, objects, now, version, include=include, metadata=metadata, headers=headers)


def versioned(json: bytes, api_version: str) -> bytes:
    """Stored JSON in another served version, which by conversion strategy None is the same but for its apiVersion.

    It is stored with apiVersion first (`store.objects.body_of`), so nothing needs decoding.
    """
    wanted = api_version.encode()
    start = len(_API_VERSION)
    if json.startswith(wanted, start) and json[start + len(wanted) : start + len(wanted) + 1] == b'"':
        return json
    if not json.startswith(_API_VERSION):
        return json
    return b"".join((_API_VERSION, wanted, json[json.index(b'"', start) :]))
