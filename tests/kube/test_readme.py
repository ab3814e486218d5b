"""The README's own hub, word for word: each of its code blocks is run as a reader would, in a home of its own."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fleet import until
from tests.kube import tools

pytestmark = pytest.mark.kube

ROOT = Path(__file__).resolve().parents[2]
SECTION = "A hub of your own"
STAYS = ("flotilla hub serve", "flotilla agent run")
"""Commands that go on until they are stopped: the reader has a terminal for each."""


def blocks() -> list[str]:
    text = (ROOT / "README.md").read_text().split(f"## {SECTION}\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


class Reader:
    """Types into bash, in a folder that has the examples where the repository has them."""

    def __init__(self, home: Path) -> None:
        self._home = home
        (home / "deploy").symlink_to(ROOT / "deploy")
        places = (Path(sys.executable).parent, tools.ensure().kubectl.parent, Path("/usr/bin"), Path("/bin"))
        # What the README leaves at its default and a test may not: two runs would meet on the same ports.
        free = {"FLOTILLA_LISTEN": "127.0.0.1:0", "FLOTILLA_NATS_LISTEN": "127.0.0.1:0"}
        self._env = {"HOME": str(home), "PATH": os.pathsep.join(map(str, places)), **free}

    async def types(self, block: str) -> str:
        process = await self._start(block)
        async with asyncio.timeout(60):
            out, err = await process.communicate()
        assert process.returncode == 0, f"{block}: {err.decode()}"
        return out.decode()

    async def sees(self, command: str, *words: str) -> bool:
        process = await self._start(command)
        out, _ = await process.communicate()
        return process.returncode == 0 and all(word in out.decode() for word in words)

    @asynccontextmanager
    async def leaves_running(self, block: str) -> AsyncIterator[None]:
        process = await self._start(f"exec {block}")
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                await process.communicate()

    async def _start(self, block: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        words = ("bash", "-euo", "pipefail", "-c", block)
        return await asyncio.create_subprocess_exec(*words, cwd=self._home, env=self._env, stdout=pipe, stderr=pipe)


async def test_the_commands_do_what_the_readme_says(tmp_path: Path) -> None:
    hub, join, agent, deploy = blocks()
    assert (hub.startswith(STAYS), agent.startswith(STAYS)) == (True, True)
    reader = Reader(tmp_path)
    async with reader.leaves_running(hub):
        await until("the hub answers", lambda: reader.sees("flotilla get clusters"))
        await reader.types(join)
        async with reader.leaves_running(agent):
            await reader.types(deploy)
            shows = "kubectl --kubeconfig ~/.flotilla/kubeconfig get deployment nginx"
            await until("six replicas of three are ready", lambda: reader.sees(shows, "6/3"))
            assert await reader.sees("flotilla apply -f deploy/examples/nginx", "nginx unchanged")
