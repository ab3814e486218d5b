"""A fleet that costs little: thousands of agents in one process, each with the real link and its own connection."""
