"""Quantities: exact numbers, Kubernetes' spelling, sums."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flotilla_common.errors import Invalid
from flotilla_common.quantity import add, amount_of, format_amount, highest, total, units_of

AMOUNTS = [
    pytest.param("2", Fraction(2), id="plain"),
    pytest.param("250m", Fraction(1, 4), id="thousandths"),
    pytest.param("1.5Gi", Fraction(3 * 2**29), id="binary-with-a-fraction"),
    pytest.param("1.5G", Fraction(1_500_000_000), id="decimal-is-not-binary"),
    pytest.param("2e3", Fraction(2000), id="exponent"),
    pytest.param("2E", Fraction(2 * 10**18), id="exa-is-not-an-exponent"),
    pytest.param("-1500m", Fraction(-3, 2), id="negative"),
    pytest.param(".5", Fraction(1, 2), id="no-leading-digit"),
    pytest.param(0.1, Fraction(1, 10), id="a-float-means-what-it-prints"),
    pytest.param(3, Fraction(3), id="an-int-of-a-careless-manifest"),
]


@pytest.mark.parametrize(("text", "amount"), AMOUNTS)
def test_reads(text: str | int | float, amount: Fraction) -> None:
    assert amount_of(text) == amount


@pytest.mark.parametrize("text", ["", "1 Gi", "Gi", "1KiB", "0x10", "1e", "--1", "one", "1e99999999"])
def test_refuses_what_kubernetes_refuses(text: str) -> None:
    with pytest.raises(Invalid, match="is not a quantity"):
        amount_of(text)


SUMS = [
    pytest.param([], "0", id="nothing-is-zero"),
    pytest.param(["100m", "400m"], "500m", id="stays-milli"),
    pytest.param(["500m", "500m"], "1", id="becomes-whole"),
    pytest.param(["512Mi", "512Mi"], "1Gi", id="binary-grows-a-unit"),
    pytest.param(["1.5Gi"], "1536Mi", id="binary-has-no-fraction"),
    pytest.param(["1000"], "1k", id="decimal-shortens"),
    pytest.param(["1e3", "2"], "1002", id="exponent-only-where-it-shortens"),
    pytest.param(["3e3"], "3e3", id="exponent-is-kept"),
    pytest.param(["1Gi", "1G"], "2073741824", id="the-first-gives-the-family"),
    pytest.param(["100m", "1Gi"], "1073741824100m", id="binary-into-decimal-stays-exact"),
    pytest.param(["1023"], "1023", id="small-binary-has-no-unit"),
]


@pytest.mark.parametrize(("quantities", "sum_"), SUMS)
def test_adds_up(quantities: list[str], sum_: str) -> None:
    assert total(quantities) == sum_


def test_adds_resource_lists_name_by_name() -> None:
    assert add({"cpu": "1", "memory": "1Gi"}, {"cpu": "500m"}, {}) == {"cpu": "1500m", "memory": "1Gi"}


def test_takes_the_highest_of_resource_lists_name_by_name() -> None:
    lists = {"cpu": "1", "memory": "1Gi"}, {"cpu": "1500m", "pods": "3"}
    assert highest(*lists) == {"cpu": "1500m", "memory": "1Gi", "pods": "3"}


UNITS = [
    pytest.param("cpu", "0.5m", 1, id="cpu-in-milli-rounded-up"),
    pytest.param("cpu", "2", 2000, id="a-core-is-a-thousand"),
    pytest.param("memory", "1Ki", 1024, id="bytes"),
    pytest.param("memory", "1500m", 2, id="no-half-bytes"),
]


@pytest.mark.parametrize(("resource", "quantity", "units"), UNITS)
def test_compares_in_units(resource: str, quantity: str, units: int) -> None:
    assert units_of(resource, quantity) == units


def test_what_is_finer_than_nano_is_rounded_up() -> None:
    assert format_amount(Fraction(1, 3)) == "333333334n"


@given(st.integers(-(10**18), 10**18), st.sampled_from(["", "i", "e"]))
def test_what_is_written_reads_as_the_same_number(whole: int, family: str) -> None:
    assert amount_of(format_amount(Fraction(whole), family)) == whole
