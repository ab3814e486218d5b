"""NATS as we use it: a connection that never gives up, acknowledged publishes, and feeds that miss nothing."""

from .connection import EXPECTED, Bus, BusSettings, connect
from .feed import Feed
from .fetch import Entry, read_all

__all__ = ["EXPECTED", "Bus", "BusSettings", "Entry", "Feed", "connect", "read_all"]
