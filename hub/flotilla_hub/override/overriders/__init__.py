"""The overriders, in the order one rule applies them: each is a file with `apply(manifest, args)`, and a row here.

`manifest` is a private copy that `core` hands out, to be changed in place. An overrider that cannot do what it is told
raises Terminal with the reason; `core` adds the policy, the object and the cluster.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flotilla_common.objects import Obj

from . import annotations, args, command, field, image, labels, plaintext

__all__ = ["OVERRIDERS"]

OVERRIDERS: Mapping[str, Callable[[Obj, Any], None]] = {
    "image_overrider": image.apply,
    "command_overrider": command.apply,
    "args_overrider": args.apply,
    "labels_overrider": labels.apply,
    "annotations_overrider": annotations.apply,
    "field_overrider": field.apply,
    "plaintext": plaintext.apply,
}
"""By the field of `model.override.Overriders` that holds the arguments."""
