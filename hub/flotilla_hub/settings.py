"""What can be set about the hub, each with its unit, its default and the reason for it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from flotilla_common.settings import BadSetting

from .addresses import parse_address
from .detector.skip import Skips
from .eviction.settings import EvictionSettings
from .features import Features
from .rules import Rules
from .scheduler.asking import Estimating
from .scheduler.profile import DEFAULT_SCHEDULER, Profile

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
    feature_gates: str = field(
        default="", metadata={"help": "gates to turn on or off, as in Name=true,Other=false; see docs/feature-gates.md"}
    )
    skipped_propagating_apis: str = field(
        default="",
        metadata={"help": "APIs never propagated: group, group/version or group/version/Kind,Kind; separated by ';'"},
    )
    skipped_propagating_namespaces: str = field(
        default="kube-.*", metadata={"help": "namespaces never propagated: regular expressions separated by ','"}
    )
    scheduler_name: str = field(
        default=DEFAULT_SCHEDULER, metadata={"help": "place the bindings that name this scheduler"}
    )
    plugins: str = field(
        default="*", metadata={"help": "scheduler plugins, as in *,-TaintToleration: all but those with a minus"}
    )
    enable_empty_workload_propagation: bool = field(
        default=False, metadata={"help": "send workloads scaled to zero to chosen clusters that get no replica"}
    )
    enable_scheduler_estimator: bool = field(
        default=False, metadata={"help": "ask agents how much room single nodes have before replicas are divided by it"}
    )
    scheduler_estimator_timeout: float = field(
        default=3.0, metadata={"help": "seconds for which their answers are waited for"}
    )
    disable_scheduler_estimator_in_pull_mode: bool = field(
        default=False, metadata={"help": "ask only the agent of the Push clusters"}
    )
    enable_no_execute_taint_eviction: bool = field(
        default=False, metadata={"help": "NoExecute taints evict what does not tolerate them; needs the gate Failover"}
    )
    no_execute_taint_eviction_purge_mode: str = field(
        default="Gracefully", metadata={"help": "Directly or Gracefully, for policies that do not say"}
    )
    resource_eviction_rate: float = field(default=0.5, metadata={"help": "evictions a second at most"})
    graceful_eviction_timeout: float = field(
        default=600.0, metadata={"help": "seconds after which an eviction is over, unless its task says otherwise"}
    )
    log_level: str = field(default="INFO", metadata={"help": "DEBUG, INFO, WARNING or ERROR"})

    def __post_init__(self) -> None:
        """Raises BadSetting: a mistyped address is told before anything is started."""
        parse_address(self.listen, "--listen")
        parse_address(self.nats_listen, "--nats-listen")
        self.rules()

    def rules(self) -> Rules:
        """Raises BadSetting naming the flag."""
        gates = _read("--feature-gates", lambda: Features.parse(self.feature_gates))
        _read("--skipped-propagating-apis", lambda: Skips.parse(apis=self.skipped_propagating_apis))
        skips = _read(
            "--skipped-propagating-namespaces",
            lambda: Skips.parse(self.skipped_propagating_apis, self.skipped_propagating_namespaces),
        )
        return Rules(gates, skips, self._scheduling(gates), _read("evictions", self._eviction), self._estimating(gates))

    def _scheduling(self, gates: Features) -> Profile:
        propagate_empty = self.enable_empty_workload_propagation
        profile = _read(
            "--plugins", lambda: Profile.of(gates, self.plugins, self.scheduler_name, propagate_empty=propagate_empty)
        )
        return replace(profile, grace=self.grace)

    def _estimating(self, gates: Features) -> Estimating | None:
        if not self.enable_scheduler_estimator:
            return None
        if self.scheduler_estimator_timeout <= 0:
            raise BadSetting("--scheduler-estimator-timeout: must be above 0 seconds")
        pull = not self.disable_scheduler_estimator_in_pull_mode
        return Estimating(self.scheduler_estimator_timeout, pull, gates.enabled("ResourceQuotaEstimate"))

    def _eviction(self) -> EvictionSettings:
        return EvictionSettings(
            taint_eviction=self.enable_no_execute_taint_eviction,
            purge_mode=self.no_execute_taint_eviction_purge_mode,
            rate=self.resource_eviction_rate,
            timeout=self.graceful_eviction_timeout,
        )


T = TypeVar("T")


def _read(flag: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except (ValueError, re.error) as err:
        raise BadSetting(f"{flag}: {err}") from err
