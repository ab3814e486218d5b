"""What a run of the benchmarks was asked for."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Options"]


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
    """Directory for cProfile's files; figures of such a run are slower than without."""
    patience: float = 60.0
    """Seconds until something must have arrived."""
    shrink: int = 1
    """What all counts are divided by; `singles`, `crowd` and `statuses` are given as they shall be."""

    def less(self, count: int, *, least: int = 1) -> int:
        """A benchmark's own count in this run."""
        return max(least, count // self.shrink)
