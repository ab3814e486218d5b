"""The hub's Kubernetes API: any Kubernetes client is a client of the hub. What may be stored, admission/ decides."""
