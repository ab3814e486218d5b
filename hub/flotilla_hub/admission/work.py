"""Admission of Work, as users write one by hand: its manifests lose what never travels, and say what we manage."""

from collections.abc import Iterator
from typing import Any

from flotilla_common.errors import FieldError
from flotilla_common.labels import WORK_PERMANENT_ID
from flotilla_common.objects import Obj

from ..model.base import Model
from ..work.manifest import with_keys_recorded
from ..work.prune import pruned
from .draft import draft_of, give_label, section
from .fields import invalid, read, required, unknown_sections

__all__ = ["default", "validate"]


class Workload(Model):
    manifests: tuple[dict[str, Any], ...] = ()


class WorkSpec(Model):
    workload: Workload = Workload()
    suspend_dispatching: bool | None = None
    preserve_resources_on_deletion: bool | None = None


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`."""
    draft = draft_of(obj)
    give_label(draft, WORK_PERMANENT_ID, new_id, old)
    workload = section(section(draft, "spec"), "workload")
    if isinstance(manifests := workload.get("manifests"), list):
        workload["manifests"] = [_for_member(m) for m in manifests]
    return draft


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    spec, errors = read(WorkSpec, obj)
    found = (*unknown_sections(obj), *errors)
    return found if spec is None else (*found, *_manifest_errors(spec.workload.manifests, "spec.workload.manifests"))


def _for_member(manifest: Any) -> Any:
    if not isinstance(manifest, dict) or any(_manifest_errors((manifest,), "")):
        return manifest  # validation says what is wrong with it
    return with_keys_recorded(pruned(manifest))


def _manifest_errors(manifests: tuple[Obj, ...], path: str) -> Iterator[FieldError]:
    for i, manifest in enumerate(manifests):
        at = f"{path}[{i}]"
        for word in (w for w in ("apiVersion", "kind") if not manifest.get(w)):
            yield required(f"{at}.{word}")
        metadata = manifest.get("metadata")
        if not isinstance(metadata, dict) or not metadata.get("name"):
            yield required(f"{at}.metadata.name")
        for word in ("labels", "annotations"):
            if isinstance(metadata, dict) and not isinstance(metadata.get(word) or {}, dict):
                yield invalid(f"{at}.metadata.{word}", metadata[word], "must be a map of strings")
