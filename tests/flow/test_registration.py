"""A Pull cluster registers: a token, a real hub behind real TLS, credentials that a real nats-server takes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
import yaml

from flotilla_agent.cli import folder
from flotilla_agent.link.register import new_seed, register
from flotilla_common.bus import BusSettings, connect
from flotilla_common.errors import Conflict, FlotillaError, Forbidden, Invalid, Terminal, Unavailable
from flotilla_common.join_token import REGISTER_PATH, JoinToken
from flotilla_common.messages import ClusterReport
from flotilla_common.objects import Obj, encode
from flotilla_common.subjects import AGENT_API, CLUSTER_REPORT, StatusSubject, inbox
from tests.hub import Command, running_hub


@pytest.fixture
async def flotilla(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Command]:
    async with running_hub(tmp_path) as running:
        yield Command(running, capsys, monkeypatch)


@pytest.fixture
async def token(flotilla: Command) -> JoinToken:
    return JoinToken.parse((await flotilla("token", "create")).out)


async def cluster(flotilla: Command, name: str) -> Obj:
    """The Cluster as the hub shows it, empty when there is none."""
    return yaml.safe_load((await flotilla("get", f"clusters/{name}", "-o", "yaml")).out) or {}


async def test_a_registered_agent_speaks_for_its_cluster(flotilla: Command, token: JoinToken, tmp_path: Path) -> None:
    home = tmp_path / "edge"
    said = await flotilla("register", "--token", str(token), "--name", "edge", "--dir", str(home))
    assert (said.code, said.out) == (0, f"cluster(edge) is registered; its settings are in {home}\n")
    assert f"flotilla agent run --config {home}" in said.err
    credentials = str(home / folder.CREDENTIALS)
    settings = BusSettings(flotilla.hub.nats_url, credentials, inbox=inbox("edge"), api=AGENT_API)
    report = ClusterReport("edge", "0", b'{"kubernetesVersion":"v1.2.3"}')
    async with connect(settings, name="edge") as bus:
        await bus.publish(str(StatusSubject("edge", CLUSTER_REPORT)), report.pack())
    async with asyncio.timeout(10):
        while "kubernetesVersion" not in ((await cluster(flotilla, "edge")).get("status") or {}):
            pass


async def test_what_is_known_about_it_becomes_the_cluster(flotilla: Command, token: JoinToken) -> None:
    about = {"labels": {"tier": "edge"}, "provider": "acme", "region": "eu", "zones": ["eu-1"]}
    await register(token, "edge", new_seed(), about)
    found = await cluster(flotilla, "edge")
    assert found["metadata"]["labels"] == {"tier": "edge"}
    spec = {word: found["spec"][word] for word in ("syncMode", "provider", "region", "zones")}
    assert spec == {"syncMode": "Pull", "provider": "acme", "region": "eu", "zones": ["eu-1"]}


async def test_the_same_key_may_register_again(token: JoinToken) -> None:
    seed = new_seed()
    first, again = [await register(token, "edge", seed, {}) for _ in range(2)]
    assert (first.cluster, first.nats_urls) == (again.cluster, again.nats_urls)


async def test_another_key_may_not_take_the_name(token: JoinToken) -> None:
    await register(token, "edge", new_seed(), {})
    with pytest.raises(Conflict, match=r"cluster 'edge' is already registered by another agent \(key U.*unjoin edge"):
        await register(token, "edge", new_seed(), {})


async def test_a_push_cluster_is_not_taken_over(flotilla: Command, token: JoinToken) -> None:
    assert (await flotilla("join", "edge", "--cluster-endpoint", "memory://edge")).code == 0
    with pytest.raises(Conflict, match="already joined as a Push cluster"):
        await register(token, "edge", new_seed(), {})


async def test_a_cluster_that_was_announced_is_taken(flotilla: Command, token: JoinToken, tmp_path: Path) -> None:
    announced = tmp_path / "edge.yaml"
    announced.write_text(
        "{apiVersion: cluster.karmada.io/v1alpha1, kind: Cluster, metadata: {name: edge}, spec: {syncMode: Pull}}"
    )
    assert (await flotilla("apply", "-f", str(announced))).code == 0
    assert (await register(token, "edge", new_seed(), {})).cluster == "edge"


def wrong(token: JoinToken, **changed: object) -> JoinToken:
    return replace(token, **changed)  # type: ignore[arg-type]


REFUSED = [
    pytest.param({"secret": "guess"}, "edge", Forbidden, "does not know this token", id="wrong-secret"),
    pytest.param({"id": "0000000000"}, "edge", Forbidden, "does not know this token", id="unknown-token"),
    pytest.param({"pin": "sha256:00"}, "edge", Terminal, "is not the hub that made this token", id="another-hub"),
    pytest.param({}, "Edge_1", Invalid, "metadata.name", id="no-dns-label"),
    pytest.param({}, "e" * 49, Invalid, "metadata.name", id="too-long"),
    pytest.param({"urls": ("https://127.0.0.1:1",)}, "edge", Unavailable, "cannot reach the hub at", id="nobody-there"),
    pytest.param({"urls": ("nonsense",)}, "edge", Terminal, "which is no URL", id="no-url"),
]


@pytest.mark.parametrize(("changed", "name", "kind", "why"), REFUSED)
async def test_a_registration_is_refused(
    flotilla: Command, token: JoinToken, changed: dict[str, object], name: str, kind: type[FlotillaError], why: str
) -> None:
    with pytest.raises(kind, match=why):
        await register(wrong(token, **changed), name, new_seed(), {})
    assert (await flotilla("get", "clusters", "-o", "name")).out == ""


async def test_a_hub_under_a_name_that_is_not_its_own_is_not_told_the_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_hub(tmp_path, "0.0.0.0") as running:
        made = await Command(running, capsys, monkeypatch)("token", "create")
        token = JoinToken.parse(made.out)
        elsewhere = wrong(token, urls=(token.urls[0].replace("127.0.0.1", "127.0.0.2"),))
        with pytest.raises(Terminal, match=r"has no certificate for that name .*--advertise"):
            await register(elsewhere, "edge", new_seed(), {})


async def test_the_next_address_is_tried_when_one_is_silent(token: JoinToken) -> None:
    reachable = wrong(token, urls=("https://127.0.0.1:1", *token.urls))
    assert (await register(reachable, "edge", new_seed(), {})).cluster == "edge"


async def test_a_deleted_token_lets_nobody_in(flotilla: Command, token: JoinToken) -> None:
    assert await flotilla("token", "delete", str(token)) == (0, f'bootstrap token "{token.id}" deleted\n', "")
    with pytest.raises(Forbidden, match="does not know this token"):
        await register(token, "edge", new_seed(), {})


async def test_an_expired_token_lets_nobody_in(flotilla: Command) -> None:
    token = JoinToken.parse((await flotilla("token", "create", "--ttl", "0s")).out)
    with pytest.raises(Forbidden, match="this token expired at"):
        await register(token, "edge", new_seed(), {})


MALFORMED = [
    pytest.param(b"{", 400, "the registration is not JSON", id="no-json"),
    pytest.param(b"[]", 400, "must be a JSON object", id="no-map"),
    pytest.param(b"{}", 422, "the registration is invalid: id: must be given", id="nothing-given"),
    pytest.param(b" " * 70_000, 413, "at most 65536 bytes", id="too-large"),
]


@pytest.mark.parametrize(("body", "code", "why"), MALFORMED)
async def test_what_is_no_registration_is_refused(flotilla: Command, body: bytes, code: int, why: str) -> None:
    status, said = await post(flotilla, body)
    assert (status, said["kind"]) == (code, "Status") and why in said["message"]


async def test_a_key_that_is_none_is_refused(flotilla: Command, token: JoinToken) -> None:
    wanted = {"id": token.id, "secret": token.secret, "cluster": "edge", "publicKey": "U" + "A" * 55}
    status, said = await post(flotilla, encode(wanted))
    assert (status, said["details"]["causes"][0]["field"]) == (422, "publicKey")


async def post(flotilla: Command, body: bytes) -> tuple[int, Obj]:
    connector = aiohttp.TCPConnector(ssl=False)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.post(flotilla.hub.url + REGISTER_PATH, data=body) as answer,
    ):
        return answer.status, await answer.json()
