"""The limit of open files, as a process finds it and as it leaves it."""

import resource
from collections.abc import Iterator

import pytest

from flotilla_common.runtime.descriptors import allow_all


@pytest.fixture
def low() -> Iterator[int]:
    """A soft limit as most systems set it; returns the hard one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard), hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_server_allows_itself_what_it_may(low: int) -> None:
    allow_all()

    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (low, low)
