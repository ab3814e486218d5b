"""The embedded NATS server: its configuration, its streams, its keys, and who may reach what.

Nothing here is used with `--nats URL`, except `streams`, and `credentials` when that server trusts our operator.
"""
