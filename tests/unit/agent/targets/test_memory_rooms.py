"""A simulated cluster's nodes and pods, as its estimates count them."""

import pytest

from flotilla_agent.estimate.room import max_replicas
from flotilla_agent.targets.memory_rooms import book_of
from flotilla_common.objects import Obj
from tests.manifests import deployment
from tests.unit.agent.estimate.samples import node, wanted


def of_cores(name: str, replicas: int, cpu: str, **spec: Obj) -> Obj:
    manifest = deployment(name, replicas=replicas)
    pods = manifest["spec"]["template"]["spec"]
    pods["containers"][0]["resources"] = {"requests": {"cpu": cpu}}
    pods.update(spec)
    return manifest


LARGE = {**node("large", cpu="64", pods="110", labels={"size": "large"}), "apiVersion": "v1", "kind": "Node"}

CASES = [
    pytest.param([], 6, id="three-nodes-of-eight-cores"),
    pytest.param([of_cores("web", 3, "4")], 3, id="pods-go-to-the-emptiest-node"),
    pytest.param([of_cores("web", 9, "4")], 0, id="it-is-full"),
    pytest.param([of_cores("web", 1, "9")], 6, id="what-fits-nowhere-takes-no-room"),
    pytest.param([LARGE], 22, id="nodes-of-others-stand-beside"),
    pytest.param([LARGE, of_cores("web", 4, "8", nodeSelector={"size": "large"})], 14, id="pods-go-where-they-may"),
]


@pytest.mark.parametrize(("objects", "fits"), CASES)
def test_how_many_pods_of_four_cores_still_fit(objects: list[Obj], fits: int) -> None:
    assert max_replicas(book_of(objects, 3).nodes(), wanted(cpu="4")) == fits
