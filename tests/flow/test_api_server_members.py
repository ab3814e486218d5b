"""Members behind API servers, stubs of them: a Pull agent, and the hub's own agent for Push clusters, over HTTPS."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from flotilla_common.objects import Obj, encode
from flotilla_hub.api.tls import ensure_certificates
from tests.eventually import eventually
from tests.fleet import FLOTILLA, Fleet, fleet
from tests.manifests import deployment, policy
from tests.swarm.member_api.cluster import Cluster
from tests.swarm.member_api.requests import Answer, Request
from tests.swarm.member_api.server import MemberApi, kubeconfig
from tests.swarm.member_api.shelves import Key

PULL, PUSH = 0, 1
PATH = "/apis/apps/v1/namespaces/default/deployments"
STRATEGIC_MERGE = "application/strategic-merge-patch+json"
PATIENCE = 60.0
WEB = Key("default", "web")


class Members:
    """Cluster `pull` with an agent of its own, and `push`; what is in them is looked at from inside."""

    def __init__(self, running: Fleet, api: MemberApi) -> None:
        self.fleet = running
        self.api = api

    def find(self, number: int) -> Obj:
        stored = self.api.cluster(number).shelves.get("deployments.apps", WEB)
        return stored.obj() if stored else {}

    def images(self) -> list[str]:
        """By cluster; empty where there is no such Deployment."""
        found = (self.find(n) for n in (PULL, PUSH))
        return [o["spec"]["template"]["spec"]["containers"][0]["image"] if o else "" for o in found]

    def edit(self, number: int, patch: Obj) -> None:
        headers = {"content-type": "application/merge-patch+json", "user-agent": "somebody"}
        answer = self.api.cluster(number).answer(Request("PATCH", f"{PATH}/web", {}, headers, encode(patch)))
        assert isinstance(answer, Answer) and answer.code == 200

    async def become(self, *images: str) -> None:
        await eventually(lambda: self.images() == list(images), within=PATIENCE)

    async def create(self, image: str = "web:1") -> None:
        await self.fleet.client.create(policy("all", "pull", "push"))
        await self.fleet.client.create(deployment("web", image=image))
        await self.become(image, image)

    async def template(self) -> Obj:
        return await self.fleet.get("deployments", "web")


@pytest.fixture
async def members(tmp_path: Path) -> AsyncIterator[Members]:
    tls = ensure_certificates(tmp_path / "tls", ["127.0.0.1"], datetime.now(UTC))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls.certificate, tls.key)
    api = MemberApi(2, partial(Cluster, is_simulated=True), tls=context)
    await api.open()
    files = [tmp_path / f"{n}.kubeconfig" for n in (PULL, PUSH)]
    for number, file in enumerate(files):
        kubeconfig(file, api.url(number), tls.authority.read_bytes())
    async with fleet(tmp_path, remote=True) as running:
        await running.join_pull("pull", target="kubernetes", kubeconfig=files[PULL])
        await join(running, "push", files[PUSH])
        await running.settled("pull", "push")
        yield Members(running, api)
    await api.close()


async def join(running: Fleet, name: str, file: Path) -> None:
    """`flotilla join`, as a user would."""
    words = ("join", name, "--cluster-kubeconfig", str(file), "--kubeconfig", str(running.kubeconfig))
    process = await asyncio.create_subprocess_exec(*FLOTILLA, *words, stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0


async def test_a_template_reaches_both_and_their_status_comes_back(members: Members) -> None:
    await members.create()

    async with asyncio.timeout(PATIENCE):
        while ((await members.template()).get("status") or {}).get("readyReplicas") != 4:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_what_somebody_changes_there_is_changed_back(members: Members) -> None:
    await members.create()

    for number in (PULL, PUSH):
        members.edit(number, {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "evil:1"}]}}}})

    await members.become("web:1", "web:1")


async def test_a_change_made_while_the_members_were_away_arrives_when_they_are_back(members: Members) -> None:
    await members.create()
    await members.api.close()
    change = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "web:2"}]}}}}
    await members.fleet.client.call("PATCH", f"{PATH}/web", change, content_type=STRATEGIC_MERGE)
    await members.api.open()

    await members.become("web:2", "web:2")


async def test_a_hub_that_is_killed_and_comes_back_writes_nothing_again(members: Members) -> None:
    await members.create()
    before = [members.api.cluster(n).writes for n in (PULL, PUSH)]
    await members.fleet.hub.kill()
    await members.fleet.hub.start()
    await members.fleet.ready()
    await members.fleet.client.create(deployment("other"))
    other = Key("default", "other")
    await eventually(
        lambda: all(members.api.cluster(n).shelves.get("deployments.apps", other) for n in (PULL, PUSH)),
        within=PATIENCE,
    )

    assert [members.api.cluster(n).writes for n in (PULL, PUSH)] == [count + 1 for count in before]


async def test_a_template_that_is_deleted_leaves_both(members: Members) -> None:
    await members.create()
    served = await members.fleet.client.served(deployment("web"))

    await members.fleet.client.delete(served, "web", "default")

    await members.become("", "")
