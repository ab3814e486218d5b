"""Admission of Cluster: how a member is reached, its taints and where it lies."""

from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult, urlsplit

from flotilla_common.errors import FieldError
from flotilla_common.objects import Obj

from ..model.cluster_spec import ClusterSpec, ClusterTaint, SecretReference
from ..names import SYSTEM_NAMESPACE
from .draft import draft_of, fill, maps_in, section
from .fields import duplicate, forbidden, invalid, read, required, unknown_sections, unsupported
from .resource_models import default_models, model_errors
from .syntax import not_a_dns_label, not_a_label_key, not_a_label_value

__all__ = ["default", "validate"]

NAME_LENGTH = 48
"""Leaves room for the prefixes and suffixes that generated names put around it, within 63 characters."""

ENDPOINT_SCHEMES = ("http", "https", "memory")
"""`memory://name` is a simulated member, as the demo and the tests run them."""

PROXY_SCHEMES = ("http", "https", "socks5")
EFFECTS = ("NoExecute", "NoSchedule")


def default(obj: Obj, now: str, new_id: str, old: Obj | None = None) -> Obj:
    """What is stored instead of `obj`: without a mode it is reached by Push, and its Secrets are the system's."""
    draft = draft_of(obj)
    spec = section(draft, "spec")
    fill(spec, {"syncMode": "Push"})
    for word in ("secretRef", "impersonatorSecretRef"):
        if isinstance(reference := spec.get(word), dict) and not reference.get("namespace"):
            reference["namespace"] = SYSTEM_NAMESPACE
    if spec.get("zone") and not spec.get("zones"):
        spec["zones"] = [spec["zone"]]
    for taint in maps_in(spec, "taints"):
        if taint.get("effect") == "NoExecute":
            fill(taint, {"timeAdded": now})
    if spec:
        default_models(spec)
    return draft


def validate(obj: Obj, old: Obj | None) -> tuple[FieldError, ...]:
    spec, errors = read(ClusterSpec, obj)
    found = (*unknown_sections(obj), *errors, *_name_errors(str(section(obj, "metadata").get("name") or "")))
    return found if spec is None else (*found, *_spec_errors(spec))


def _name_errors(name: str) -> Iterator[FieldError]:
    if why := not_a_dns_label(name, NAME_LENGTH):
        yield invalid("metadata.name", name, why)


def _spec_errors(spec: ClusterSpec) -> Iterator[FieldError]:
    if spec.api_endpoint:
        yield from _endpoint_errors(spec.api_endpoint, "spec.apiEndpoint")
    if spec.proxy_url:
        yield from _url_errors(spec.proxy_url, PROXY_SCHEMES, "spec.proxyURL")
    yield from _secret_errors(spec.secret_ref, "spec.secretRef")
    yield from _secret_errors(spec.impersonator_secret_ref, "spec.impersonatorSecretRef")
    for word, value in (("provider", spec.provider), ("region", spec.region)):
        if why := not_a_label_value(value):
            yield invalid(f"spec.{word}", value, why)
    yield from _zone_errors(spec)
    yield from _taint_errors(spec.taints or (), "spec.taints")
    yield from model_errors(spec.resource_models or (), "spec.resourceModels")


def _endpoint_errors(endpoint: str, path: str) -> Iterator[FieldError]:
    yield from _url_errors(endpoint, ENDPOINT_SCHEMES, path)
    parts = _split(endpoint)
    given = {"user information": parts.username, "a fragment": parts.fragment, "a query": parts.query} if parts else {}
    for what in (what for what, value in given.items() if value):
        yield invalid(path, _without_user(endpoint), f"must not hold {what}")


def _url_errors(url: str, schemes: Sequence[str], path: str) -> Iterator[FieldError]:
    parts = _split(url)
    if parts is None:
        yield invalid(path, _without_user(url), "must be a URL")
    elif parts.scheme not in schemes:
        yield unsupported(path, _without_user(url), [f"{s}://…" for s in schemes])
    elif not parts.hostname:
        yield invalid(path, _without_user(url), "must name a host")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname  # both are read lazily, and raise for what is no port or address
    except ValueError:
        return None
    return parts


def _without_user(url: str) -> str:
    # An error message is shown and logged: a password typed into a URL must not be in it.
    scheme, colon, rest = url.partition("://")
    return f"{scheme}{colon}{rest.rpartition('@')[2]}" if colon else url.rpartition("@")[2]


def _secret_errors(reference: SecretReference | None, path: str) -> Iterator[FieldError]:
    if reference is not None and not reference.name:
        yield required(f"{path}.name")


def _zone_errors(spec: ClusterSpec) -> Iterator[FieldError]:
    zones = spec.zones or ()
    if spec.zone and zones != (spec.zone,):
        yield forbidden("spec.zone", "zone and zones exclude each other; write zones")
    for i, zone in enumerate(zones):
        if not zone:
            yield required(f"spec.zones[{i}]")
        elif why := not_a_label_value(zone):
            yield invalid(f"spec.zones[{i}]", zone, why)


def _taint_errors(taints: Sequence[ClusterTaint], path: str) -> Iterator[FieldError]:
    seen: set[tuple[str, str]] = set()
    for i, taint in enumerate(taints):
        at = f"{path}[{i}]"
        if why := not_a_label_key(taint.key):
            yield invalid(f"{at}.key", taint.key, why)
        if why := not_a_label_value(taint.value):
            yield invalid(f"{at}.value", taint.value, why)
        if taint.effect not in EFFECTS:
            yield unsupported(f"{at}.effect", taint.effect, EFFECTS)
        if (taint.key, taint.effect) in seen:
            yield duplicate(at, f"{taint.key}:{taint.effect}")
        seen.add((taint.key, taint.effect))
