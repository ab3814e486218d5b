"""What a member's quotas are looked up by: the namespace of a workload and the priority class of its pods. Pure."""

from typing import Any

from flotilla_common.objects import Obj, namespace_of

__all__ = ["with_quota_facts"]


def with_quota_facts(template: Obj, requirements: dict[str, Any] | None) -> dict[str, Any] | None:
    """The requirements of one replica with both; of pods that ask for nothing there are none, as upstream."""
    if requirements is None:
        return None
    spec = template.get("spec") or {}
    pod = spec if template.get("kind") == "Pod" else (spec.get("template") or {}).get("spec") or {}
    facts = {"namespace": namespace_of(template), "priorityClassName": pod.get("priorityClassName")}
    return {**requirements, **{name: value for name, value in facts.items() if value}}
