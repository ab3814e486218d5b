"""What hub and agents must agree on: names on the wire, messages, and the knowledge of each kind."""
