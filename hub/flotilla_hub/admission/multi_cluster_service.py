"""Admission of MultiClusterService: which clusters provide a service and which consume it."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from ..model.base import Model
from .draft import draft_of, give_label, label_in, section
from .fields import duplicate, immutable, invalid, read, required, unknown_sections
from .syntax import not_a_dns_label

__all__ = ["MultiClusterServiceSpec", "default", "validate"]

PERMANENT_ID = "multiclusterservice.karmada.io/permanent-id"
_DNS_1035 = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


class ExposedPort(Model):
    name: str = ""
    port: int


class NamedCluster(Model):
    name: str


class ClusterRange(Model):
    cluster_names: tuple[str, ...] | None = None


class MultiClusterServiceSpec(Model):
    """The last three are deprecated: `providerClusters` and `consumerClusters` say the same."""

    types: tuple[Literal["CrossCluster", "LoadBalancer"], ...]
    ports: tuple[ExposedPort, ...] | None = None
    provider_clusters: tuple[NamedCluster, ...] | None = None
    consumer_clusters: tuple[NamedCluster, ...] | None = None
    range: ClusterRange | None = None
    service_provision_clusters: tuple[str, ...] | None = None
    service_consumption_clusters: tuple[str, ...] | None = None


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`: with an id that other objects name it by."""
    draft = draft_of(obj)
    give_label(draft, PERMANENT_ID, new_id, old)
    return draft


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    spec, errors = read(MultiClusterServiceSpec, obj)
    found = (*unknown_sections(obj), *errors, *_identity_errors(obj, old))
    return found if spec is None else (*found, *_spec_errors(spec, old))


def _identity_errors(obj: Obj, old: Obj | None) -> Iterator[FieldError]:
    name = str(section(obj, "metadata").get("name") or "")
    if not _DNS_1035.fullmatch(name):
        why = "must start with a lower case letter, end with one or a digit, and hold at most 63 of them and '-'"
        yield invalid("metadata.name", name, why)
    before = label_in(old, PERMANENT_ID)
    if before and label_in(obj, PERMANENT_ID) != before:
        yield immutable(f"metadata.labels[{PERMANENT_ID}]", label_in(obj, PERMANENT_ID))


def _spec_errors(spec: MultiClusterServiceSpec, old: Obj | None) -> Iterator[FieldError]:
    if len(spec.types) != 1:
        yield invalid("spec.types", list(spec.types), "exactly one of CrossCluster and LoadBalancer must be given")
    if old is not None and list(spec.types) != section(old, "spec").get("types"):
        yield immutable("spec.types", list(spec.types))
    yield from _port_errors(spec.ports or (), "spec.ports")
    yield from _cluster_errors(spec.provider_clusters or (), "spec.providerClusters")
    yield from _cluster_errors(spec.consumer_clusters or (), "spec.consumerClusters")


def _port_errors(ports: Sequence[ExposedPort], path: str) -> Iterator[FieldError]:
    for i, port in enumerate(ports):
        if not 0 < port.port < 65536:
            yield invalid(f"{path}[{i}].port", port.port, "must be between 1 and 65535")
        if not port.name and len(ports) > 1:
            yield required(f"{path}[{i}].name", "of several ports each needs a name")
        elif port.name and (why := not_a_dns_label(port.name)):
            yield invalid(f"{path}[{i}].name", port.name, why)
        if port.name and port.name in [earlier.name for earlier in ports[:i]]:
            yield duplicate(f"{path}[{i}].name", port.name)


def _cluster_errors(clusters: Sequence[NamedCluster], path: str) -> Iterator[FieldError]:
    for i, cluster in enumerate(clusters):
        if why := not_a_dns_label(cluster.name, 48):
            yield invalid(f"{path}[{i}].name", cluster.name, why)
        if cluster in clusters[:i]:
            yield duplicate(f"{path}[{i}].name", cluster.name)
