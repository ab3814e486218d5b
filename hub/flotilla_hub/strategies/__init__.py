"""Our own ways of getting a workload, or a change of it, to the clusters: `placement.schedulerStrategy`. Pure.

`failover` takes the place of the scheduler's own decision; `handover` and `rolling_update` say which of the Works a
binding asks for may go out now, and which of those it no longer asks for must stay a while.
"""
