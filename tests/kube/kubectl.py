"""kubectl as a program that is run: what it is told, and what it says."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Kubectl", "Result"]


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[list[str]]:
        return [line.split() for line in self.out.splitlines()]


class Kubectl:
    """`await kubectl("get ns")`; a manifest goes in as `stdin`."""

    def __init__(self, program: Path, kubeconfig: Path, cache: Path) -> None:
        self._command = (str(program), f"--kubeconfig={kubeconfig}", f"--cache-dir={cache}")

    async def __call__(self, words: str, *more: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Result:
        process = await self.start(words, *more, env=env)
        async with asyncio.timeout(60):
            out, err = await process.communicate(stdin.encode())
        return Result(process.returncode or 0, out.decode(), err.decode())

    async def start(self, words: str, *more: str, env: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **(env or {})}
        command = (*self._command, *words.split(), *more)
        return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)

    async def ok(self, words: str, *more: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Result:
        result = await self(words, *more, stdin=stdin, env=env)
        assert result.code == 0, f"kubectl {words}: {result.err}"
        return result
