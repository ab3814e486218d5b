"""What `apply` sends: the annotation with what was applied last, and the merge patch that three readings make. Pure.

The annotation is kubectl's own, so that either tool can go on where the other left off.
"""

from typing import Any

from flotilla_common.objects import Obj, annotations_of, copy_of, decode, encode

from ..labels import LAST_APPLIED

__all__ = ["merge_patch", "with_last_applied"]


def with_last_applied(manifest: Obj) -> Obj:
    """The manifest with itself, without this annotation, in the annotation."""
    marked = copy_of(manifest)
    annotations = {k: v for k, v in annotations_of(marked).items() if k != LAST_APPLIED}
    marked.setdefault("metadata", {})["annotations"] = annotations
    text = encode(marked).decode() + "\n"
    marked["metadata"]["annotations"] = {**annotations, LAST_APPLIED: text}
    return marked


def merge_patch(current: Obj, manifest: Obj) -> Obj:
    """The RFC 7386 patch that brings `current` to `manifest`; empty when nothing has to change.

    What `manifest` names is set; what was applied last and is not named any more is removed; everything else stays.
    Lists are replaced whole: on a hub no controller adds to them.
    """
    try:
        last = decode(annotations_of(current).get(LAST_APPLIED, "{}").encode())
    except ValueError:
        last = {}
    wanted = {k: v for k, v in with_last_applied(manifest).items() if k != "status"}
    patch: Obj = _patch(last if isinstance(last, dict) else {}, wanted, current)
    only_mark = {"metadata": {"annotations": {LAST_APPLIED: annotations_of(wanted)[LAST_APPLIED]}}}
    # The same manifest written in another order of keys is no change.
    return {} if patch == only_mark and last == _without_mark(wanted) else patch


def _patch(last: Obj, wanted: Obj, current: Obj) -> Obj:
    patch: dict[str, Any] = {key: None for key in last if key not in wanted and key in current}
    for key, value in wanted.items():
        held = current.get(key)
        if isinstance(value, dict) and isinstance(held, dict):
            before = last.get(key)
            if inner := _patch(before if isinstance(before, dict) else {}, value, held):
                patch[key] = inner
        elif value is None:
            if key in current:
                patch[key] = None
        elif value != held or key not in current:
            patch[key] = value
    return patch


def _without_mark(manifest: Obj) -> Obj:
    bare = copy_of(manifest)
    del bare["metadata"]["annotations"][LAST_APPLIED]
    return bare
