"""The verbs of `flotilla`: one module each. A module has `add_arguments(parser)` and `run(args)`, which may be async.

Standard output is data, standard error is progress and errors. Exit codes: 0 done, 1 failed and said why, 2 the
command line is wrong (`plan` differs: 1 something would change, 2 it failed). Nothing is coloured where there is no
terminal or `NO_COLOR` is set.
"""

from collections.abc import Mapping

__all__ = ["COMMANDS"]

COMMANDS: Mapping[str, tuple[str, str]] = {
    "hub": ("flotilla_hub.cli.hub", "run a hub: serve, kubeconfig, token"),
    "agent": ("flotilla_agent.cli", "run an agent: run, remote, register, manifests"),
    "apply": ("flotilla_hub.cli.apply", "create or change objects on the hub from files"),
    "get": ("flotilla_hub.cli.get", "show objects of the hub"),
    "explain": ("flotilla_hub.cli.explain", "say why a template is in some clusters and not in others"),
    "plan": ("flotilla_hub.cli.plan", "say what applying or deleting would do in every cluster, and store nothing"),
    "rollout": ("flotilla_hub.cli.rollout", "follow, pause, resume and undo a rollout over the clusters"),
    "delete": ("flotilla_hub.cli.delete", "delete objects from the hub, and so from the clusters"),
    "join": ("flotilla_hub.cli.join", "add a cluster that the hub reaches itself (Push)"),
    "register": ("flotilla_agent.cli.register", "add the cluster whose agent will run here (Pull)"),
    "unjoin": ("flotilla_hub.cli.unjoin", "remove a cluster from the hub"),
    "token": ("flotilla_hub.cli.token", "make, list and delete the tokens clusters register with"),
    "demo": ("flotilla_hub.cli.demo", "three simulated clusters, a Helm release, an override and a cut cable"),
    "version": ("flotilla_hub.cli.version", "the version of this program and of the hub"),
}
"""A row per verb: the module, as text so that only the verb asked for is imported (`register` is the agent's), and
what it is for. What follows `agent` is in a table of the agent's package; its row is here for the list of verbs."""
