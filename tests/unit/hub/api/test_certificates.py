"""The hub's own certificates: made once, signed anew when they must be."""

import base64
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from cryptography import x509

from flotilla_hub.api.tls import ensure_certificates, kubeconfig

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


def test_a_second_start_keeps_everything(tmp_path: Path) -> None:
    first = ensure_certificates(tmp_path, ["127.0.0.1", "localhost"], NOW)
    before = (first.authority.read_bytes(), first.certificate.read_bytes(), first.key.read_bytes())
    again = ensure_certificates(tmp_path, ["localhost", "127.0.0.1"], NOW + timedelta(days=1))
    assert (again.authority.read_bytes(), again.certificate.read_bytes(), again.key.read_bytes()) == before


def test_new_hosts_or_a_near_end_renew_the_server_and_not_the_authority(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path, ["127.0.0.1"], NOW)
    authority, first = files.authority.read_bytes(), files.certificate.read_bytes()
    ensure_certificates(tmp_path, ["127.0.0.1", "hub.example.com"], NOW)
    second = files.certificate.read_bytes()
    ensure_certificates(tmp_path, ["127.0.0.1", "hub.example.com"], NOW + timedelta(days=350))
    third = files.certificate.read_bytes()
    assert (len({first, second, third}), files.authority.read_bytes()) == (3, authority)


def test_the_authority_vouches_for_the_server(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path, ["127.0.0.1"], NOW)
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    x509.load_pem_x509_certificate(files.certificate.read_bytes()).verify_directly_issued_by(authority)
    ssl.create_default_context(cafile=files.authority).load_cert_chain(files.certificate, files.key)


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path, ["127.0.0.1"], NOW)
    assert [oct(f.stat().st_mode & 0o777) for f in (files.key, tmp_path / "ca.key")] == ["0o600", "0o600"]


def test_the_kubeconfig_holds_all_a_client_needs() -> None:
    document = yaml.safe_load(kubeconfig("https://hub:6443", b"PEM", "secret"))
    assert document["clusters"][0]["cluster"] == {
        "server": "https://hub:6443",
        "certificate-authority-data": base64.b64encode(b"PEM").decode(),
    }
    assert (document["users"][0]["user"], document["current-context"]) == ({"token": "secret"}, "flotilla")
