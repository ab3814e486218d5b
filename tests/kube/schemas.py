"""Harvest the schemas of the built-in kinds from a real kube-apiserver into resources/kubernetes.json.

Run `python -m tests.kube.schemas` after raising the Kubernetes version in tools/go.mod; test_schemas.py says when it
is due. Descriptions are left out: what stays is names, types and merge keys.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flotilla_hub.resources.builtin import BUILTIN
from tests.kube.cluster import KubeCluster

TARGET = Path(__file__).parents[2] / "hub/flotilla_hub/resources/kubernetes.json"
_KEPT = frozenset({"type", "format", "required", "enum", "oneOf", "default"})
_PREFIX = "x-kubernetes-"


async def harvest(cluster: KubeCluster) -> str:
    """The file's text: `kinds` maps "apps/v1 Deployment" to a name in `definitions`."""
    wanted = {(r.group, v, r.kind) for r in BUILTIN if r.upstream for v in r.versions}
    definitions: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    for group, version in sorted({(g, v) for g, v, _ in wanted}):
        path = f"/openapi/v3/apis/{group}/{version}" if group else f"/openapi/v3/api/{version}"
        schemas = json.loads(await cluster.kubectl("get", "--raw", path))["components"]["schemas"]
        definitions |= {name: trimmed(schema) for name, schema in schemas.items()}
        kinds |= dict(_kinds(schemas, wanted))
    held = _reachable(definitions, kinds.values())
    document = {"definitions": {n: definitions[n] for n in sorted(held)}, "kinds": dict(sorted(kinds.items()))}
    return json.dumps(document, separators=(",", ":"), sort_keys=True).replace('},"io.', '},\n"io.') + "\n"


def _kinds(schemas: Mapping[str, Any], wanted: set[tuple[str, str, str]]) -> Iterable[tuple[str, str]]:
    for name, schema in schemas.items():
        for gvk in schema.get("x-kubernetes-group-version-kind", ()):
            group, version, kind = gvk["group"], gvk["version"], gvk["kind"]
            if (group, version, kind) in wanted:
                yield f"{group}/{version} {kind}" if group else f"{version} {kind}", name


def trimmed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Without what people read, and without defaults that say nothing."""
    if len(schema.get("allOf", ())) == 1:
        schema = {**schema, **schema["allOf"][0]}
    if "$ref" in schema:
        return {"$ref": schema["$ref"].rsplit("/", 1)[1]}
    kept = {k: v for k, v in schema.items() if k in _KEPT or (k.startswith(_PREFIX) and not k.endswith("version-kind"))}
    if kept.get("default") in ("", 0, False, {}):
        del kept["default"]
    if "properties" in schema:
        kept["properties"] = {name: trimmed(of) for name, of in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            kept[key] = trimmed(schema[key])
    return kept


def _reachable(definitions: Mapping[str, Any], roots: Iterable[str]) -> set[str]:
    held: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in held:
            held.add(name)
            waiting.extend(_references(definitions[name]))
    return held


def _references(schema: Mapping[str, Any]) -> Iterable[str]:
    if isinstance(schema.get("$ref"), str):
        yield schema["$ref"]
    children = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    for child in children:
        if isinstance(child, dict):
            yield from _references(child)


async def main() -> None:
    async with KubeCluster("schemas") as cluster:
        TARGET.write_text(await harvest(cluster))


if __name__ == "__main__":
    asyncio.run(main())
