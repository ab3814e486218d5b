"""The agent's side of NATS: Works in, reports out, and a heartbeat that says what is held."""
