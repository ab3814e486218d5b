"""The heart of the agent: how one cluster is made to hold its Works. All but engine, executor and target are pure."""
