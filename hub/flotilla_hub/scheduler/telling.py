"""What Events tell of a decision, in upstream's words: of the binding, and of the template it was made from. Pure."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from flotilla_common.conditions import find
from flotilla_common.objects import Obj

__all__ = ["Told", "told"]


class Told(NamedTuple):
    """One Event: `about` has apiVersion, kind and metadata."""

    about: Obj
    severity: Literal["Normal", "Warning"]
    reason: str
    message: str


def told(before: Obj, after: Obj) -> Iterator[Told]:
    """Nothing where neither the result nor what is said of it changed."""
    yield from _scheduling(before, after)
    was, now = _condition(before, "Serving"), _condition(after, "Serving")
    if now is not None and (was is None or was.get("reason") != now["reason"] or _result(before) != _result(after)):
        severity: Literal["Normal", "Warning"] = "Normal" if now["reason"] == "Preferred" else "Warning"
        for about in (after, _template(after)):
            yield Told(about, severity, now["reason"], now["message"])


def _scheduling(before: Obj, after: Obj) -> Iterator[Told]:
    was, now = _condition(before, "Scheduled"), _condition(after, "Scheduled")
    if now is None:
        return
    is_placed = now.get("status") == "True"
    is_news = was is None or (was.get("status"), was.get("message")) != (now.get("status"), now.get("message"))
    if not is_news and (not is_placed or _result(before) == _result(after)):
        return
    for about in (after, _template(after)):
        if is_placed:
            yield Told(about, "Normal", "ScheduleBindingSucceed", f"{now['message']} {_result(after)}")
        else:
            yield Told(about, "Warning", "ScheduleBindingFailed", str(now["message"]))


def _condition(binding: Obj, type_: str) -> Obj | None:
    return find((binding.get("status") or {}).get("conditions"), type_)


def _result(binding: Obj) -> str:
    clusters = (binding.get("spec") or {}).get("clusters") or ()
    counts = ", ".join(f"{cluster['name']}:{cluster.get('replicas') or 0}" for cluster in clusters)
    # Upstream's cluster-scoped variant goes without the colon, and scripts may look for either.
    colon = "" if binding.get("kind") == "ClusterResourceBinding" else ":"
    return f"Result{colon} {{{counts}}}"


def _template(binding: Obj) -> Obj:
    resource = (binding.get("spec") or {}).get("resource") or {}
    metadata = {field: resource[field] for field in ("namespace", "name", "uid") if resource.get(field)}
    return {"apiVersion": resource.get("apiVersion", ""), "kind": resource.get("kind", ""), "metadata": metadata}
