"""PropagationPolicies as a user submits them, and what admission has to say about them."""

from typing import Any

from flotilla_common.objects import Obj
from flotilla_hub.admission import ADMIT
from tests.unit.hub.build import selector

NOW, ID = "2026-01-01T00:00:00Z", "11111111-1111-1111-1111-111111111111"
PP, CPP = ADMIT["propagationpolicies.policy.karmada.io"], ADMIT["clusterpropagationpolicies.policy.karmada.io"]
LABEL = "propagationpolicy.karmada.io/permanent-id"


def submitted(namespace: str = "default", **spec: Any) -> Obj:
    metadata = {"name": "web", **({"namespace": namespace} if namespace else {})}
    kind = "PropagationPolicy" if namespace else "ClusterPropagationPolicy"
    return {"kind": kind, "metadata": metadata, "spec": {"resourceSelectors": [selector("nginx")], **spec}}


def errors(namespace: str = "default", **spec: Any) -> list[str]:
    return [str(e) for e in PP.validate(PP.default(submitted(namespace, **spec), NOW, ID), None)]


def placed(**placement: Any) -> dict[str, Any]:
    return {"placement": placement}


NAMES = {"clusterNames": ["m1"]}
REGION = {"spreadByField": "region"}
DYNAMIC = {"replicaSchedulingType": "Divided", "weightPreference": {"dynamicWeight": "AvailableReplicas"}}
OVERFLOW = [{"affinityName": "b", "affinity": NAMES}]
APP: Obj = {"application": {"decisionConditions": {}}}
