"""What every binding uses of its namespace's quotas, kept up to date by events; no write may go beyond them.

Whoever writes a binding (the scheduler, the detector, a user) goes through `charging`, as all of upstream's go through
one webhook. Nothing waits between the check and the charge, so two decisions at once cannot both get the last core.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

from flotilla_common.objects import Obj
from flotilla_hub.features import Features

from ..quota.limits import QuotaExceeded, why_exceeded
from ..quota.usage import Usage, highest, summed, usage_of
from ..store.objects import Event, Objects
from ..store.port import Key
from .controller import BINDINGS

__all__ = ["QUOTAS", "QuotaLedger"]

QUOTAS = "federatedresourcequotas.policy.karmada.io"


class QuotaLedger:
    """Create it before the controllers subscribe. ClusterResourceBindings use nobody's quota."""

    def __init__(self, objects: Objects, features: Features) -> None:
        self._objects = objects
        self._by_components = features.enabled("MultiplePodTemplatesScheduling")
        self._used: dict[Key, Usage] = {}
        self._sums: dict[str, dict[str, Fraction]] = {}
        for record in objects.list(BINDINGS).items:
            self._note(record.key, self._usage_of(record.obj()))
        objects.subscribe(self._notice)

    def of_namespace(self, namespace: str) -> Usage:
        return self._sums.get(namespace, {})

    @contextmanager
    def charging(self, key: Key, binding: Obj) -> Iterator[None]:
        """Round the write of a binding: it is charged the larger of before and after until it is known which holds.

        Raises QuotaExceeded.
        """
        before, after = self._used.get(key, {}), self._usage_of(binding)
        if after != before:
            self._check(key.namespace, before, after)
        self._note(key, highest(before, after))
        try:
            yield
        finally:
            self._note(key, self._usage_of(self._objects.look(key)))

    def _check(self, namespace: str, before: Usage, after: Usage) -> None:
        quotas = [record.obj() for record in self._objects.list(QUOTAS, namespace).items]
        why = why_exceeded(quotas, self.of_namespace(namespace), before, after) if quotas else None
        if why is not None:
            raise QuotaExceeded(why)

    def _notice(self, event: Event) -> None:
        key = event.record.key
        if key.resource == BINDINGS:
            self._note(key, {} if event.type == "DELETED" else self._usage_of(event.record.seen()))

    def _usage_of(self, binding: Obj | None) -> Usage:
        return usage_of(binding, by_components=self._by_components) if binding is not None else {}

    def _note(self, key: Key, usage: Usage) -> None:
        was = self._used.pop(key, {})
        if usage:
            self._used[key] = usage
        if usage != was:
            minus = {name: -amount for name, amount in was.items()}
            sums = summed((self._sums.get(key.namespace, {}), minus, usage))
            self._sums[key.namespace] = {name: amount for name, amount in sums.items() if amount}
