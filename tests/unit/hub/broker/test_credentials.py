"""Tokens as nats-server reads them, and who is allowed what. The server enforces it in tests/flow/test_agent_*.py."""

import base64
import stat
from pathlib import Path

import nkeys
import pytest

from flotilla_common.errors import Invalid, Terminal
from flotilla_common.subjects import REMOTE
from flotilla_hub.broker import credentials, jwt, keys, permissions

NOW = 1_700_000_000


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_token_is_signed_over_exactly_what_is_sent() -> None:
    pair = keys.generate(nkeys.PREFIX_BYTE_ACCOUNT)
    text, _, signature = jwt.user(pair, "UABC", name="x", now=NOW).rpartition(".")
    assert pair.verify(text.encode(), _unbase64(signature))


def test_the_same_claims_make_the_same_token() -> None:
    pair = keys.generate(nkeys.PREFIX_BYTE_ACCOUNT)
    assert jwt.user(pair, "UABC", name="x", now=NOW) == jwt.user(pair, "UABC", name="x", now=NOW)


def test_a_user_may_do_what_its_token_lists() -> None:
    pair = keys.generate(nkeys.PREFIX_BYTE_ACCOUNT)
    claims = jwt.decode(jwt.user(pair, "UABC", name="x", now=NOW, publish=["a", "b"], subscribe=["c"]))
    assert (claims["sub"], claims["iss"], claims["nats"]) == (
        "UABC",
        keys.public(pair),
        {
            "type": "user",
            "version": 2,
            "subs": -1,
            "data": -1,
            "payload": -1,
            "pub": {"allow": ["a", "b"]},
            "sub": {"allow": ["c"]},
            "allowed_connection_types": ["STANDARD", "WEBSOCKET"],
        },
    )


def test_an_agent_may_do_this_and_no_more() -> None:
    assert permissions.agent("eu.1") == permissions.Permissions(
        publish=(
            "flotilla.v1.status.eu=2E1.>",
            "flotilla.v1.heartbeat.eu=2E1",
            "flotilla.v1.estimate.eu=2E1",
            "flotilla.v1.api.CONSUMER.CREATE.FLOTILLA_WORKS.agent-eu=2E1.flotilla.v1.works.eu=2E1.>",
            "flotilla.v1.api.CONSUMER.MSG.NEXT.FLOTILLA_WORKS.agent-eu=2E1",
            "flotilla.v1.api.CONSUMER.INFO.FLOTILLA_WORKS.agent-eu=2E1",
            "flotilla.v1.api.CONSUMER.DELETE.FLOTILLA_WORKS.agent-eu=2E1",
        ),
        subscribe=(
            "flotilla.v1.live.works.eu=2E1.>",
            "flotilla.v1.control.eu=2E1.>",
            "_INBOX_eu=2E1.>",
        ),
    )


@pytest.mark.parametrize("cluster", ["*", ">", "a.>", "a.b", "", "_"])
def test_no_cluster_name_widens_what_its_agent_may_do(cluster: str) -> None:
    allowed, tokens = permissions.agent(cluster), {len(s.split(".")) for s in permissions.agent("a").subscribe}
    assert {len(subject.split(".")) for subject in allowed.subscribe} == tokens
    assert not [s for s in (*allowed.publish, *allowed.subscribe) if "*" in s or ">" in s[:-1]]


def test_no_cluster_takes_the_place_of_the_push_host() -> None:
    with pytest.raises(Invalid, match="taken by the Push host"):
        permissions.agent(REMOTE)


def test_only_what_is_offered_leaves_the_hubs_account() -> None:
    offered = {export.subject for export in permissions.exports()}
    assert offered == {
        "flotilla.v1.status.*.>",
        "flotilla.v1.heartbeat.*",
        "flotilla.v1.estimate.*",
        "flotilla.v1.live.works.*.>",
        "flotilla.v1.control.*.>",
        "$JS.API.CONSUMER.CREATE.FLOTILLA_WORKS.*.flotilla.v1.works.*.>",
        "$JS.API.CONSUMER.MSG.NEXT.FLOTILLA_WORKS.*",
        "$JS.API.CONSUMER.INFO.FLOTILLA_WORKS.*",
        "$JS.API.CONSUMER.DELETE.FLOTILLA_WORKS.*",
    }
    assert {taken.subject for taken in permissions.imports("A")} == offered


def test_an_agents_private_key_is_only_in_its_own_file(tmp_path: Path) -> None:
    hubs, pair = keys.load(tmp_path / "keys"), keys.generate()
    token = credentials.agent_token(hubs, "eu", keys.public(pair), now=NOW)
    assert jwt.credentials(token, pair.seed.decode()).split("-----")[2].strip() == token
    assert pair.seed.decode() not in "".join(path.read_text() for path in (tmp_path / "keys").iterdir())


def test_keys_are_made_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    first, again = keys.load(tmp_path / "keys"), keys.load(tmp_path / "keys")
    files = list((tmp_path / "keys").iterdir())
    assert [pair.seed for pair in first] == [pair.seed for pair in again]
    assert [keys.public(pair)[0] for pair in first] == ["O", "A", "A", "A", "U"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"not a key", id="noise"),
        pytest.param(keys.generate().seed, id="another-kind"),
    ],
)
def test_a_damaged_key_stops_the_start_instead_of_being_replaced(tmp_path: Path, content: bytes) -> None:
    keys.load(tmp_path)
    (tmp_path / "hub.nk").write_bytes(content)
    with pytest.raises(Terminal, match=r"hub\.nk"):
        keys.load(tmp_path)
    assert (tmp_path / "hub.nk").read_bytes() == content
