"""Admission of ResourceRegistry: which objects of which clusters are to be found from the hub."""

from collections.abc import Iterator

from pydantic import Field

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from ..model.base import Model
from ..model.selectors import ClusterAffinity
from .draft import draft_of
from .fields import read, required, unknown_sections
from .selecting import affinity_errors

__all__ = ["ResourceRegistrySpec", "default", "validate"]


class SearchedKind(Model):
    api_version: str
    kind: str
    namespace: str = ""


class SearchSecret(Model):
    namespace: str = ""
    name: str = ""


class OpenSearch(Model):
    addresses: tuple[str, ...] = ()
    secret_ref: SearchSecret = SearchSecret()


class BackendStore(Model):
    open_search: OpenSearch | None = None


class ResourceRegistrySpec(Model):
    target_cluster: ClusterAffinity = ClusterAffinity()
    resource_selectors: tuple[SearchedKind, ...] = Field(min_length=1)
    backend_store: BackendStore | None = None


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`: nothing has a default."""
    return draft_of(obj)


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    spec, errors = read(ResourceRegistrySpec, obj)
    found = (*unknown_sections(obj), *errors)
    return found if spec is None else (*found, *_spec_errors(spec))


def _spec_errors(spec: ResourceRegistrySpec) -> Iterator[FieldError]:
    yield from affinity_errors(spec.target_cluster, "spec.targetCluster")
    for i, selector in enumerate(spec.resource_selectors):
        for word, value in (("apiVersion", selector.api_version), ("kind", selector.kind)):
            if not value:
                yield required(f"spec.resourceSelectors[{i}].{word}")
