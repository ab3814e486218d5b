"""What never travels to a member: what the hub's API filled in, and per kind what each cluster fills in itself.

The template is shared, not copied: only the maps that lose something are new. Whoever changes the result copies first.
"""

from collections.abc import Callable, Collection
from typing import Any

from flotilla_common.objects import Obj

from ..labels import LAST_APPLIED, SEEN

__all__ = ["pruned"]

SERVER_METADATA = frozenset(
    (
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "finalizers",
        "generation",
        "managedFields",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    )
)


def pruned(template: Obj) -> Obj:
    """The template without what never travels."""
    manifest = {key: value for key, value in template.items() if key != "status"}
    metadata = _less(manifest.get("metadata"), SERVER_METADATA)
    # What the user applied to the hub is wrong in a member after any override, and it would double the size.
    manifest["metadata"] = _less_in(metadata, "annotations", (LAST_APPLIED, SEEN))
    prune = KINDS.get((str(template.get("apiVersion", "")).rpartition("/")[0], template.get("kind", "")))
    return prune(manifest) if prune else manifest


def _deployment(manifest: Obj) -> Obj:
    revisions = ("deployment.kubernetes.io/revision", "deployment.kubernetes.io/revision-history")
    return _less_annotations(manifest, revisions)


def _job(manifest: Obj) -> Obj:
    # A member that deleted the finished Job by itself would see it come back at once.
    spec = _less(manifest.get("spec"), ("ttlSecondsAfterFinished",))
    if not spec:
        return manifest
    if not spec.get("manualSelector"):
        owner = ("controller-uid", "batch.kubernetes.io/controller-uid")
        spec = _changed(spec, ("selector", "matchLabels"), lambda labels: _less(labels, owner))
        generated = (*owner, "job-name", "batch.kubernetes.io/job-name")
        spec = _changed(spec, ("template", "metadata", "labels"), lambda labels: _less(labels, generated))
    return {**manifest, "spec": spec}


def _service_account(manifest: Obj) -> Obj:
    prefix = f"{manifest['metadata'].get('name', '')}-token-"
    return _changed(
        manifest, ("secrets",), lambda secrets: [s for s in secrets if not str(_map(s).get("name")).startswith(prefix)]
    )


def _service(manifest: Obj) -> Obj:
    if _map(manifest.get("spec")).get("clusterIP", "None") == "None":
        return manifest  # headless on purpose, or not assigned
    return _changed(manifest, ("spec",), lambda spec: _less(spec, ("clusterIP", "clusterIPs")))


def _secret(manifest: Obj) -> Obj:
    if manifest.get("type") != "kubernetes.io/service-account-token":
        return manifest
    without_data = {key: value for key, value in manifest.items() if key != "data"}
    return _less_annotations(without_data, ("kubernetes.io/service-account.uid",))


def _volume_claim(manifest: Obj) -> Obj:
    return _less_annotations(manifest, ("volume.kubernetes.io/selected-node",))


KINDS: dict[tuple[str, str], Callable[[Obj], Obj]] = {
    ("apps", "Deployment"): _deployment,
    ("batch", "Job"): _job,
    ("", "PersistentVolumeClaim"): _volume_claim,
    ("", "Secret"): _secret,
    ("", "Service"): _service,
    ("", "ServiceAccount"): _service_account,
}
"""By group and kind; a kind that is not here loses only what every kind loses."""


def _less(of: Any, keys: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in _map(of).items() if key not in keys}


def _map(value: Any) -> dict[str, Any]:
    # Users may have written anything; a shape that is none of ours travels as it is, and the member refuses it by name.
    return value if isinstance(value, dict) else {}


def _less_in(parent: dict[str, Any], key: str, keys: Collection[str]) -> dict[str, Any]:
    """`parent` with those keys gone from the map under `key`, and that map gone when nothing is left in it."""
    child = _map(parent.get(key))
    if not any(k in child for k in keys):
        return parent
    left = _less(child, keys)
    return {**parent, key: left} if left else _less(parent, (key,))


def _less_annotations(manifest: Obj, keys: Collection[str]) -> Obj:
    return {**manifest, "metadata": _less_in(manifest["metadata"], "annotations", keys)}


def _changed(parent: dict[str, Any], path: tuple[str, ...], change: Callable[[Any], Any]) -> dict[str, Any]:
    """`parent` with what lies at `path` replaced; unchanged when there is nothing there."""
    child = parent.get(path[0])
    if not child or not isinstance(child, dict | list):
        return parent
    if not path[1:]:
        return {**parent, path[0]: change(child)}
    return {**parent, path[0]: _changed(child, path[1:], change)} if isinstance(child, dict) else parent
