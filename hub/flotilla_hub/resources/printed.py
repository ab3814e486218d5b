"""The columns of `kubectl get`, kind by kind, named and ordered as Kubernetes and Karmada do: scripts parse these.

How a cell is worked out is in cells.py and network_cells.py.
"""

from dataclasses import replace

from . import cells as c
from . import network_cells as n
from .columns import AGE, CREATED_AT, IMAGES, NAME, column, yes_no

__all__ = ["CREATED", "PRINTED"]

CREATED = (CREATED_AT,)

_SELECTOR = column("Selector", c.selector, wide=True)
_REPLICAS = (
    column("Desired", "spec.replicas", "integer"),
    column("Current", "status.replicas", "integer"),
    column("Ready", "status.readyReplicas", "integer"),
    AGE,
    *IMAGES,
    _SELECTOR,
)
_SUBJECTS = (
    column("Role", c.role),
    AGE,
    column("Users", c.subjects("User"), wide=True),
    column("Groups", c.subjects("Group"), wide=True),
    column("ServiceAccounts", c.subjects("ServiceAccount"), wide=True),
)
_WEBHOOKS = (column("Webhooks", c.count("webhooks"), "integer"), AGE)
_POLICY = (
    column("Conflict-Resolution", "spec.conflictResolution"),
    column("Priority", "spec.priority", "integer"),
    AGE,
)
_BINDING = (
    column("Scheduled", c.condition("Scheduled")),
    column("FullyApplied", c.condition("FullyApplied")),
    AGE,
    column("Strategy", c.strategy, wide=True, default=""),
)

_SCALED_KIND = (
    column("Reference-Kind", "spec.scaleTargetRef.kind"),
    column("Reference-Name", "spec.scaleTargetRef.name"),
)

PRINTED = {
    "FederatedHPA": (
        *_SCALED_KIND,
        column("MinPods", "spec.minReplicas", "integer"),
        column("MaxPods", "spec.maxReplicas", "integer"),
        column("Replicas", "status.currentReplicas", "integer"),
        AGE,
    ),
    "CronFederatedHPA": (*_SCALED_KIND, AGE),
    "ResourceInterpreterCustomization": (
        column("Target-API-Version", "spec.target.apiVersion"),
        column("Target-Kind", "spec.target.kind"),
        AGE,
    ),
    "Namespace": (column("Status", "status.phase", default="Active"), AGE),
    "ControllerRevision": (column("Controller", c.owner), column("Revision", "revision", "integer"), AGE),
    "ConfigMap": (column("Data", c.count("data", "binaryData"), "integer"), AGE),
    "Secret": (column("Type", "type", default="Opaque"), column("Data", c.count("data"), "integer"), AGE),
    "Service": (
        column("Type", "spec.type", default="ClusterIP"),
        column("Cluster-IP", "spec.clusterIP"),
        column("External-IP", n.external_ip),
        column("Port(s)", n.ports),
        AGE,
        _SELECTOR,
    ),
    "Pod": (
        column("Ready", c.pod_ready),
        column("Status", c.pod_status),
        column("Restarts", c.pod_restarts),
        AGE,
        column("IP", "status.podIP", wide=True),
        column("Node", "spec.nodeName", wide=True),
        column("Nominated Node", "status.nominatedNodeName", wide=True),
        column("Readiness Gates", c.readiness_gates, wide=True),
    ),
    "PersistentVolumeClaim": (
        column("Status", "status.phase", default="Pending"),
        column("Volume", "spec.volumeName", default=""),
        column("Capacity", "status.capacity.storage", default=""),
        column("Access Modes", c.access_modes("status.accessModes")),
        column("StorageClass", "spec.storageClassName", default=""),
        column("VolumeAttributesClass", "spec.volumeAttributesClassName", default="<unset>"),
        AGE,
        column("VolumeMode", "spec.volumeMode", wide=True, default="<unset>"),
    ),
    "PersistentVolume": (
        column("Capacity", "spec.capacity.storage", default=""),
        column("Access Modes", c.access_modes("spec.accessModes")),
        column("Reclaim Policy", "spec.persistentVolumeReclaimPolicy", default="Retain"),
        column("Status", "status.phase", default="Pending"),
        column("Claim", "spec.claimRef.name", default=""),
        column("StorageClass", "spec.storageClassName", default=""),
        column("VolumeAttributesClass", "spec.volumeAttributesClassName", default="<unset>"),
        column("Reason", "status.reason", default=""),
        AGE,
        column("VolumeMode", "spec.volumeMode", wide=True, default="<unset>"),
    ),
    "ResourceQuota": (column("Request", c.quota(limits=False)), column("Limit", c.quota(limits=True)), AGE),
    "LimitRange": CREATED,
    "ReplicationController": _REPLICAS,
    "Endpoints": (column("Endpoints", n.endpoints), AGE),
    "Event": (
        column(
            "Last Seen",
            c.first_age("series.lastObservedTime", "lastTimestamp", "eventTime", "metadata.creationTimestamp"),
        ),
        column("Type", "type"),
        column("Reason", "reason"),
        column("Object", c.involved),
        column("Subobject", "involvedObject.fieldPath", wide=True, default=""),
        column("Source", c.event_source, wide=True),
        column("Message", "message", default=""),
        column("First Seen", c.first_age("firstTimestamp", "eventTime", "metadata.creationTimestamp"), wide=True),
        column("Count", "count", wide=True, default=1),
        replace(NAME, priority=1),
    ),
    "Deployment": (
        column("Ready", c.ready),
        column("Up-to-date", "status.updatedReplicas", default="0"),
        column("Available", "status.availableReplicas", default="0"),
        AGE,
        *IMAGES,
        _SELECTOR,
    ),
    "StatefulSet": (column("Ready", c.ready), AGE, *IMAGES),
    "DaemonSet": (
        column("Desired", "status.desiredNumberScheduled", "integer"),
        column("Current", "status.currentNumberScheduled", "integer"),
        column("Ready", "status.numberReady", "integer"),
        column("Up-to-date", "status.updatedNumberScheduled", "integer"),
        column("Available", "status.numberAvailable", "integer"),
        column("Node Selector", c.node_selector),
        AGE,
        *IMAGES,
        _SELECTOR,
    ),
    "ReplicaSet": _REPLICAS,
    "Job": (
        column("Status", c.job_status),
        column("Completions", c.completions),
        column("Duration", c.duration),
        AGE,
        *IMAGES,
        _SELECTOR,
    ),
    "CronJob": (
        column("Schedule", "spec.schedule"),
        column("Timezone", "spec.timeZone"),
        column("Suspend", yes_no("spec.suspend"), "boolean"),
        column("Active", c.count("status.active"), "integer"),
        column("Last Schedule", c.schedule_age),
        AGE,
        *IMAGES,
        _SELECTOR,
    ),
    "HorizontalPodAutoscaler": (
        column("Reference", c.hpa_reference),
        column("Targets", c.hpa_targets),
        column("MinPods", "spec.minReplicas", default="<unset>"),
        column("MaxPods", "spec.maxReplicas"),
        column("Replicas", "status.currentReplicas", default="0"),
        AGE,
    ),
    "PodDisruptionBudget": (
        column("Min Available", "spec.minAvailable", default="N/A"),
        column("Max Unavailable", "spec.maxUnavailable", default="N/A"),
        column("Allowed Disruptions", "status.disruptionsAllowed", "integer"),
        AGE,
    ),
    "Ingress": (
        column("Class", "spec.ingressClassName"),
        column("Hosts", n.rules_hosts),
        column("Address", n.load_balancer),
        column("Ports", n.ingress_ports),
        AGE,
    ),
    "NetworkPolicy": (column("Pod-Selector", c.selector), AGE),
    "IngressClass": (column("Controller", "spec.controller"), column("Parameters", "spec.parameters.name"), AGE),
    "EndpointSlice": (
        column("AddressType", "addressType"),
        column("Ports", n.slice_ports),
        column("Endpoints", n.slice_endpoints),
        AGE,
    ),
    "Role": CREATED,
    "RoleBinding": _SUBJECTS,
    "ClusterRole": CREATED,
    "ClusterRoleBinding": _SUBJECTS,
    "PriorityClass": (
        column("Value", "value", "integer"),
        column("Global-Default", yes_no("globalDefault"), "boolean"),
        AGE,
        column("PreemptionPolicy", "preemptionPolicy", default="PreemptLowerPriority"),
    ),
    "StorageClass": (
        column("Provisioner", "provisioner"),
        column("ReclaimPolicy", "reclaimPolicy", default="Delete"),
        column("VolumeBindingMode", "volumeBindingMode", default="Immediate"),
        column("AllowVolumeExpansion", yes_no("allowVolumeExpansion")),
        AGE,
    ),
    "Lease": (column("Holder", "spec.holderIdentity", default=""), AGE),
    "CustomResourceDefinition": CREATED,
    "ValidatingWebhookConfiguration": _WEBHOOKS,
    "MutatingWebhookConfiguration": _WEBHOOKS,
    "PropagationPolicy": _POLICY,
    "ClusterPropagationPolicy": _POLICY,
    "FederatedResourceQuota": (
        column("Overall", c.amounts("status.overall")),
        column("Overall_Used", c.amounts("status.overallUsed")),
    ),
    "ResourceBinding": _BINDING,
    "ClusterResourceBinding": _BINDING,
    "Work": (column("Workload-Kind", c.work_kinds), column("Applied", c.condition("Applied")), AGE),
    "Cluster": (
        column("Version", "status.kubernetesVersion"),
        column("Mode", "spec.syncMode"),
        column("Ready", c.condition("Ready", "Unknown")),
        AGE,
        column("Zones", c.zones, wide=True),
        column("Region", "spec.region", wide=True),
        column("Provider", "spec.provider", wide=True),
        column("API-Endpoint", "spec.apiEndpoint", wide=True),
        column("Proxy-URL", "spec.proxyURL", wide=True),
    ),
}
"""By kind; a kind that is not here prints its name and age."""
