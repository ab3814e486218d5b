"""The hub's objects as they would be after applying and deleting some: admitted as the API admits, stored nowhere."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flotilla_common.errors import FieldError, FlotillaError, Invalid
from flotilla_common.objects import GVK, Obj, annotations_of, gvk_of, meta_of, name_of

from ..admission.admit import admit
from ..admission.generic import validate_metadata
from ..admission.lifecycle import created, updated
from ..admission.patching import merge_patched
from ..admission.protection import PROTECTED, is_protected
from ..client.applying import merge_patch, with_last_applied
from ..labels import LAST_APPLIED
from ..resources.crd import resource_of
from ..resources.resource import Resource
from .diff import difference
from .settle import UNBORN
from .state import CLUSTER, NAMESPACE, Identity, State, binding_identity
from .values import Answer, Change, Named

__all__ = ["CRD", "Edit", "Overlay", "Stored", "Submission", "overlaid"]

CRD = ("apiextensions.k8s.io", "CustomResourceDefinition")
WORK = ("work.karmada.io", "Work")


@dataclass(frozen=True)
class Submission:
    """What is asked about: manifests to apply, and objects to delete (of which only kind and name are read).

    `namespace` is where those go that name none.
    """

    apply: Sequence[Obj] = ()
    delete: Sequence[Obj] = ()
    namespace: str = "default"


class Stored(Answer):
    """What would become of one object on the hub; `verb` is create, update, delete or unchanged."""

    verb: str
    object: Named
    changes: tuple[Change, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Edit:
    """One object before and after; None where it is not there."""

    before: Obj | None
    after: Obj | None

    @property
    def either(self) -> Obj:
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def sides(self) -> tuple[Obj, ...]:
        return tuple(side for side in (self.before, self.after) if side is not None)


@dataclass(frozen=True)
class Overlay:
    """The state after, the edits that lead there (what a deletion takes along included), and what is told of them."""

    state: State
    edits: tuple[Edit, ...]
    stored: tuple[Stored, ...]
    warnings: tuple[str, ...] = ()


def overlaid(state: State, submission: Submission, now: str) -> Overlay:
    """Raises Invalid, naming every object that would be refused and why; nothing is half planned."""
    draft = _Draft(state, submission.namespace or "default", now)
    for manifest in submission.apply:
        draft.attempt(draft.apply, manifest)
    for manifest in submission.delete:
        draft.attempt(draft.delete, manifest)
    if draft.errors:
        raise Invalid("what was submitted", draft.errors)
    return Overlay(draft.state(), tuple(draft.edits.values()), tuple(draft.stored), tuple(draft.warnings))


@dataclass
class _Draft:
    """The objects while manifest after manifest is laid over them; later ones see what earlier ones did."""

    origin: State
    namespace: str
    now: str
    edits: dict[Identity, Edit] = field(default_factory=dict)
    stored: list[Stored] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)
    kinds: dict[GVK, Resource] = field(default_factory=dict)

    def state(self) -> State:
        objects = dict(self.origin.objects)
        for identity, edit in self.edits.items():
            if edit.after is None:
                objects.pop(identity, None)
            else:
                objects[identity] = edit.after
        return State(objects, self.find, self.origin.kept, self.origin.rules, touched=frozenset(self.edits))

    def find(self, gvk: GVK) -> Resource | None:
        return self.kinds.get(gvk) or self.origin.kinds(gvk)

    def attempt(self, step: Callable[[Obj, Resource], None], manifest: Obj) -> None:
        """What is refused is noted, and the others are looked at all the same."""
        try:
            resource = self._resource(manifest)
            step(self._placed(manifest, resource), resource)
        except Invalid as err:
            whose = str(Identity.of(manifest))
            self.errors += [FieldError(f"{whose} {e.path}".strip(), e.why, e.kind) for e in err.errors] or [
                FieldError(whose, str(err))
            ]
        except FlotillaError as err:
            self.errors.append(FieldError(str(Identity.of(manifest)), str(err)))

    def apply(self, manifest: Obj, resource: Resource) -> None:
        identity = Identity.of(manifest)
        if errors := validate_metadata(_named(manifest), resource.group):
            raise Invalid(str(identity), errors)
        if identity.kind_of == WORK:
            self.warnings.append(f"{identity}: a plan follows templates and policies, not Works written by hand")
            return
        old, version = self._get(identity), gvk_of(manifest).version
        if old is None:
            self._require_namespace(identity)
            self._put(identity, None, self._admitted(resource, version, _named(with_last_applied(manifest))))
            return
        old = {**old, "apiVersion": manifest["apiVersion"]}
        patch = merge_patch(old, manifest)
        new = updated(old, merge_patched(old, patch), keep_status=True) if patch else old
        self._put(identity, old, self._admitted(resource, version, new, old) if patch else old)

    def delete(self, manifest: Obj, resource: Resource) -> None:
        identity = Identity.of(manifest)
        old = self._get(identity)
        if old is None:
            raise FlotillaError("is not there, so it cannot be deleted")
        along = self._along_with(identity, old, resource)
        if protected := [str(i) for i, obj in {identity: old, **along}.items() if is_protected(obj)]:
            raise FlotillaError(f"cannot be deleted while label {PROTECTED} protects {', '.join(protected)}")
        self._drop(identity, old)
        for other, obj in along.items():
            self._edit(other, obj, None)

    def _put(self, identity: Identity, old: Obj | None, new: Obj) -> None:
        changes = difference(_told(old), _told(new)) if old else ()
        verb = "create" if old is None else "update" if changes else "unchanged"
        self.stored.append(Stored(verb=verb, object=Named.of(new), changes=changes, note=self._note(identity, verb)))
        if verb != "unchanged":
            self._edit(Identity.of(new), old, new)
        if identity.kind_of == CRD and any(v.get("served") for v in new["spec"]["versions"]):
            served = resource_of(new)
            self.kinds |= {served.gvk(version): served for version in served.versions}

    def _drop(self, identity: Identity, old: Obj) -> None:
        self.stored.append(Stored(verb="delete", object=Named.of(old), note=self._note(identity, "delete")))
        self._edit(identity, old, None)

    def _edit(self, identity: Identity, old: Obj | None, new: Obj | None) -> None:
        first = self.edits[identity].before if identity in self.edits else old
        self.edits[identity] = Edit(first, new)

    def _get(self, identity: Identity) -> Obj | None:
        if identity in self.edits:
            return self.edits[identity].after
        return self.origin.objects.get(identity)

    def _admitted(self, resource: Resource, version: str, obj: Obj, old: Obj | None = None) -> Obj:
        bare = {k: v for k, v in obj.items() if k != "status"} if resource.status and old is None else obj
        admitted = admit(resource, version, bare, old, self.now, UNBORN)
        self.warnings += [f"{Identity.of(obj)}: {warning}" for warning in admitted.warnings]
        return created(admitted.obj, self.now, UNBORN) if old is None else updated(old, admitted.obj)

    def _resource(self, manifest: Obj) -> Resource:
        gvk = gvk_of(manifest)
        resource = self.find(gvk)
        if resource is None or resource.verbs == ("create",):
            raise FlotillaError(f"this hub serves no {gvk}; apply its CustomResourceDefinition first, or correct it")
        return resource

    def _placed(self, manifest: Obj, resource: Resource) -> Obj:
        """In the namespace it goes to, or in none."""
        metadata: dict[str, Any] = {k: v for k, v in meta_of(manifest).items() if k != "managedFields"}
        if resource.namespaced:
            metadata["namespace"] = metadata.get("namespace") or self.namespace
        else:
            metadata.pop("namespace", None)
        return {**manifest, "metadata": metadata}

    def _require_namespace(self, identity: Identity) -> None:
        if not identity.namespace:
            return
        found = self._get(Identity(*NAMESPACE, "", identity.namespace))
        if found is None:
            raise FlotillaError(f'namespaces "{identity.namespace}" not found')
        if meta_of(found).get("deletionTimestamp"):
            raise FlotillaError(f"namespace {identity.namespace} is being deleted")

    def _along_with(self, identity: Identity, old: Obj, resource: Resource) -> Mapping[Identity, Obj]:
        """What goes with it: a template's binding, what is in a namespace, the objects of a definition."""
        present = self.state().objects
        if identity.kind_of == NAMESPACE:
            return {i: obj for i, obj in present.items() if i.namespace == identity.name}
        if identity.kind_of == CRD:
            spec = old["spec"]
            gone = (spec["group"], spec["names"]["kind"])
            instances = {i: obj for i, obj in present.items() if i.kind_of == gone}
            return instances | _bindings(present, instances.values())
        return _bindings(present, [old])

    def _note(self, identity: Identity, verb: str) -> str:
        if identity.kind_of == CLUSTER and verb == "create":
            return "what it serves is known only once its agent reports; until then no workload fits there"
        if identity.kind_of == NAMESPACE and verb == "delete":
            return "and everything in it"
        return ""


def _bindings(present: Mapping[Identity, Obj], templates: Iterable[Obj]) -> dict[Identity, Obj]:
    found = (binding_identity(template) for template in templates)
    return {identity: present[identity] for identity in found if identity in present}


def _named(manifest: Obj) -> Obj:
    """With a name, where the API would make one up."""
    metadata = manifest["metadata"]
    if name_of(manifest) or not metadata.get("generateName"):
        return manifest
    return {**manifest, "metadata": {**metadata, "name": f"{metadata['generateName']}xxxxx"}}


def _told(obj: Obj) -> Obj:
    """Without what only the server and kubectl keep books with."""
    annotations = {key: value for key, value in annotations_of(obj).items() if key != LAST_APPLIED}
    kept = {key: meta_of(obj)[key] for key in ("name", "namespace", "labels", "finalizers") if key in meta_of(obj)}
    metadata = {**kept, **({"annotations": annotations} if annotations else {})}
    return {**{key: value for key, value in obj.items() if key != "status"}, "metadata": metadata}
