"""`flotilla agent manifests`: what runs the agent inside its cluster, as YAML for `kubectl apply -f -`.

The template is `manifests.yaml` beside this file; the settings and credentials are those `flotilla register` wrote.
"""

import argparse
import base64
import re
from importlib.resources import files
from pathlib import Path

import yaml

from flotilla_common import settings
from flotilla_common.errors import Terminal

from ..settings import AgentSettings
from . import folder

__all__ = ["add_arguments", "render", "run"]

DEFAULT_IMAGE = "flotilla-agent:latest"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        metavar="DIR",
        type=Path,
        required=True,
        help="what flotilla register wrote: the folder, or its agent.yaml",
    )
    parser.add_argument(
        "--image", metavar="NAME", default=DEFAULT_IMAGE, help=f"of the agent; by default {DEFAULT_IMAGE}"
    )


def run(args: argparse.Namespace) -> int:
    chosen = settings.load(AgentSettings, {}, environment={}, file=folder.find_settings(args.config))
    try:
        credentials = Path(chosen.credentials).read_text()
    except OSError as err:
        raise Terminal(f"cannot read the credentials {chosen.credentials}: {err.strerror}; register again") from err
    print(render(chosen, credentials, args.image), end="")
    return 0


def render(chosen: AgentSettings, credentials: str, image: str) -> str:
    """The template with this cluster's own values."""
    own = yaml.safe_dump({"cluster": chosen.cluster, "natsUrls": chosen.nats_urls}, sort_keys=False)
    values = {
        "IMAGE": image,
        "SETTINGS": base64.b64encode(own.encode()).decode(),
        "CREDENTIALS": base64.b64encode(credentials.encode()).decode(),
    }
    template = files(__package__).joinpath("manifests.yaml").read_text()
    return re.sub(r"\$\{([A-Z]+)\}", lambda found: values[found[1]], template)
