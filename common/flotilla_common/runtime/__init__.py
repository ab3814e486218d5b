"""How work is run: keyed queues, reconcile loops, back-off, supervised children."""
