"""Works on their way to the agents, and the agents' reports on them."""
