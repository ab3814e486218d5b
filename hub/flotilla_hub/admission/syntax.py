"""The spellings Kubernetes allows for names and labels, each with the reason a value is not one. Pure."""

import re

__all__ = [
    "not_a_dns_label",
    "not_a_label_key",
    "not_a_label_name",
    "not_a_label_value",
    "not_a_pointer",
    "not_an_annotation_key",
]

_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_POINTER = re.compile(r"(/([^~/]|~[01])*)*")


def not_a_dns_label(text: str, at_most: int = 63) -> str | None:
    """Why `text` is no RFC 1123 label, or None."""
    if len(text) > at_most:
        return f"must be no more than {at_most} characters"
    if not _DNS_LABEL.fullmatch(text):
        return "must consist of lower case letters, digits or '-', and must start and end with a letter or digit"
    return None


def not_a_label_name(text: str) -> str | None:
    """Why `text` cannot be the part of a label key behind the slash, or None."""
    if not text:
        return "must not be empty"
    if len(text) > 63:
        return "must be no more than 63 characters"
    if not _NAME.fullmatch(text):
        return "must consist of letters, digits, '-', '_' or '.', and must start and end with a letter or digit"
    return None


def not_a_label_key(text: str) -> str | None:
    """Why `text` is no `name` or `prefix/name`, or None."""
    prefix, slash, name = text.rpartition("/")
    if slash and (len(prefix) > 253 or not _DNS_SUBDOMAIN.fullmatch(prefix)):
        return "the prefix must be a DNS subdomain of at most 253 characters"
    return not_a_label_name(name)


def not_an_annotation_key(text: str) -> str | None:
    # The prefix of an annotation may be upper case: Kubernetes checks it in lower case.
    prefix, slash, name = text.rpartition("/")
    return not_a_label_key(prefix.lower() + slash + name)


def not_a_label_value(text: str) -> str | None:
    return not_a_label_name(text) if text else None


def not_a_pointer(text: str) -> str | None:
    """Why `text` is no JSON pointer (RFC 6901), or None."""
    if text and not text.startswith("/"):
        return "a JSON pointer must be empty or start with '/'"
    if not _POINTER.fullmatch(text):
        return "'~' in a JSON pointer must be written '~0', and '/' in a key '~1'"
    return None
