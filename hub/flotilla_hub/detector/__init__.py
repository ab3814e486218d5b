"""Which policy a template follows, and the binding that says so. Pure; the detector controller acts on it."""
