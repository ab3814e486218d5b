"""The verbs of `flotilla agent`: one module each, as in `flotilla_hub.cli`. `flotilla register` is one of ours too."""

from collections.abc import Mapping

__all__ = ["COMMANDS"]

COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("flotilla_agent.cli.run", "serve this cluster (Pull)"),
    "remote": ("flotilla_agent.cli.remote", "serve all Push clusters of a hub, beside it"),
    "register": ("flotilla_agent.cli.register", "add the cluster whose agent will run here"),
    "manifests": ("flotilla_agent.cli.manifests", "print what runs the agent inside its cluster"),
}
