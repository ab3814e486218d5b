"""Bytes over one NATS connection since it was opened, as the kernel counts them, with all overhead of NATS."""

import os
import socket
import struct
from typing import Any, NamedTuple

from flotilla_common.bus import Bus

__all__ = ["Wire", "bytes_of"]

_COUNTERS = struct.Struct("=QQ")
_OFFSET = 120
"""Of tcpi_bytes_acked in struct tcp_info, with tcpi_bytes_received behind it; Linux 4.1 and later."""


class Wire(NamedTuple):
    sent: int
    received: int


def bytes_of(bus: Bus) -> Wire:
    """Zero while there is no connection."""
    client: Any = bus._client
    writer = getattr(client._transport, "_io_writer", None)
    if writer is None or not bus.connected:
        return Wire(0, 0)
    # The loop's own socket refuses most calls; a copy of its descriptor answers.
    with socket.socket(fileno=os.dup(writer.get_extra_info("socket").fileno())) as copy:
        info = copy.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
    return Wire(*_COUNTERS.unpack_from(info, _OFFSET))
