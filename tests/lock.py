"""`python -m tests.lock`: resolve the dependencies of pyproject.toml anew into the hashed locks of deploy/requirements.

What is resolved is asked of the index this machine's pip is set up for; neither it nor any other is named in a lock.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

__all__ = ["LOCKS", "stray_lines"]

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "deploy" / "requirements"
LOCKS = ("dev", "hub", "agent")
"""Each an extra of pyproject.toml: what developers, the hub's image and the agent's image install."""

# The oldest Python we support; the wheels' hashes are those of all platforms.
PYTHON = "3.11"
_LINE = re.compile(r"[a-z0-9][a-z0-9._-]*==[^\s;]+(?: ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?")


def stray_lines(text: str) -> list[str]:
    """The lines of a lock that are neither a pinned version nor a hash of it."""
    return [line for line in text.splitlines() if line and not _LINE.fullmatch(line)]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="flotilla-lock-") as directory:
        uv = _uv(Path(directory))
        for name in LOCKS:
            subprocess.run(_command(uv, name), cwd=ROOT, env=_environment(), check=True, stdout=subprocess.DEVNULL)
            print(f"{(FOLDER / name).relative_to(ROOT)}.txt: resolved")
    strays = [(name, line) for name in LOCKS for line in stray_lines((FOLDER / f"{name}.txt").read_text())]
    for name, line in strays:
        print(f"{name}.txt holds more than versions and hashes: {line}")
    return 1 if strays else 0


def _uv(directory: Path) -> str:
    """The resolver: the one on PATH, else its own package in a throw-away environment."""
    if found := shutil.which("uv"):
        return found
    venv.create(directory / "venv", with_pip=True)
    programs = directory / "venv" / "bin"
    subprocess.run([programs / "pip", "install", "--quiet", "--disable-pip-version-check", "uv"], check=True)
    return str(programs / "uv")


def _command(uv: str, extra: str) -> list[str]:
    return [
        uv, "pip", "compile", "pyproject.toml",
        "--extra", extra,
        "--output-file", str(FOLDER / f"{extra}.txt"),
        "--python-version", PYTHON,
        "--universal",
        "--upgrade",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-emit-package", "flotilla",
        "--no-header",
        "--no-annotate",
    ]  # fmt: skip


def _environment() -> dict[str, str]:
    """pip's index is told to uv, which does not read pip's configuration."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False
    )
    index = os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()
    return {**os.environ, **({"UV_DEFAULT_INDEX": index} if index else {})}


if __name__ == "__main__":
    sys.exit(main())
