"""Failover: of the clusters in the user's order one serves alone, and when it fails the next takes over. Pure.

Everything it goes by is stored: the clusters' conditions, and in the binding's `status.failover` who serves, since when
its workload is unhealthy, and which clusters were left for that reason. How the places are changed is in `handover`;
why it is so, in docs/adr/0013-strategies.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from flotilla_common.kinds import UNHEALTHY
from flotilla_common.objects import Obj
from flotilla_common.times import seconds_since

from ..model.cluster import Cluster
from ..model.policy import Takeover
from ..scheduler.decide import Decision, Failure, Target, no_fit
from ..scheduler.plugins.taint_toleration import tolerates
from ..scheduler.profile import DEFAULT, Profile
from ..scheduler.request import Request
from ..scheduler.snapshot import Snapshot
from .ranking import Ranked, ranking

__all__ = ["Choice", "choose"]

_TOLD = 5
"""Clusters named in a message; of more, it says how many."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`well`, `reason` and `message` make the Serving condition, `record` goes to `status.failover` (see `serving`).

    `again`: seconds after which time alone may change it.
    """

    decision: Decision
    well: bool
    reason: str
    message: str
    record: Mapping[str, Any] = field(default_factory=dict)
    again: float | None = None


def choose(binding: Obj, request: Request, snapshot: Snapshot, now: str, profile: Profile = DEFAULT) -> Choice:
    """Asked again with its answer stored it gives the same one, until a cluster or the clock says otherwise."""
    return _Choosing(binding, request, snapshot, now, profile).choice()


class _Choosing:
    def __init__(self, binding: Obj, request: Request, snapshot: Snapshot, now: str, profile: Profile) -> None:
        strategy = request.placement.scheduler_strategy
        self._settings = (strategy and strategy.failover) or Takeover()
        status = binding.get("status") or {}
        self._health = {i.get("clusterName"): i.get("health") for i in status.get("aggregatedStatus") or ()}
        self._record: Mapping[str, Any] = status.get("failover") or {}
        self._request, self._snapshot, self._now, self._profile = request, snapshot, now, profile
        self._ranking, self._rejected = ranking(request, snapshot, profile.filters)
        delay, left = self._settings.return_delay_seconds, self._record.get("left") or {}
        # When clusters were left because the workload was unhealthy there, for as long as that counts.
        self._left = {name: then for name, then in left.items() if seconds_since(then, now, unreadable=inf) < delay}
        if (evicted := self._record.get("serving")) in request.evicting and evicted not in request.previous:
            self._left.setdefault(str(evicted), now)  # an eviction took it from there, which says as much
        self._waits: list[float] = []
        """Seconds until something will be so that is not so yet."""

    def choice(self) -> Choice:
        serving = self._serving()
        sick = self._unhealthy(serving) if serving else ""
        trouble = (self._trouble(serving) or sick) if serving else ""
        if serving and not trouble:
            return self._settled(self._preferred(serving) or serving, True)
        taker = self._first_able(serving)
        if taker and sick:
            self._left[serving] = self._now
        if taker:
            return self._settled(taker, True)
        if self._find(serving, usable=False):
            return self._settled(serving, False, trouble)
        return self._nowhere(trouble)

    def _serving(self) -> str:
        """Who serves now; of several, when the strategy is new to the binding, the first that is well."""
        present = [] if self._request.fresh else list(self._request.previous)
        if self._record.get("serving") in present:
            return str(self._record["serving"])
        ranked = [one for one in self._ranking if one.name in present and not one.why]
        well = [one.name for one in ranked if one.cluster.ready == "True"]
        return next(iter([*well, *(one.name for one in ranked), *present]), "")

    def _trouble(self, name: str) -> str:
        """Why the serving cluster has failed, whatever the workload; empty while it has not."""
        one = self._find(name, usable=True)
        if one is None:
            gone = "it is leaving" if self._snapshot.get(name) else "there is no such cluster"
            return f"cluster {name} may not be used any more: {self._rejected.get(name, gone)}"
        unready = _unready(one)
        if unready and self._is_early(one.cluster.ready_since, self._patience(one.cluster)):
            unready = ""
        return self._drained(one.cluster) or unready

    def _patience(self, cluster: Cluster) -> float:
        """Seconds for which it may be not Ready. One hiccup of its API must not move everything."""
        if self._settings.toleration_seconds is not None:
            return self._settings.toleration_seconds
        return 0 if cluster.ready == "Unknown" else self._profile.grace

    def _drained(self, cluster: Cluster) -> str:
        tolerations = self._request.placement.cluster_tolerations or ()
        for taint in cluster.taints:
            if taint.effect == "NoExecute" and not any(tolerates(t, taint) for t in tolerations):
                return f"it has untolerated taint {{{taint}}}"
        return ""

    def _unhealthy(self, name: str) -> str:
        patience, since = self._settings.unhealthy_seconds, self._unhealthy_since(name)
        if patience is None or not since or self._is_early(since, patience):
            return ""
        return f"the workload is unhealthy there since {since}"

    def _unhealthy_since(self, name: str) -> str:
        if self._settings.unhealthy_seconds is None or self._health.get(name) != UNHEALTHY:
            return ""
        return str(self._record.get("unhealthySince") or self._now) if self._record.get("serving") == name else ""

    def _is_early(self, then: str, patience: float) -> bool:
        """Whether fewer than `patience` seconds have passed since; if so, we look again when they have."""
        missing = patience - seconds_since(then, self._now, unreadable=inf)
        if missing > 0:
            self._waits.append(missing)
        return missing > 0

    def _first_able(self, failed: str) -> str:
        """The first cluster that can take over."""
        for one in self._ranking:
            if one.name == failed or one.why or one.cluster.ready != "True" or self._drained(one.cluster):
                continue
            if not self._is_early(self._left.get(one.name, ""), self._settings.return_delay_seconds):
                return one.name
        return ""

    def _preferred(self, serving: str) -> str:
        """A cluster that comes before the serving one and has been well long enough to be returned to."""
        if not self._settings.return_to_preferred:
            return ""
        delay = self._settings.return_delay_seconds
        for one in self._before(serving):
            if one.why or one.cluster.ready != "True" or self._drained(one.cluster):
                continue
            times = (one.cluster.ready_since, self._left.get(one.name, ""))
            if not any([self._is_early(then, delay) for then in times]):
                return one.name
        return ""

    def _settled(self, name: str, well: bool, trouble: str = "") -> Choice:
        is_same = self._record.get("serving") == name
        since = self._unhealthy_since(name) if is_same else ""
        record = {
            "serving": name,
            "since": self._record.get("since", self._now) if is_same else self._now,
            **({"unhealthySince": since} if since else {}),
            **({"left": dict(sorted(self._left.items()))} if self._left else {}),
        }
        replicas = self._request.replicas if self._request.is_divisible else None
        # Told as of the result, so that choosing once more, from there, tells the same.
        ranked, rejected = ranking(
            replace(self._request, previous={name: replicas or 0}), self._snapshot, self._profile.filters
        )
        group = next((one.group for one in ranked if one.name == name), "")
        decision = Decision((Target(name, replicas),), rejected, affinity_name=group)
        reason, message = self._told(name, ranked) if well else self._stuck(name, trouble)
        return Choice(decision, well, reason, message, record, min(self._waits, default=None))

    def _told(self, name: str, ranked: list[Ranked]) -> tuple[str, str]:
        first = ranked[0] if ranked else None
        if first is None or first.name == name:
            return "Preferred", f"{name} serves, the first of {len(ranked)} clusters"
        return "FailedOver", f"{name} serves instead of {first.name}: {self._why_not(first)}"

    def _why_not(self, one: Ranked) -> str:
        """Why a cluster that comes first does not serve."""
        if why := self._drained(one.cluster) or _unready(one) or one.why:
            return why
        if one.name in self._left:
            return f"the workload was unhealthy there at {self._left[one.name]}"
        if not self._settings.return_to_preferred:
            return "it is well again, and returnToPreferred is not set"
        return f"it is to be well for {self._settings.return_delay_seconds} seconds before it serves again"

    def _stuck(self, name: str, trouble: str) -> tuple[str, str]:
        return "NoHealthyCluster", f"{name} keeps it ({trouble}), as no other can take over: {self._others(name)}"

    def _nowhere(self, trouble: str) -> Choice:
        """A cluster that may not be used any more is left even so; else what there is stays as it is."""
        failure = no_fit(len(self._snapshot), self._rejected)
        if any(not one.why for one in self._ranking):
            reason = "NoClusterFit" if trouble else "Unschedulable"
            failure = Failure(reason, f"no cluster is Ready: {self._others('')}")
        decision = Decision(rejected=self._rejected, failure=failure)
        return Choice(decision, False, failure.reason, failure.message, again=min(self._waits, default=None))

    def _find(self, name: str, *, usable: bool) -> Ranked | None:
        return next((one for one in self._ranking if one.name == name and not (usable and one.why)), None)

    def _before(self, name: str) -> Iterator[Ranked]:
        for one in self._ranking:
            if one.name == name:
                return
            yield one

    def _others(self, name: str) -> str:
        why = {one.name: self._why_not(one) for one in self._ranking if one.name != name}
        told = [f"{cluster}: {reason}" for cluster, reason in list(why.items())[:_TOLD]]
        more = [f"and {len(why) - _TOLD} more"] if len(why) > _TOLD else []
        return "; ".join([*told, *more]) or "there is none"


def _unready(one: Ranked) -> str:
    cluster = one.cluster
    if cluster.ready == "True":
        return ""
    return f"its Ready condition is {cluster.ready} since {cluster.ready_since or 'it joined'}"
