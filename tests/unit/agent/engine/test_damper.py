"""How long a repair waits that keeps being undone."""

from flotilla_agent.engine.damper import Damper


def damper() -> Damper:
    return Damper(free=3, first=0.5, longest=60.0)


def test_the_first_repairs_go_at_once_then_the_wait_doubles_up_to_a_bound() -> None:
    d = damper()

    assert [d.wait("w", now=float(n)) for n in range(12)] == [0, 0, 0, 0.5, 1, 2, 4, 8, 16, 32, 60, 60]


def test_each_key_has_its_own_war() -> None:
    d = damper()
    for n in range(10):
        d.wait("w", now=float(n))

    assert d.wait("v", now=10.0) == 0


def test_peace_is_remembered_for_a_while_only() -> None:
    d = damper()
    for n in range(10):
        d.wait("w", now=float(n))

    assert d.wait("w", now=9.0 + 120.0) > 0
    assert d.wait("w", now=129.0 + 120.1) == 0


def test_a_forgotten_key_starts_over() -> None:
    d = damper()
    for n in range(10):
        d.wait("w", now=float(n))
    d.forget("w")

    assert d.wait("w", now=10.0) == 0
