"""The `commandOverrider`: adds to, or removes from, the command of one container."""

from collections.abc import Sequence

from flotilla_common.objects import Obj

from ...model.override import CommandArgsOverrider
from .containers import edit_lists

__all__ = ["apply"]


def apply(manifest: Obj, args: Sequence[CommandArgsOverrider]) -> None:
    for rule in args:
        edit_lists(manifest, "command", rule.container_name, rule.operator, rule.value)
