"""What the columns of Services, Ingresses, Endpoints and EndpointSlices show."""

from collections.abc import Iterable
from typing import Any

from flotilla_common.objects import Obj

from .columns import NONE, dig

__all__ = [
    "endpoints",
    "external_ip",
    "ingress_ports",
    "load_balancer",
    "ports",
    "rules_hosts",
    "slice_endpoints",
    "slice_ports",
]


def external_ip(obj: Obj, now: str) -> str:
    own: list[str] = list(dig(obj, "spec.externalIPs", ()))
    kind = dig(obj, "spec.type", "ClusterIP")
    if kind == "ExternalName":
        return str(dig(obj, "spec.externalName", NONE))
    if kind == "LoadBalancer":
        return ",".join([*_ingress_points(obj), *own]) or "<pending>"
    return ",".join(own) or NONE


def _ingress_points(obj: Obj) -> Iterable[str]:
    for point in dig(obj, "status.loadBalancer.ingress", ()):
        yield str(point.get("ip") or point.get("hostname") or "")


def load_balancer(obj: Obj, now: str) -> str:
    return ",".join(_ingress_points(obj))


def ports(obj: Obj, now: str) -> str:
    return ",".join(map(_port, dig(obj, "spec.ports", ()))) or NONE


def _port(port: dict[str, Any]) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port')}{node}/{port.get('protocol', 'TCP')}"


def rules_hosts(obj: Obj, now: str) -> str:
    return ",".join(r["host"] for r in dig(obj, "spec.rules", ()) if r.get("host")) or "*"


def ingress_ports(obj: Obj, now: str) -> str:
    return "80, 443" if dig(obj, "spec.tls") else "80"


def endpoints(obj: Obj, now: str) -> str:
    found = [
        f"{address.get('ip')}:{port.get('port')}"
        for subset in dig(obj, "subsets", ())
        for address in subset.get("addresses") or ()
        for port in subset.get("ports") or ({"port": ""},)
    ]
    return _first(found, 3)


def slice_ports(obj: Obj, now: str) -> str:
    return _first([str(p.get("port")) for p in dig(obj, "ports", ())], 3, "<unset>")


def slice_endpoints(obj: Obj, now: str) -> str:
    return _first([a for e in dig(obj, "endpoints", ()) for a in e.get("addresses") or ()], 3, "<unset>")


def _first(words: list[str], limit: int, empty: str = NONE) -> str:
    more = f" + {len(words) - limit} more..." if len(words) > limit else ""
    return ",".join(words[:limit]) + more or empty
