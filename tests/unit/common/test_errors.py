"""The families of errors, and what their messages say."""

import pytest

from flotilla_common import errors
from flotilla_common.errors import Conflict, FieldError, FlotillaError, Invalid, Retryable, Terminal, leaves

ALL = [value for name in errors.__all__ if isinstance(value := getattr(errors, name), type)]
RAISED = [kind for kind in ALL if issubclass(kind, FlotillaError) and kind is not FlotillaError]


@pytest.mark.parametrize("kind", RAISED)
def test_each_error_is_of_exactly_one_family_and_has_a_reason(kind: type[FlotillaError]) -> None:
    assert issubclass(kind, Terminal) != issubclass(kind, Retryable)
    assert kind.reason.isalpha() and kind.reason[0].isupper()


def test_an_invalid_object_names_each_field() -> None:
    said = str(Invalid("Deployment web", [FieldError("spec.replicas", "must not be negative"), FieldError("x", "no")]))
    assert said == "Deployment web is invalid: spec.replicas: must not be negative; x: no"


def test_what_is_wrong_with_the_whole_has_no_field() -> None:
    assert str(Invalid("the patch", [FieldError("", "must be a list")])) == "the patch is invalid: must be a list"


def test_a_conflict_says_whether_the_name_was_taken() -> None:
    assert [Conflict("x").exists, Conflict("x", exists=True).exists] == [False, True]


def test_what_failed_comes_out_of_nested_groups_in_order() -> None:
    one, two, three = ValueError(1), ValueError(2), ValueError(3)
    assert list(leaves(ExceptionGroup("", [one, ExceptionGroup("", [two, three])]))) == [one, two, three]
