"""A client of a Kubernetes API, the hub's or a member's, for our command line: kubeconfigs, discovery, verbs, apply."""

from .api import Client, connect
from .discovery import Served
from .kubeconfig import Access

__all__ = ["Access", "Client", "Served", "connect"]
