"""ServiceAccount and Secret (core): what a member's token controller adds to them stays."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..objects import Obj, annotations_of
from .base import Kind, with_value

__all__ = ["SECRET", "SERVICE_ACCOUNT"]

_TOKEN = "kubernetes.io/service-account-token"
_ACCOUNT_UID = "kubernetes.io/service-account.uid"


def _retain_account(desired: Obj, live: Obj) -> Obj:
    for name in ("secrets", "imagePullSecrets"):
        if live.get(name):
            desired = {**desired, name: _joined(desired.get(name) or (), live[name])}
    return desired


def _joined(desired: Iterable[Mapping[str, Any]], live: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    wanted = list(desired)
    names = {entry.get("name") for entry in wanted}
    return wanted + [entry for entry in live if entry.get("name") not in names]


def _retain_token(desired: Obj, live: Obj) -> Obj:
    """A token and the account it is for differ in every member."""
    if desired.get("type") != _TOKEN:
        return desired
    if uid := annotations_of(live).get(_ACCOUNT_UID):
        desired = with_value(desired, ("metadata", "annotations", _ACCOUNT_UID), uid)
    return {**desired, "data": live["data"]} if live.get("data") else desired


SERVICE_ACCOUNT = Kind(retain=_retain_account)
SECRET = Kind(retain=_retain_token)
