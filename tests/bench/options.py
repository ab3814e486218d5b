"""What a run of the benchmarks was asked for."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Against", "Options"]


@dataclass(frozen=True)
class Against:
    """Another system, to be measured beside ours."""

    name: str
    hub: Path
    """A kubeconfig, as those of its members are."""
    members: Sequence[Path]
    policy: Path
    """Manifests that make it send all Deployments of the namespace to all members."""


@dataclass(frozen=True)
class Options:
    singles: int = 200
    """Objects that go one at a time."""
    crowd: int = 1000
    """Deployments in a burst; each is two Works."""
    statuses: int = 100
    etcd_fsync: bool = True
    """Whether the real members' etcd flushes each write to the disk, as a cluster's does."""
    results: Path = Path("bench-results")
    profile: Path | None = None
    """Directory for what the processes' samplers find, one inside it for each benchmark."""
    patience: float = 60.0
    """Seconds until something must have arrived."""
    shrink: int = 1
    """What all counts are divided by; `singles`, `crowd` and `statuses` are given as they shall be."""

    rival: Against | None = None
    rounds: int = 1
    """Bursts of each system, one system after the other."""
    mark: str = field(default_factory=lambda: secrets.token_hex(2))
    """In the names of what this run creates, so that what an earlier one left behind is not taken for it."""

    def less(self, count: int, *, least: int = 1) -> int:
        """A benchmark's own count in this run."""
        return max(least, count // self.shrink)
