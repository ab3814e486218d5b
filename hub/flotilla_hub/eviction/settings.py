"""What an operator settles about evictions; upstream's flags and defaults."""

from dataclasses import dataclass

__all__ = ["PURGE_MODES", "EvictionSettings"]

PURGE_MODES = ("Directly", "Gracefully")


@dataclass(frozen=True)
class EvictionSettings:
    taint_eviction: bool = False
    """Whether NoExecute taints evict; the gate Failover must be on as well."""
    purge_mode: str = "Gracefully"
    """For bindings whose policy does not say."""
    rate: float = 0.5
    """Evictions a second; 0 means one in half an hour, as upstream has it."""
    timeout: float = 600.0
    """Seconds after which a task without a grace period of its own is over."""

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if self.purge_mode not in PURGE_MODES:
            raise ValueError(f"{self.purge_mode!r} is no purge mode; write {' or '.join(PURGE_MODES)}")
        if self.rate < 0 or self.timeout < 0:
            raise ValueError("the rate and the timeout of evictions must not be negative")

    @property
    def pause(self) -> float:
        """Seconds between two evictions."""
        return 1 / self.rate if self.rate else 1800.0
