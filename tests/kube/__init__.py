"""Real Kubernetes API servers for the tests: the tools, the certificates and the clusters."""
