"""Which clusters a binding goes to, and with how many replicas. Pure; `controllers.scheduler` does the I/O around it.

`outcome.schedule` is the way in; `decide.decide` runs filter → score → select → assign for a Request over a Snapshot.
"""
