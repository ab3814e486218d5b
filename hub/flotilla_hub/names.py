"""The names the hub generates, byte for byte as Karmada does: execution namespaces, bindings, Works, policies."""

from flotilla_common.objects import GVK

__all__ = [
    "CREDENTIALS_NAMESPACE",
    "EXECUTION_PREFIX",
    "SYSTEM_NAMESPACE",
    "binding_name",
    "cluster_of",
    "dependency_key",
    "execution_namespace",
    "fnv32a",
    "is_reserved",
    "policy_name",
    "safe_encode",
    "work_name",
]

EXECUTION_PREFIX = "karmada-es-"
SYSTEM_NAMESPACE = "karmada-system"
CREDENTIALS_NAMESPACE = "karmada-cluster"

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def execution_namespace(cluster: str) -> str:
    """The namespace of the hub that holds a cluster's Works."""
    return EXECUTION_PREFIX + cluster


def cluster_of(namespace: str) -> str:
    """The inverse of `execution_namespace`. Raises ValueError for any other namespace."""
    if not namespace.startswith(EXECUTION_PREFIX) or namespace == EXECUTION_PREFIX:
        raise ValueError(
            f"namespace {namespace!r} holds no Works: such a namespace is called {EXECUTION_PREFIX}<cluster>"
        )
    return namespace.removeprefix(EXECUTION_PREFIX)


def is_reserved(namespace: str) -> bool:
    """Whether the namespace is the hub's own: what is in it is never a template."""
    return namespace in (SYSTEM_NAMESPACE, CREDENTIALS_NAMESPACE) or namespace.startswith(EXECUTION_PREFIX)


def binding_name(kind: str, name: str) -> str:
    """`("Deployment", "nginx")` → `"nginx-deployment"`. The group is not in it, as upstream."""
    return f"{_plain(name)}-{kind}".lower()


def work_name(kind: str, name: str, namespace: str) -> str:
    """`("Deployment", "nginx", "default")` → `"nginx-687f7fb96f"`."""
    hashed = f"{namespace}-{name}-{kind}" if namespace else f"{name}-{kind}"
    return f"{_plain(name)}-{_hash(hashed.lower())}".lower()


def policy_name(namespace: str, gvk: GVK | str, name: str) -> str:
    """The policy that `apply --all-clusters` and `promote` generate for one object."""
    return f"{name.lower()}-{_hash(namespace + (gvk if isinstance(gvk, str) else _in_go(gvk)))}"


def dependency_key(namespace: str, name: str) -> str:
    """What stands behind `resourcebinding.karmada.io/depended-by-` for the binding depended upon."""
    return _hash(f"{namespace}/{name}" if namespace else name)


def fnv32a(data: bytes) -> int:
    """The 32-bit FNV-1a hash."""
    h = 0x811C9DC5
    for byte in data:
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def safe_encode(text: str) -> str:
    """Each character mapped into an alphabet without vowels, so that no hash spells a word."""
    return "".join(_ALPHABET[ord(c) % len(_ALPHABET)] for c in text)


def _hash(text: str) -> str:
    return safe_encode(str(fnv32a(text.encode())))


def _plain(name: str) -> str:
    # RBAC names may hold a colon, object names of ours may not.
    return name.replace(":", ".")


def _in_go(gvk: GVK) -> str:
    # The hash is over Go's printed form of a kind, so this spelling is part of the name.
    return f"{gvk.api_version}, Kind={gvk.kind}"
