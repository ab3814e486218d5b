"""The manifests of `deploy/examples`, from the repository or from where the wheel puts them."""

from importlib.resources import files
from pathlib import Path

from flotilla_common.errors import Terminal
from flotilla_common.objects import Obj

from ..client import manifests

__all__ = ["folder", "load"]


def folder() -> Path:
    """Raises Terminal when neither place has them."""
    package = Path(str(files("flotilla_hub")))
    for place in (package / "examples", package.parents[1] / "deploy" / "examples"):
        if place.is_dir():
            return place
    raise Terminal("the example manifests are missing from this installation; install flotilla anew")


def load(*names: str) -> list[Obj]:
    """`load("nginx/policy.yaml")`: the manifests of these files, in order."""
    return manifests.load(str(folder() / name) for name in names)
