"""Kubernetes quantities (`100m`, `1.5Gi`, `2e3`) as exact numbers, and back in Kubernetes' canonical spelling.

Numbers are `Fraction`s: cores for cpu, bytes for memory, plain counts otherwise. Nothing is ever rounded on the way in.
"""

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from math import ceil

from .errors import Invalid

__all__ = ["Resources", "add", "amount_of", "format_amount", "highest", "total", "units_of"]

Resources = dict[str, str]
"""A Kubernetes ResourceList: resource name to quantity."""

_QUANTITY = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)(?:([eE])([+-]?\d{1,3})|(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?))")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_BINARY_NAMES = ("", *_BINARY)
_DECIMAL_NAMES = {power: name for name, power in _DECIMAL.items()}


def amount_of(quantity: str | int | float) -> Fraction:
    """The exact number. Raises Invalid, naming the text, for what Kubernetes would not parse either."""
    return _parse(str(quantity))[0]


@lru_cache(maxsize=4096)
def units_of(resource: str, quantity: str | int | float) -> int:
    """The amount in the unit it is compared in: thousandths of a core for cpu, whole ones otherwise; rounded up."""
    return ceil(amount_of(quantity) * (1000 if resource == "cpu" else 1))


def total(quantities: Iterable[str | int | float]) -> str:
    """Their sum, spelled in the family (binary, decimal, exponent) of the first; `"0"` for none."""
    parsed = [_parse(str(q)) for q in quantities]
    return format_amount(sum((amount for amount, _ in parsed), Fraction(0)), parsed[0][1] if parsed else "")


def add(*lists: Mapping[str, str]) -> Resources:
    """The sum per resource name."""
    return {name: total(r[name] for r in lists if name in r) for name in _names(lists)}


def highest(*lists: Mapping[str, str]) -> Resources:
    """The largest quantity per resource name."""
    return {name: max((r[name] for r in lists if name in r), key=amount_of) for name in _names(lists)}


def format_amount(amount: Fraction | int, family: str = "") -> str:
    """Kubernetes' canonical form: no fraction, the largest unit that keeps it exact, at worst rounded up to nano.

    `family` is "i" (Ki, Mi), "e" (e3, e6) or "" (k, M). Binary falls back to decimal for what is no whole number.
    """
    amount = Fraction(amount)
    if family == "i" and amount.denominator == 1:
        return _binary(amount.numerator)
    nano = ceil(amount * 10**9)
    power = -9
    while nano and nano % 1000 == 0 and power < 18:
        nano, power = nano // 1000, power + 3
    if not nano or not power:
        return str(nano)
    return f"{nano}e{power}" if family == "e" else f"{nano}{_DECIMAL_NAMES[power]}"


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[Fraction, str]:
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        raise Invalid(f"{text!r} is not a quantity; write a number with an optional unit, as in 250m, 2, 512Mi or 1.5G")
    sign, digits, exponent, power, unit = match.groups()
    number = Fraction(digits) * (-1 if sign == "-" else 1)
    if exponent:
        return number * Fraction(10) ** int(power), "e"
    if unit in _BINARY:
        return number * 1024 ** _BINARY[unit], "i"
    return number * Fraction(10) ** _DECIMAL[unit], ""


def _binary(whole: int) -> str:
    power = 0
    while whole and whole % 1024 == 0 and power < 6:
        whole, power = whole // 1024, power + 1
    return f"{whole}{_BINARY_NAMES[power]}"


def _names(lists: Iterable[Mapping[str, str]]) -> dict[str, None]:
    return {name: None for r in lists for name in r}
