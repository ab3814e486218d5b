"""What the operator of a hub has settled for all decisions: gates, what is never propagated, scheduling, evictions."""

from dataclasses import dataclass, field

from .detector.skip import Skips
from .eviction.settings import EvictionSettings
from .features import Features
from .scheduler.asking import Estimating
from .scheduler.profile import Profile

__all__ = ["Rules"]


@dataclass(frozen=True)
class Rules:
    """The defaults are upstream's."""

    features: Features = field(default_factory=Features)
    skips: Skips = field(default_factory=Skips)
    scheduling: Profile = field(default_factory=Profile)
    eviction: EvictionSettings = field(default_factory=EvictionSettings)
    estimating: Estimating | None = None
    """None: agents are not asked how much room their nodes have."""
