"""The marks of a claim: labels and annotations by which a template and its binding say whose they are. Pure."""

from flotilla_common.objects import Obj, annotations_of, labels_of, meta_of

from ..labels import CLUSTER_POLICY_MARKS, POLICY_MARKS, SEEN, Marks
from ..model.policy import Policy
from .lazy import seen_by

__all__ = ["claim_marks", "claimed", "released", "template_after"]


def claimed(obj: Obj, policy: Policy) -> Obj | None:
    """The binding with the policy's marks and no other policy's; None when it has exactly those already."""
    marks, others = _marks_of(policy)
    annotations = marks.annotations(policy.namespace, policy.name)
    return _marked(obj, {marks.permanent_id: policy.permanent_id}, annotations, others)


def template_after(template: Obj, policy: Policy) -> Obj | None:
    """The template with the policy's marks, and with what a lazy one has seen of it; None when nothing changes."""
    marks, others = _marks_of(policy)
    annotations = {**marks.annotations(policy.namespace, policy.name), **seen_by(policy, template)}
    return _marked(template, {marks.permanent_id: policy.permanent_id}, annotations, others)


def released(obj: Obj) -> Obj | None:
    """The template or binding without any policy's marks; None when it has none. What was propagated stays."""
    return _marked(obj, {}, {}, POLICY_MARKS, CLUSTER_POLICY_MARKS)


def claim_marks(obj: Obj) -> tuple[dict[str, str], dict[str, str]]:
    """The labels and annotations by which it says which policy claimed it."""
    labels, annotations = labels_of(obj), annotations_of(obj)
    marks = (POLICY_MARKS, CLUSTER_POLICY_MARKS)
    return (
        {m.permanent_id: labels[m.permanent_id] for m in marks if m.permanent_id in labels},
        {key: annotations[key] for m in marks for key in m.annotation_keys if key in annotations},
    )


def _marks_of(policy: Policy) -> tuple[Marks, Marks]:
    return (POLICY_MARKS, CLUSTER_POLICY_MARKS) if policy.namespace else (CLUSTER_POLICY_MARKS, POLICY_MARKS)


def _marked(obj: Obj, labels: dict[str, str], annotations: dict[str, str], *without: Marks) -> Obj | None:
    metadata = meta_of(obj)
    gone = {marks.permanent_id for marks in without} | {key for marks in without for key in marks.annotation_keys}
    gone.add(SEEN)
    changed = {}
    for field, added in (("labels", labels), ("annotations", annotations)):
        present = metadata.get(field) or {}
        wanted = {**{key: value for key, value in present.items() if key not in gone}, **added}
        if wanted != present:
            changed[field] = wanted
    if not changed:
        return None
    return {**obj, "metadata": {**metadata, **changed}}
