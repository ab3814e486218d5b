"""When a workload must leave a cluster it was placed in, and when its copy there may go. Pure.

`untolerated` and `unhealthy` say when, `tasks` what leaving does to a binding and when it is over; the controllers
`taint_manager`, `application_failover` and `graceful_eviction` do the I/O around them. Upstream's gates and flags turn
all of it on: by default nothing is ever evicted.
"""
