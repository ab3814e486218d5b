"""What a namespace may use of all clusters together, and what it does use: FederatedResourceQuota. Pure."""
