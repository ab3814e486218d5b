"""Command lines: how a test cluster runs etcd, kube-apiserver and kube-controller-manager.

Each runs in the cluster's directory, where `write_secrets` has put the files named here.
"""

from __future__ import annotations

from pathlib import Path

from tests.kube.certificates import Authority, Pair, signing_pair

HOST = "127.0.0.1"

# The socket "etcd:0" in the cluster's directory, where both programs run: unlike a port on
# loopback it is never another cluster's. etcd takes no other form of name for a socket.
_ETCD = "unix://etcd:0"


def write_secrets(directory: Path, authority: Authority, admin: Pair) -> None:
    """Write the keys and certificates that the programs and the admin read."""
    server = authority.server("kube-apiserver", [HOST, "localhost", "kubernetes.default.svc"])
    tokens_private, tokens_public = signing_pair()
    contents = {
        "ca.crt": authority.certificate,
        "server.crt": server.certificate,
        "server.key": server.key,
        "admin.crt": admin.certificate,
        "admin.key": admin.key,
        "tokens.key": tokens_private,
        "tokens.pub": tokens_public,
    }
    for name, content in contents.items():
        write_private(directory / name, content)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_bytes(content)


def etcd(program: Path, *, unsafe_no_fsync: bool) -> list[str]:
    """The command line of etcd."""
    return [
        str(program),
        "--data-dir=etcd",
        f"--listen-client-urls={_ETCD}",
        f"--advertise-client-urls={_ETCD}",
        f"--listen-peer-urls=http://{HOST}:0",
        "--log-level=warn",
        f"--unsafe-no-fsync={str(unsafe_no_fsync).lower()}",
    ]


def apiserver(program: Path, port: int) -> list[str]:
    """The command line of kube-apiserver."""
    return [
        str(program),
        f"--etcd-servers={_ETCD}",
        f"--bind-address={HOST}",
        f"--advertise-address={HOST}",
        f"--secure-port={port}",
        "--cert-dir=.",
        "--tls-cert-file=server.crt",
        "--tls-private-key-file=server.key",
        "--client-ca-file=ca.crt",
        "--authorization-mode=RBAC",
        # Pods would else wait for a service account that only the controllers make.
        "--disable-admission-plugins=ServiceAccount",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=tokens.pub",
        "--service-account-signing-key-file=tokens.key",
        "--service-cluster-ip-range=10.0.0.0/24",
        # It would publish its own address as an endpoint, and loopback is refused as one.
        "--endpoint-reconciler-type=none",
        "--allow-privileged=true",
        "--profiling=false",
    ]


def controller_manager(program: Path, kubeconfig: Path) -> list[str]:
    """The command line of kube-controller-manager."""
    return [
        str(program),
        f"--kubeconfig={kubeconfig}",
        "--root-ca-file=ca.crt",
        "--service-account-private-key-file=tokens.key",
        "--leader-elect=false",
        # It serves only its own health, for which there is nobody here to ask.
        "--secure-port=0",
    ]
