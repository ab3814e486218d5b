"""What a user may write in `Cluster.spec`; the scheduler's reading of a whole Cluster is in `cluster.py`."""

from typing import Literal

from pydantic import Field

from .base import Model

__all__ = ["ClusterSpec", "ClusterTaint", "ModelRange", "ResourceModel", "SecretReference"]


class SecretReference(Model):
    namespace: str = ""
    name: str = ""


class ClusterTaint(Model):
    key: str
    value: str = ""
    effect: str
    time_added: str | None = None


class ModelRange(Model):
    """How much of one resource a node of the grade has free: `min` included, `max` not; quantities."""

    name: str
    min: str | int | float
    max: str | int | float


class ResourceModel(Model):
    grade: int = Field(ge=0)
    ranges: tuple[ModelRange, ...] = ()


class ClusterSpec(Model):
    id: str | None = None
    sync_mode: Literal["Push", "Pull"]
    api_endpoint: str = ""
    secret_ref: SecretReference | None = None
    impersonator_secret_ref: SecretReference | None = None
    insecure_skip_tls_verification: bool = Field(default=False, alias="insecureSkipTLSVerification")
    proxy_url: str = Field(default="", alias="proxyURL")
    proxy_header: dict[str, str] | None = None
    provider: str = ""
    region: str = ""
    zone: str = ""
    zones: tuple[str, ...] | None = None
    taints: tuple[ClusterTaint, ...] | None = None
    resource_models: tuple[ResourceModel, ...] | None = None
