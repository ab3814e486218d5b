"""Admission of CronFederatedHPA: rules that scale something at set times."""

import re
import zoneinfo
from collections.abc import Iterator

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from ..model.base import Model
from .draft import draft_of, fill, maps_in, section
from .fields import duplicate, invalid, read, required, unknown_sections, unsupported

__all__ = ["CronFederatedHPASpec", "default", "validate"]

AUTOSCALING = "autoscaling.karmada.io"
DEFAULTS = {"suspend": False, "successfulHistoryLimit": 3, "failedHistoryLimit": 3}
NAME_LENGTH = 32
HISTORY_MOST = 32
_FIELD = re.compile(r"[-0-9A-Za-z*/,?L#]+")
_SHORTHANDS = ("@annually", "@daily", "@hourly", "@midnight", "@monthly", "@weekly", "@yearly")


class ScaleTarget(Model):
    api_version: str = ""
    kind: str
    name: str


class CronRule(Model):
    name: str
    schedule: str
    target_replicas: int | None = None
    target_min_replicas: int | None = None
    target_max_replicas: int | None = None
    suspend: bool = False
    time_zone: str | None = None
    successful_history_limit: int = 3
    failed_history_limit: int = 3


class CronFederatedHPASpec(Model):
    scale_target_ref: ScaleTarget
    rules: tuple[CronRule, ...]


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`."""
    draft = draft_of(obj)
    for rule in maps_in(section(draft, "spec"), "rules"):
        fill(rule, DEFAULTS)
    return draft


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    spec, errors = read(CronFederatedHPASpec, obj)
    found = (*unknown_sections(obj), *errors)
    return found if spec is None else (*found, *_spec_errors(spec))


def _spec_errors(spec: CronFederatedHPASpec) -> Iterator[FieldError]:
    target = spec.scale_target_ref
    is_ours = target.api_version.partition("/")[0] == AUTOSCALING
    if is_ours and target.kind != "FederatedHPA":
        yield unsupported("spec.scaleTargetRef.kind", target.kind, ("FederatedHPA",))
    if not spec.rules:
        yield required("spec.rules", "at least one is needed")
    for i, rule in enumerate(spec.rules):
        at = f"spec.rules[{i}]"
        if rule.name in [earlier.name for earlier in spec.rules[:i]]:
            yield duplicate(f"{at}.name", rule.name)
        yield from _rule_errors(rule, at)
        yield from _bound_errors(rule, at) if is_ours else _replica_errors(rule, at)


def _rule_errors(rule: CronRule, at: str) -> Iterator[FieldError]:
    if not 0 < len(rule.name) <= NAME_LENGTH:
        yield invalid(f"{at}.name", rule.name, f"must have between 1 and {NAME_LENGTH} characters")
    if why := _not_a_schedule(rule.schedule):
        yield invalid(f"{at}.schedule", rule.schedule, why)
    if rule.time_zone and rule.time_zone not in zoneinfo.available_timezones():
        yield invalid(f"{at}.timeZone", rule.time_zone, "must be a time zone's name such as Europe/Berlin")
    if not 1 <= rule.successful_history_limit <= HISTORY_MOST:
        why = f"must be between 1 and {HISTORY_MOST}"
        yield invalid(f"{at}.successfulHistoryLimit", rule.successful_history_limit, why)
    if not 0 <= rule.failed_history_limit <= HISTORY_MOST:
        yield invalid(f"{at}.failedHistoryLimit", rule.failed_history_limit, f"must be between 0 and {HISTORY_MOST}")


def _replica_errors(rule: CronRule, at: str) -> Iterator[FieldError]:
    if rule.target_replicas is None:
        yield required(f"{at}.targetReplicas", "what is no FederatedHPA is scaled to a number of replicas")
    elif rule.target_replicas < 0:
        yield invalid(f"{at}.targetReplicas", rule.target_replicas, "must not be negative")


def _bound_errors(rule: CronRule, at: str) -> Iterator[FieldError]:
    low, high = rule.target_min_replicas, rule.target_max_replicas
    if low is None and high is None:
        yield required(f"{at}.targetMinReplicas", "a FederatedHPA gets a new minimum, a new maximum, or both")
    for word, value in (("targetMinReplicas", low), ("targetMaxReplicas", high)):
        if value is not None and value < 1:
            yield invalid(f"{at}.{word}", value, "must be greater than 0")
    if low is not None and high is not None and high < low:
        yield invalid(f"{at}.targetMaxReplicas", high, "must be greater than or equal to `targetMinReplicas`")


def _not_a_schedule(text: str) -> str | None:
    """By its form only: five fields, or a shorthand."""
    if text in _SHORTHANDS or re.fullmatch(r"@every ([0-9]+(\.[0-9]+)?(h|m|s|ms))+", text):
        return None
    fields = text.split()
    if len(fields) != 5 or not all(_FIELD.fullmatch(field) for field in fields):
        return "must have the five fields of a cron schedule, such as '30 8 * * 1-5', or be one like @hourly"
    return None
