"""The agent: applies a cluster's Works to that cluster's Kubernetes API and reports back what became of them."""
