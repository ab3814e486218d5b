"""Another system beside ours in the benchmarks: a second Flotilla plays it, known to them by its kubeconfigs alone."""

import asyncio
import sys
from pathlib import Path

import pytest
import yaml

from tests.fleet import until
from tests.kube.world import World
from tests.manifests import policy

pytestmark = [pytest.mark.kube, pytest.mark.asyncio(loop_scope="module")]


async def test_systems_are_measured_in_turn_and_nothing_stays_behind(world: World, tmp_path: Path) -> None:
    said = await _bench(world, tmp_path)
    for claim in ("twin over flotilla", "twin: create on the hub → in both members", "in 2 rounds"):
        assert claim in said
    assert len(list(tmp_path.glob("*.png"))) == 2
    await until("all that was created is gone", lambda: _is_empty(world))
    assert "everywhere" not in await world.hub("get", "propagationpolicies", "-o", "name")


async def _bench(world: World, directory: Path) -> str:
    file = directory / "policy.yaml"
    file.write_text(yaml.safe_dump(policy("everywhere", "member1", "member2")))
    kubeconfigs = (world.fleet.kubeconfig, world.member1.kubeconfig, world.member2.kubeconfig)
    argv = [sys.executable, "-m", "tests.bench", "latency", "burst", "--singles", "3", "--crowd", "5", "--rounds", "2"]
    argv += ["--vs", *map(str, kubeconfigs), "--vs-policy", str(file), "--vs-name", "twin", "--results", str(directory)]
    process = await asyncio.create_subprocess_exec(*argv, stdout=-1, stderr=-1)
    out, err = await process.communicate()
    assert process.returncode == 0, f"{out.decode()}\n{err.decode()}"
    return out.decode()


async def _is_empty(world: World) -> bool:
    held = [await world.hub("get", "deployments", "-o", "name")]
    held += [await cluster.kubectl("get", "deployments", "-o", "name") for cluster in (world.member1, world.member2)]
    return not "".join(held).strip()
