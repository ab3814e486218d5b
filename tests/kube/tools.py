"""Kubernetes test tools: builds kube-apiserver, etcd and kubectl once and keeps them in a cache.

The versions are those of tools/go.mod beside this file. `python -m tests.kube.tools` builds
what is missing and prints where everything is.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

_MODULE = Path(__file__).resolve().parent / "tools"
_OLDEST = "1.20"
_OLDEST_PACKAGE = "kubernetes-client"


class ToolsMissing(Exception):
    """A tool the Kubernetes tests need is not here and could not be made."""

    def __init__(self, what: str, why: str, fix: str) -> None:
        super().__init__(f"{what}: {why}. {fix}")
        self.what = what
        self.why = why
        self.fix = fix


@dataclass(frozen=True)
class Tools:
    """Where each tool is; None for one that this machine could not get."""

    kube_apiserver: Path
    kube_controller_manager: Path | None
    kubectl: Path
    etcd: Path
    kubectl_oldest: Path | None


def ensure() -> Tools:
    """Return the tools, building or fetching first what the cache does not hold."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    directory = Path(assets) if assets else _built()
    manager = directory / "kube-controller-manager"
    return Tools(
        kube_apiserver=_required(directory / "kube-apiserver"),
        kube_controller_manager=manager if manager.is_file() else None,
        kubectl=_required(directory / "kubectl"),
        etcd=_required(directory / "etcd"),
        kubectl_oldest=_oldest_kubectl(),
    )


def _required(path: Path) -> Path:
    if path.is_file() and os.access(path, os.X_OK):
        return path
    raise ToolsMissing(
        f"no {path.name}",
        f"{path} is not an executable file",
        "Point KUBEBUILDER_ASSETS at a directory that holds kube-apiserver, etcd and kubectl, "
        "or unset it to build them",
    )


def _cache_root() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "flotilla" / "kube-tools"


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _cached(entry: str, fill: Callable[[Path], None]) -> Path:
    """Return the cache directory `entry`, which is filled aside and so is whole or absent."""
    root = _cache_root()
    final = root / entry
    if final.is_dir():
        return final
    with _locked(root):
        if not final.is_dir():
            # Only the holder of the lock builds, so these are left from builds that were killed.
            for leftover in root.glob(".building-*"):
                shutil.rmtree(leftover, ignore_errors=True)
            scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=root))
            try:
                fill(scratch)
                scratch.chmod(0o755)
                scratch.rename(final)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return final


def kubernetes_version() -> str:
    """The version, such as v1.36.3, that tools/go.mod pins."""
    text = (_MODULE / "go.mod").read_text()
    found = re.search(r"^\s*(?:require )?k8s\.io/kubernetes (v\S+)", text, re.MULTILINE)
    if found is None:
        raise ToolsMissing(
            "no Kubernetes version",
            f"{_MODULE / 'go.mod'} requires no k8s.io/kubernetes",
            "Restore that line",
        )
    return found[1]


def _build_flags() -> list[str]:
    version = kubernetes_version()
    major, minor, _ = version.removeprefix("v").split(".", 2)
    # Without these the programs call themselves v0.0.0-master and refuse their own defaults.
    stamps = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    package = "k8s.io/component-base/version"
    stamped = " ".join(f"-X {package}.{name}={value}" for name, value in stamps.items())
    # grpcnotrace lets the linker drop unused methods, which makes the files a good deal smaller.
    return ["-trimpath", "-tags=grpcnotrace", f"-ldflags=-s -w {stamped}"]


def _key() -> str:
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        digest.update((_MODULE / name).read_bytes())
    digest.update("\0".join([*_build_flags(), sys.platform, platform.machine()]).encode())
    return f"{kubernetes_version()}-{digest.hexdigest()[:16]}"


def _built() -> Path:
    return _cached(_key(), _build)


def _build(directory: Path) -> None:
    go = shutil.which("go")
    if go is None:
        raise ToolsMissing(
            "cannot build the Kubernetes test tools",
            "there is no `go` on PATH",
            "Install Go 1.26 or newer, or set KUBEBUILDER_ASSETS to a directory that holds "
            "kube-apiserver, etcd and kubectl",
        )
    _say(f"building Kubernetes {kubernetes_version()} test tools; the first time takes minutes")
    # `tool` is Go's name for all the tool lines of go.mod.
    command = [go, "build", *_build_flags(), "-o", f"{directory}/", "tool"]
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}
    done = subprocess.run(command, cwd=_MODULE, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise ToolsMissing(
            "cannot build the Kubernetes test tools",
            f"go build ended with {done.returncode}:\n{_tail(done.stderr)}\n",
            f"Try it by hand in {_MODULE}: go build tool",
        )
    # go build names a program after its package's folder, and etcd's is called server.
    (directory / "server").rename(directory / "etcd")


@cache  # Where it can't be had, asking apt again for every cluster would cost seconds each.
def _oldest_kubectl() -> Path | None:
    """Fetch the oldest kubectl the tests use, or say why this machine can't have it."""
    try:
        return _cached(f"kubectl-{_OLDEST}", _unpack_oldest) / "kubectl"
    except ToolsMissing as missing:
        _say(str(missing))
        return None


def _unpack_oldest(directory: Path) -> None:
    _require_package_tools()
    with tempfile.TemporaryDirectory() as scratch:
        _download_package(Path(scratch))
        package = next(Path(scratch).glob("*.deb"))
        _run(["dpkg-deb", "-x", str(package), scratch], Path(scratch))
        program = Path(scratch) / "usr/bin/kubectl"
        version = _run([str(program), "version", "--client"], Path(scratch))
        if f'GitVersion:"v{_OLDEST}.' not in version:
            raise ToolsMissing(
                f"no kubectl {_OLDEST}",
                f"this system's {_OLDEST_PACKAGE} package is another version: {version.strip()}",
                "Use Debian 12, or skip the tests of the oldest kubectl",
            )
        shutil.copy2(program, directory / "kubectl")


def _require_package_tools() -> None:
    for name in ("apt-get", "dpkg-deb"):
        if shutil.which(name) is None:
            raise ToolsMissing(
                f"no kubectl {_OLDEST}",
                f"it comes from a Debian package and there is no `{name}` here",
                "Use Debian 12, or skip the tests of the oldest kubectl",
            )


def _download_package(directory: Path) -> None:
    # apt drops to its own user for a download, which then needs to write here.
    directory.chmod(0o777)
    download = ["apt-get", "download", "-q", _OLDEST_PACKAGE]
    try:
        _run(download, directory)
    except ToolsMissing:
        if os.geteuid() != 0:
            raise
        _run(["apt-get", "update", "-q"], directory)
        _run(download, directory)


def _run(command: list[str], directory: Path) -> str:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ToolsMissing(
            f"no kubectl {_OLDEST}",
            f"`{' '.join(command)}` ended with {done.returncode}: {_tail(done.stderr)}",
            "Run `apt-get update` as root, or skip the tests of the oldest kubectl",
        )
    return done.stdout


def _tail(text: str, lines: int = 20) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def main() -> int:
    """Print each tool and where it is."""
    try:
        tools = ensure()
    except ToolsMissing as missing:
        _say(str(missing))
        return 1
    for field in fields(tools):
        print(f"{field.name}={getattr(tools, field.name) or ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
