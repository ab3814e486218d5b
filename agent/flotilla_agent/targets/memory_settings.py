"""What kind of cluster a memory target simulates, and how an address says so."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from flotilla_common.errors import FieldError, Invalid

from .apis import BUNDLES, Api

__all__ = ["MemorySettings"]


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """What kind of cluster to simulate."""

    state: str = ""
    """SQLite file the cluster is kept in; empty: it ends with the process."""

    version: str = "v1.34.0"
    """What it says its Kubernetes version is."""

    nodes: int = 3
    """Each with 8 cpu, 32Gi of memory and room for 110 pods."""

    settle: float = 0.3
    """Seconds until a workload is ready; 0: at once. Long enough to be seen happening in the demo."""

    apis: tuple[Api, ...] = ()
    """Kinds beside the built-in ones."""

    namespaces: tuple[str, ...] = ("default", "kube-system", "kube-public", "kube-node-lease")
    """There from the start, and nobody's."""

    @classmethod
    def parse(cls, url: str) -> "MemorySettings":
        """`memory://name?state=FILE&version=v1.34.0&nodes=3&settle=0.3&apis=flux`. Raises Invalid."""
        query = {key: values[-1] for key, values in parse_qs(urlsplit(url).query).items()}
        readers: dict[str, Callable[[str], object]] = {
            "state": str,
            "version": str,
            "nodes": int,
            "settle": float,
            "apis": lambda text: tuple(api for name in text.split(",") for api in BUNDLES[name]),
        }
        try:
            return cls(**{key: readers[key](value) for key, value in query.items()})  # type: ignore[arg-type]
        except (KeyError, ValueError) as err:
            hint = f"knows {', '.join(readers)}; apis may be {', '.join(BUNDLES)}"
            raise Invalid(f"target {url}", [FieldError("query", f"cannot read {err}; a memory target {hint}")]) from err
