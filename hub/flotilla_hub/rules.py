"""What the operator of a hub has settled for all decisions: the feature gates, and what is never propagated."""

from dataclasses import dataclass, field

from .detector.skip import Skips
from .features import Features

__all__ = ["Rules"]


@dataclass(frozen=True)
class Rules:
    """The defaults are upstream's."""

    features: Features = field(default_factory=Features)
    skips: Skips = field(default_factory=Skips)
