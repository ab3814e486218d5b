"""To be spread by provider, region or zone a cluster must have one; how far to spread is `select`'s affair."""

from ...model.cluster import Cluster
from ..request import Request

__all__ = ["filter"]


def filter(request: Request, cluster: Cluster) -> str | None:
    if not request.placement.spread_constraints:
        return None
    fields = {constraint.spread_by_field for constraint in request.placement.spread_constraints}
    properties = (
        ("provider", "provider", cluster.provider),
        ("region", "region", cluster.region),
        ("zone", "zones", cluster.zones),
    )
    for field, name, value in properties:
        if field in fields and not value:
            return f"cluster(s) did not have {name} property"
    return None
