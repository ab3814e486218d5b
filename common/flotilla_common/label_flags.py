"""Labels on a command line: `KEY=VALUE,...`. Pure."""

from .errors import Terminal

__all__ = ["parse_labels"]


def parse_labels(text: str, flag: str) -> dict[str, str]:
    """The labels in `text`, none when it is empty. Raises Terminal naming `flag` and the part that is no pair."""
    pairs = [pair.partition("=") for pair in text.split(",")] if text else []
    if wrong := [pair for pair in pairs if not (pair[0] and pair[1])]:
        raise Terminal(f"{flag} is written KEY=VALUE,...; {''.join(wrong[0])!r} is no such pair")
    return {key: value for key, _, value in pairs}
