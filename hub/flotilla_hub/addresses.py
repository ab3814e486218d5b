"""Addresses to listen on, as settings write them: `HOST:PORT`, `[::1]:PORT` or `:PORT`. Pure."""

from flotilla_common.settings import BadSetting

__all__ = ["address", "parse_address"]


def parse_address(text: str, flag: str) -> tuple[str, int]:
    """(host without brackets, port); no host is 127.0.0.1. Raises BadSetting naming `flag`."""
    host, colon, port = text.rpartition(":")
    is_port = port.isascii() and port.isdigit() and int(port) < 65536
    # Two colons and no brackets: nobody can tell where an IPv6 host ends.
    is_host = ":" not in host or (host.startswith("[") and host.endswith("]"))
    if not (colon and is_port and is_host):
        raise BadSetting(f"{flag}: {text!r} is not HOST:PORT with a port of 0 to 65535, such as 127.0.0.1:7443")
    return host.strip("[]") or "127.0.0.1", int(port)


def address(host: str, port: int) -> str:
    """As URLs and configuration files have it: an IPv6 host is in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
