"""Credentials for the embedded server: what a hub, an agent or the Push host connects with. Pure but for new keys."""

from . import jwt, permissions
from .keys import Keys, generate, public

__all__ = ["accounts", "agent", "agent_token", "hub", "remote"]


def accounts(keys: Keys, *, now: int) -> dict[str, str]:
    """The token of each account by its public key, for the server's configuration. `now`: seconds since the epoch."""
    hub_key = public(keys.hub)
    tokens = (
        (keys.system, jwt.account(keys.operator, public(keys.system), name="system", now=now)),
        (
            keys.hub,
            jwt.account(keys.operator, hub_key, name="hub", now=now, jetstream=True, exports=permissions.exports()),
        ),
        (
            keys.agents,
            jwt.account(
                keys.operator, public(keys.agents), name="agents", now=now, imports=permissions.imports(hub_key)
            ),
        ),
    )
    return {public(pair): token for pair, token in tokens}


def hub(keys: Keys, *, now: int) -> str:
    """The hub's own credentials file: everything in its account, nothing outside."""
    return jwt.credentials(jwt.user(keys.hub, public(keys.user), name="hub", now=now), keys.user.seed.decode())


def agent_token(keys: Keys, cluster: str, public_key: str, *, now: int) -> str:
    """The token for a cluster's agent that made its own key pair; the private half never leaves it.

    With it `flotilla_common.bus` must be told `api=AGENT_API` and `inbox=inbox(cluster)`.
    """
    allowed = permissions.agent(cluster)
    return jwt.user(
        keys.agents,
        public_key,
        name=f"agent {cluster}",
        now=now,
        publish=allowed.publish,
        subscribe=allowed.subscribe,
    )


def agent(keys: Keys, cluster: str, *, now: int) -> str:
    """A whole credentials file for a cluster's agent, with a new key pair."""
    pair = generate()
    return jwt.credentials(agent_token(keys, cluster, public(pair), now=now), pair.seed.decode())


def remote(keys: Keys, *, now: int) -> str:
    """A whole credentials file for the agent that serves all Push clusters, with a new key pair."""
    allowed, pair = permissions.remote(), generate()
    token = jwt.user(
        keys.agents, public(pair), name="remote", now=now, publish=allowed.publish, subscribe=allowed.subscribe
    )
    return jwt.credentials(token, pair.seed.decode())
