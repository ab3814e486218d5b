"""A supervised child runs while its owner does: observed on real processes."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from flotilla_common.errors import Terminal
from flotilla_common.runtime.supervise import Child, Supervised
from tests.eventually import eventually

FOREVER = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)


def _child(directory: Path, program: str, **settings: object) -> Child:
    argv = [sys.executable, "-c", program]
    return Child("child", argv, directory / "log", **{"first_delay": 0.01, **settings})  # type: ignore[arg-type]


def _runs(pid: int) -> bool:
    """A process that has ended but is not yet collected by its parent does not run."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_what_it_prints_is_kept(tmp_path: Path) -> None:
    child = _child(tmp_path, f"import os; print(os.environ['WORD'], flush=True); {FOREVER}", env={"WORD": "hello"})
    async with Supervised(child):
        await eventually(lambda: (tmp_path / "log").read_text() == "hello\n")


async def test_it_is_restarted_whenever_it_ends(tmp_path: Path) -> None:
    pids: list[int] = []
    codes: list[int] = []
    async with Supervised(_child(tmp_path, FOREVER), on_start=pids.append, on_exit=codes.append) as running:
        os.kill(pids[0], signal.SIGKILL)
        await eventually(lambda: len(pids) == 2 and running.pid == pids[1])
        os.kill(pids[1], signal.SIGKILL)
        await eventually(lambda: len(pids) == 3 and running.pid == pids[2])
    assert (len(set(pids)), codes) == (3, [-signal.SIGKILL, -signal.SIGKILL, -signal.SIGTERM])


async def test_one_that_cannot_stay_up_is_tried_again_and_again(tmp_path: Path) -> None:
    async with Supervised(_child(tmp_path, "raise SystemExit(3)", max_delay=0.01)) as running:
        await eventually(lambda: running.starts >= 4)


async def test_it_is_stopped_on_leaving(tmp_path: Path) -> None:
    async with Supervised(_child(tmp_path, FOREVER)) as running:
        pid = running.pid
        assert pid is not None
    assert (running.pid, _runs(pid)) == (None, False)


async def test_one_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    codes: list[int] = []
    async with Supervised(_child(tmp_path, STUBBORN, grace=0.05), on_exit=codes.append):
        await eventually(lambda: (tmp_path / "log").read_text() == "up\n")
    assert codes == [-signal.SIGKILL]


async def test_an_error_of_its_owner_passes_unchanged_and_ends_it(tmp_path: Path) -> None:
    running = Supervised(_child(tmp_path, FOREVER))
    with pytest.raises(KeyError, match="ours"):
        async with running:
            raise KeyError("ours")
    assert running.pid is None


async def test_its_owners_cancellation_ends_it(tmp_path: Path) -> None:
    running = Supervised(_child(tmp_path, FOREVER))

    async def own() -> None:
        async with running:
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        owner = group.create_task(own())
        await eventually(lambda: running.pid)
        owner.cancel()
    assert running.pid is None


async def test_a_program_that_does_not_exist_is_said_so_at_once(tmp_path: Path) -> None:
    with pytest.raises(Terminal, match="cannot run child"):
        async with Supervised(Child("child", [str(tmp_path / "gone")], tmp_path / "log")):
            pass


async def test_a_ctrl_c_in_the_terminal_does_not_reach_it(tmp_path: Path) -> None:
    async with Supervised(_child(tmp_path, FOREVER)) as running:
        assert running.pid is not None
        assert os.getsid(running.pid) == running.pid


OWNER = """
import asyncio, sys
from pathlib import Path
from flotilla_common.runtime.supervise import Child, Supervised

async def own():
    child = Child("child", [sys.executable, "-c", "import time; time.sleep(600)"], Path(sys.argv[1]))
    async with Supervised(child) as running:
        print(running.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(own())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
async def test_it_does_not_outlive_an_owner_that_is_killed(tmp_path: Path) -> None:
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, str(tmp_path / "log"), stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    pid = int(await owner.stdout.readline())
    assert _runs(pid)
    owner.kill()
    await owner.wait()
    await eventually(lambda: not _runs(pid))
