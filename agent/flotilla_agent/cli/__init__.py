"""The verbs of `flotilla agent`: one module each, as in the hub's table."""

from collections.abc import Mapping

__all__ = ["COMMANDS"]

COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("flotilla_agent.cli.run", "serve the cluster this runs in (Pull)"),
    "remote": ("flotilla_agent.cli.remote", "serve all Push clusters of a hub, beside it"),
    "register": ("flotilla_agent.cli.register", "make credentials for this cluster's agent with a token of the hub"),
    "manifests": ("flotilla_agent.cli.manifests", "print what runs the agent inside its cluster"),
}
