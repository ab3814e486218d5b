"""The `fieldOverrider`: patches the JSON or YAML document that one string of the manifest holds.

Made for ConfigMaps. A Secret's `data` is base64, so nothing in it can be reached; `stringData` can.
"""

from collections.abc import Sequence
from typing import Any

import jsonpointer
import orjson
import yaml

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj

from ...model.override import FieldOverrider, FieldPatch
from .patch import patched

__all__ = ["apply"]


MOST_NODES = 1_000_000
"""A few nested aliases can stand for billions of values; a ConfigMap of a megabyte holds far fewer than this."""


class _Loader(yaml.SafeLoader):
    """YAML as JSON knows it: what looks like a date stays the text it is."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def apply(manifest: Obj, args: Sequence[FieldOverrider]) -> None:
    """Raises Terminal when there is no string at the path, no such document in it, or a patch does not fit."""
    for rule in args:
        text = _text_at(manifest, rule.field_path)
        if rule.json_patches:
            changed = _patched_json(text, rule.json_patches, rule.field_path)
        else:
            changed = _patched_yaml(text, rule.yaml_patches or (), rule.field_path)
        jsonpointer.set_pointer(manifest, rule.field_path, changed)


def _text_at(manifest: Obj, path: str) -> str:
    try:
        text = jsonpointer.resolve_pointer(manifest, path)
    except jsonpointer.JsonPointerException as err:
        raise Terminal(f"fieldPath {path!r} does not exist; correct it, or select only objects that have it") from err
    if not isinstance(text, str):
        raise Terminal(
            f"fieldPath {path!r} holds {type(text).__name__}, not a string with a document in it; use plaintext for it"
        )
    return text


def _patched_json(text: str, patches: Sequence[FieldPatch], path: str) -> str:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as err:
        raise Terminal(f"the string at {path!r} is not JSON: {err}") from err
    return orjson.dumps(_patched(document, patches, path), option=orjson.OPT_SORT_KEYS).decode()


def _patched_yaml(text: str, patches: Sequence[FieldPatch], path: str) -> str:
    try:
        document = yaml.load(text, Loader=_Loader)
        if _size(document, {}) > MOST_NODES:
            raise Terminal(f"the aliases in the string at {path!r} expand to more than {MOST_NODES} values")
        # Through JSON: keys become strings, and aliases separate values.
        document = orjson.loads(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS))
    except (yaml.YAMLError, orjson.JSONEncodeError) as err:
        raise Terminal(f"the string at {path!r} is not YAML that JSON can express: {err}") from err
    dumped: str = yaml.safe_dump(_patched(document, patches, path), default_flow_style=False, allow_unicode=True)
    return dumped


def _size(value: Any, known: dict[int, int]) -> int:
    """How many values JSON would need, each alias counted in full, without expanding them."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = 0  # one that contains itself is left to the JSON encoder to refuse
        known[id(value)] = 1 + sum(_size(v, known) for v in (value.values() if isinstance(value, dict) else value))
    return known[id(value)]


def _patched(document: Any, patches: Sequence[FieldPatch], path: str) -> Any:
    try:
        return patched(document, [(p.operator, p.sub_path, p.value) for p in patches])
    except Terminal as err:
        raise Terminal(f"in the document at {path!r}: {err}") from err
