"""Harvest Kubernetes' protobuf messages from its Go sources into resources/messages.json.

Current clients send built-in kinds as protobuf. A `.proto` file gives numbers and types; the Go struct beside it the
name in JSON, whether the field is inlined there, and what becomes of it when it is empty.
Run `python -m tests.kube.messages` with `tests.kube.schemas`; `test_protobuf.py` says when it is due.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.kube.tools import kubernetes_version

TARGET = Path(__file__).parents[2] / "hub/flotilla_hub/resources/messages.json"
_MODULES = ("k8s.io/api", "k8s.io/apimachinery", "k8s.io/apiextensions-apiserver")
_TOOLS = Path(__file__).parent / "tools"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_EXTRA = {
    "DeleteOptions": f"{_META}DeleteOptions",
    "autoscaling/v1 Scale": "io.k8s.api.autoscaling.v1.Scale",
    "authorization.k8s.io/v1 SelfSubjectAccessReview": "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
    "authorization.k8s.io/v1 SelfSubjectRulesReview": "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
    "authentication.k8s.io/v1 SelfSubjectReview": "io.k8s.api.authentication.v1.SelfSubjectReview",
}
_SCALARS = frozenset({"string", "bool", "bytes", "double", "int"})
_FIELD = re.compile(r"(?:(optional|repeated|required)\s+)?(map<\w+,\s*[\w.]+>|[\w.]+)\s+\w+\s*=\s*(\d+);")
_GO_FIELD = re.compile(r'^\s*(?:\w+\s+)?(\S+)\s+`json:"([^",]*)([^"]*)"[^`]*protobuf:"\w+,(\d+)')

Messages = dict[str, dict[str, list[Any]]]
"""By name, by field number: [JSON name or "" when inlined, type, "one" | "list" | "map", what empty is in JSON].

Empty is "dropped" (left out), "kept" (as it is, when it was sent at all), or "null" (also when it was not sent).
"""
Struct = Mapping[str, tuple[str, str, str]]
"""By field number: JSON name, the options behind it, Go type."""


def harvest(kinds: Mapping[str, str]) -> str:
    """The file's text. `kinds` is that of kubernetes.json: "apps/v1 Deployment" to a name."""
    messages: Messages = {}
    for directory in _directories():
        for proto in sorted(directory.rglob("generated.proto")):
            messages |= _messages(proto)
    roots = {**kinds, **_EXTRA}
    held = _reachable(messages, roots.values())
    document = {
        "kinds": roots,
        "messages": {name: messages[name] for name in held},
        "version": kubernetes_version(),
    }
    return json.dumps(document, separators=(",", ":"), sort_keys=True).replace('},"io.', '},\n"io.') + "\n"


def _directories() -> Iterable[Path]:
    # A module that was never downloaded has no directory to list.
    _go("mod", "download", *_MODULES)
    return map(Path, _go("list", "-m", "-f", "{{.Dir}}", *_MODULES).split())


def _go(*arguments: str) -> str:
    return subprocess.run(["go", *arguments], cwd=_TOOLS, stdout=subprocess.PIPE, text=True, check=True).stdout


def _messages(proto: Path) -> Messages:
    text = re.sub(r"//.*", "", proto.read_text())
    package = re.search(r"^package ([\w.]+);", text, re.MULTILINE)
    if package is None:
        return {}
    structs = dict(_structs(proto.parent))
    found = re.finditer(r"^message (\w+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    return {f"{_open_api(package[1])}.{m[1]}": _fields(m[2], structs.get(m[1], {}), package[1]) for m in found}


def _open_api(package: str) -> str:
    """`k8s.io.api.core.v1` is `io.k8s.api.core.v1` in OpenAPI."""
    return package.replace("k8s.io.", "io.k8s.", 1).replace("_", "-")


def _fields(body: str, struct: Struct, package: str) -> dict[str, list[Any]]:
    fields: dict[str, list[Any]] = {}
    for label, type_, number in _FIELD.findall(body):
        shape = "list" if label == "repeated" else "one"
        if type_.startswith("map<"):
            shape, type_ = "map", type_.removeprefix("map<").removesuffix(">").split(",")[1].strip()
        type_ = _type(type_, package)
        name, options, go_type = struct.get(number, ("", "omitempty", ""))
        fields[number] = [name, type_, shape, _empty(shape, options, go_type)]
    return fields


def _empty(shape: str, options: str, go_type: str) -> str:
    """What is no pointer in Go is sent even when nobody set it, so the options have to say whether it means anything.

    encoding/json itself keeps empty structs in spite of `omitempty`; without them the object is the same.
    """
    is_pointer = go_type.startswith("*")
    if "omit" in options:
        return "kept" if is_pointer else "dropped"
    return "null" if is_pointer or shape != "one" else "kept"


def _type(type_: str, package: str) -> str:
    if type_ in _SCALARS:
        return type_
    if re.fullmatch(r"u?int(32|64)", type_):
        return "int"
    return _open_api(type_.lstrip(".")) if "." in type_ else f"{_open_api(package)}.{type_}"


def _structs(directory: Path) -> Iterator[tuple[str, Struct]]:
    for file in sorted(directory.glob("*.go")):
        if file.name.startswith(("generated", "zz_")) or file.name.endswith("_test.go"):
            continue
        for struct in re.finditer(r"^type (\w+) struct \{\n(.*?)^\}", file.read_text(), re.MULTILINE | re.DOTALL):
            lines = (_GO_FIELD.match(line) for line in struct[2].splitlines())
            yield struct[1], {m[4]: (m[2], m[3], m[1]) for m in lines if m and "inline" not in m[3]}


def _reachable(messages: Messages, roots: Iterable[str]) -> set[str]:
    held: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in messages and name not in held:
            held.add(name)
            waiting.extend(type_ for _, type_, *_ in messages[name].values())
    return held


def main() -> None:
    kinds = json.loads((TARGET.parent / "kubernetes.json").read_text())["kinds"]
    TARGET.write_text(harvest(kinds))


if __name__ == "__main__":
    main()
