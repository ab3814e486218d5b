"""Profiles as text: shares of CPU time, and nothing in them of the machine they were taken on."""

from tests.bench.profiles import Profile, Row, rendered, rows_of

STATS = {
    ("/somewhere/hub/flotilla_hub/work/build.py", 12, "build"): (8, 8, 2.0, 3.0, {}),
    ("/usr/lib/python3.11/asyncio/events.py", 78, "_run"): (1, 1, 0.0, 9.9, {}),
    ("/else/lib/python3.11/site-packages/nats/aio/client.py", 5, "publish"): (4, 2, 1.0, 1.0, {}),
    ("~", 0, "<method 'run_until_complete' of 'uvloop.loop.Loop' objects>"): (1, 1, 7.0, 10.0, {}),
}

TEXT = """\
hub: cold burst
4.00 s of CPU under the profiler = 1000 s per 1,000 Works, its start included. Read shares, not seconds: the profiler \
makes small functions look larger than they are.

by own time
 share  s/1,000 Works  calls/Work  function
50.0 %            500        2.00  flotilla_hub/work/build.py:12 build
25.0 %            250       0.500  nats/aio/client.py:5 publish
25.0 %            250       0.250  <method 'run_until_complete' of 'uvloop.loop.Loop' objects>
 0.0 %              0       0.250  asyncio/events.py:78 _run

by time with all it called
 share  s/1,000 Works  calls/Work  function
75.0 %            750        2.00  flotilla_hub/work/build.py:12 build
25.0 %            250       0.500  nats/aio/client.py:5 publish
"""


def test_paths_are_those_of_the_packages() -> None:
    assert [row.name for row in rows_of(STATS)] == [
        "flotilla_hub/work/build.py:12 build",
        "asyncio/events.py:78 _run",
        "nats/aio/client.py:5 publish",
        "<method 'run_until_complete' of 'uvloop.loop.Loop' objects>",
    ]


def test_shares_are_of_cpu_time_and_figures_per_works() -> None:
    assert rendered(Profile("cold burst", "hub", 4, 6.0, rows_of(STATS))) == TEXT


def test_without_works_figures_are_seconds_and_calls() -> None:
    text = rendered(Profile("any", "agent", 0, 0.0, [Row("a", 3, 1.0, 1.0), Row("b", 1, 1.0, 1.0)]))
    assert text.splitlines()[4:7] == [
        " share     s  calls  function",
        "50.0 %  1.00      3  a",
        "50.0 %  1.00      1  b",
    ]
