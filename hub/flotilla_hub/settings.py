"""What can be set about the hub, each with its unit, its default and the reason for it."""

from dataclasses import dataclass, field

from .addresses import parse_address

__all__ = ["HubSettings"]


@dataclass(frozen=True)
class HubSettings:
    data_dir: str = field(
        default="~/.flotilla", metadata={"help": "where keys, tokens and the embedded NATS keep their files"}
    )
    listen: str = field(
        default="127.0.0.1:7443", metadata={"help": "address of the API, HTTPS; port 0 picks a free one"}
    )
    advertise: str = field(
        default="", metadata={"help": "host name or address under which clients and agents reach this hub"}
    )
    """Empty: the address listened on. It goes into kubeconfigs, tokens and the server certificate."""

    nats: str = field(default="", metadata={"help": "URL of a NATS server to use instead of starting one"})
    nats_listen: str = field(
        default="127.0.0.1:7422", metadata={"help": "address of the embedded NATS; port 0 picks a free one"}
    )
    nats_credentials: str = field(default="", metadata={"help": "credentials file for --nats"})
    nats_advertise: str = field(
        default="", metadata={"help": "NATS URL given to registering agents, if not the one used here"}
    )
    replicas: int = field(default=1, metadata={"help": "copies of each stream; 3 on a NATS cluster"})

    remote: bool = field(default=True, metadata={"help": "also start the agent that serves all Push clusters"})
    grace: float = field(
        default=30.0, metadata={"help": "seconds without a heartbeat after which a cluster is Unknown"}
    )
    """Three heartbeats of 10 s. With the monitor's own step the loss shows within 40 s, as in Karmada."""

    remote_heartbeat: float = field(
        default=10.0, metadata={"help": "seconds between heartbeats of the Push clusters' agent"}
    )
    log_level: str = field(default="INFO", metadata={"help": "DEBUG, INFO, WARNING or ERROR"})

    def __post_init__(self) -> None:
        """Raises BadSetting: a mistyped address is told before anything is started."""
        parse_address(self.listen, "--listen")
        parse_address(self.nats_listen, "--nats-listen")
