"""Every knob of the agent's engine and targets, each with the reason for its default. Parts get their own object."""

from dataclasses import dataclass, field

__all__ = ["AgentSettings", "EngineSettings", "KubernetesSettings", "LinkSettings", "RemoteSettings"]


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How hard one engine works on its cluster, and how patient it is."""

    workers: int = 16
    """Works in progress at once. An apply waits for the API server nearly all its time, and more only queue there."""

    patience: float = 1.0
    """Seconds a failure that may pass is kept to ourselves. A namespace that arrives 50 ms after what lives in it is no
    news; one that is still missing after a second is."""

    second_look: float = 60.0
    """Seconds after which a Work that was refused or found invalid is looked at again. Nobody tells us that a user has
    removed the object in our way, since objects that are not ours are not watched."""

    longest_peace: float = 60.0
    """Upper bound in seconds of the wait before a repair that keeps being undone. Two controllers that disagree about a
    field would otherwise keep the API server busy for ever."""

    max_delay: float = 15.0
    """Upper bound in seconds of the back-off of one Work. The engine is also woken when its cluster answers again, so
    this bounds the wait after troubles that concern one object only."""

    facts_timeout: float = 20.0
    """Seconds for one look at the cluster's own state. Longer than one request may take, shorter than the 40 s after
    which the hub calls a silent cluster unknown."""


@dataclass(frozen=True, slots=True)
class KubernetesSettings:
    """How the agent talks to one Kubernetes API server."""

    request_timeout: float = 30.0
    """Seconds for one request: half of the API server's own limit, so that a hanging webhook frees our worker first."""

    probe_timeout: float = 5.0
    """Seconds for `/readyz`: a server that cannot answer this in time is not one to send work to."""

    watch_seconds: int = 120
    """Length of one watch, before jitter. A dead connection is noticed when this and a margin are over."""

    watch_margin: float = 10.0
    """Seconds more than the watch the socket may stay silent. The server ends a watch by itself when its time is over;
    silence beyond that means nobody is there."""

    page: int = 250
    """Objects per page of a list: what bounds memory while a large cluster is listed."""

    max_delay: float = 30.0
    """Upper bound in seconds of a watch's back-off while its server is away."""

    summary_every: float = 30.0
    """Seconds between two sums of nodes and pods. In a busy cluster they never stay the same, and the hub is to hear of
    it less often than of a heartbeat."""

    summary_tolerance: float = 0.001
    """Share of what the cluster can hand out by which its sums may move without being told. In a cluster of thousands
    of nodes pods come and go all the time; the hub would store each of its sums, and divide no replica otherwise."""

    summary_at_least_every: float = 300.0
    """Seconds after which also such a small change is told."""

    census_page: int = 100
    """Nodes or pods per page: they are ten times the size of what we apply, and a large cluster has many pages."""

    census_breath: float = 0.25
    """Seconds for which changes of nodes and pods gather. A busy cluster has some tens a second; read one by one, most
    of what they cost is to be woken for each."""

    census_patience: float = 15.0
    """Seconds for which the first report on a cluster waits for its nodes and pods to be counted. Without it a large
    cluster would be ready and seem to have no room."""

    connections: int = 256
    """Open connections at most: one for each watched kind, one for each worker, and some."""


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How often the hub hears from us."""

    heartbeat: float = 10.0
    """Seconds between heartbeats. Three missed ones mark the cluster Unknown, so 30 s is the time to notice a loss."""

    facts_every: float = 10.0
    """Seconds between two looks at the cluster's own state; only what changed is sent."""


@dataclass(frozen=True)
class AgentSettings:
    """What `flotilla agent run` needs to know; `flotilla register` writes it as `agent.yaml`."""

    cluster: str = field(default="", metadata={"help": "name of this cluster on the hub"})
    nats_urls: str = field(default="", metadata={"help": "NATS URLs of the hub, separated by commas"})
    credentials: str = field(default="", metadata={"help": "NATS credentials file, as written by flotilla register"})
    data_dir: str = field(
        default="", metadata={"help": "where the journal is kept; the settings file's folder by default"}
    )
    target: str = field(default="kubernetes", metadata={"help": "kubernetes, or memory for a simulated cluster"})
    kubeconfig: str = field(
        default="", metadata={"help": "of this cluster; by default the pod's own, else ~/.kube/config"}
    )
    context: str = field(default="", metadata={"help": "context of that kubeconfig"})
    heartbeat: float = field(default=10.0, metadata={"help": "seconds between heartbeats"})
    log_level: str = field(default="INFO", metadata={"help": "DEBUG, INFO, WARNING or ERROR"})


@dataclass(frozen=True)
class RemoteSettings:
    """What `flotilla agent remote` needs to know; the hub that starts it passes all of it."""

    hub_kubeconfig: str = field(
        default="", metadata={"help": "of the hub's API, to read Push clusters and their secrets"}
    )
    nats_urls: str = field(default="", metadata={"help": "NATS URLs of the hub, separated by commas"})
    credentials: str = field(default="", metadata={"help": "NATS credentials file"})
    data_dir: str = field(default="", metadata={"help": "where the journals are kept"})
    heartbeat: float = field(default=10.0, metadata={"help": "seconds between heartbeats"})
    log_level: str = field(default="INFO", metadata={"help": "DEBUG, INFO, WARNING or ERROR"})
