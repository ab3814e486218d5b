"""Admission of FederatedResourceQuota: proper amounts of resources that can be limited, and assignments that fit in."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from flotilla_common.errors import FieldError, Invalid
from flotilla_common.objects import Obj
from flotilla_common.quantity import amount_of

from ..model.quota import Amounts, QuotaSpec
from .draft import draft_of, section
from .fields import invalid, read, unknown_sections
from .syntax import not_a_dns_label, not_a_label_key

__all__ = ["default", "validate"]

_NAME_LENGTH, _CLUSTER_NAME_LENGTH = 63, 48
_COUNTED = frozenset(
    (
        "configmaps",
        "persistentvolumeclaims",
        "pods",
        "replicationcontrollers",
        "resourcequotas",
        "secrets",
        "services",
        "services.loadbalancers",
        "services.nodeports",
    )
)
_MEASURED = ("cpu", "memory", "ephemeral-storage")
_STANDARD = _COUNTED | {
    "requests.storage",
    *(f"{prefix}{name}" for prefix in ("", "requests.", "limits.") for name in _MEASURED),
}


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """The object without nulls; nothing in it depends on the time, an id or what was stored."""
    return draft_of(obj)


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    spec, errors = read(QuotaSpec, obj)
    found = (*unknown_sections(obj), *errors, *_name_errors(section(obj, "metadata").get("name")))
    return found if spec is None else (*found, *_spec_errors(spec))


def _name_errors(name: Any) -> Iterator[FieldError]:
    # It becomes the value of a label on the Works.
    if isinstance(name, str) and len(name) > _NAME_LENGTH:
        yield invalid("metadata.name", name, f"must be no more than {_NAME_LENGTH} characters")


def _spec_errors(spec: QuotaSpec) -> Iterator[FieldError]:
    yield from _amount_errors(spec.overall, "spec.overall")
    for i, assignment in enumerate(spec.static_assignments or ()):
        at = f"spec.staticAssignments[{i}]"
        if why := not_a_dns_label(assignment.cluster_name, _CLUSTER_NAME_LENGTH):
            yield invalid(f"{at}.clusterName", assignment.cluster_name, why)
        yield from _amount_errors(assignment.hard or {}, f"{at}.hard")
        for name in (name for name in assignment.hard or () if name not in spec.overall):
            yield invalid(f"{at}.hard[{name}]", name, "must also be in spec.overall")
    for name, quantity in spec.overall.items():
        overall, assigned = _amount(quantity), _assigned(spec, name)
        if overall is not None and assigned is not None and overall < assigned:
            yield invalid(f"spec.overall[{name}]", quantity, "is less than what is assigned to clusters")


def _amount_errors(amounts: Mapping[str, str | int | float], path: str) -> Iterator[FieldError]:
    for name, quantity in amounts.items():
        at = f"{path}[{name}]"
        if why := _not_a_resource(name):
            yield invalid(at, name, why)
        amount = _amount(quantity)
        if amount is None:
            yield invalid(
                at, quantity, "is not a quantity; write a number with an optional unit, as in 250m, 2 or 512Mi"
            )
        elif amount < 0:
            yield invalid(at, quantity, "must be greater than or equal to 0")
        elif name in _COUNTED and amount.denominator != 1:
            yield invalid(at, quantity, "must be an integer")


def _not_a_resource(name: str) -> str | None:
    if why := not_a_label_key(name):
        return why
    return None if "/" in name or name in _STANDARD else "must be a standard resource for quota"


def _assigned(spec: QuotaSpec, name: str) -> Fraction | None:
    """All clusters' share of a resource; None when one of them is no quantity, which is told elsewhere."""
    hards: list[Amounts] = [assignment.hard or {} for assignment in spec.static_assignments or ()]
    amounts = [_amount(hard[name]) for hard in hards if name in hard]
    return None if None in amounts else sum((a for a in amounts if a is not None), Fraction(0))


def _amount(quantity: str | int | float) -> Fraction | None:
    try:
        return amount_of(quantity)
    except Invalid:
        return None
