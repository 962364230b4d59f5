"""The self-signed certificate of the TLS endpoint.

Made once and kept in the user's cache directory (or one that is given), so that it needs to be
trusted once. It names localhost and the loopback addresses only, and whatever else its key might
sign is bound to these names, too (name constraints; RFC 5280, section 4.2.1.10). Clients trust it
by AWS_CA_BUNDLE (botocore, AWS CLI) or NODE_EXTRA_CA_CERTS (Node.js).
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from kinesis_sim.clock import Clock
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import to_datetime

if TYPE_CHECKING:
    from cryptography import x509

LIFETIME = timedelta(days=820)
"""Apple's clients refuse certificates that live longer than 825 days."""
RENEW_BEFORE = timedelta(days=30)
_NAMES = ("localhost", "*.localhost")
_ADDRESSES = ("127.0.0.1", "::1")
_NETWORKS = ("127.0.0.0/8", "::1/128")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where the certificate and its private key are."""

    path: Path
    key_path: Path


def certificate(directory: Path | None = None) -> Certificate:
    """The certificate in ``directory``, made when there is none or when it is about to expire.

    Raises UsageError when the directory cannot be written.
    """
    folder = directory or cache_directory()
    found = Certificate(folder / "localhost.pem", folder / "localhost.key")
    try:
        if not _is_good(found):
            folder.mkdir(parents=True, exist_ok=True)
            _make(found)
    except OSError as error:
        raise UsageError(
            f"The TLS certificate cannot be kept in {folder} ({error.strerror}); "
            "give another place with --cert-dir, or --no-tls."
        ) from None
    return found


def cache_directory() -> Path:
    """The user's cache directory for this package, by the custom of each system."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "~/AppData/Local")
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "kinesis-lab"


def _is_good(kept: Certificate) -> bool:
    from cryptography import x509

    if not (kept.path.is_file() and kept.key_path.is_file()):
        return False
    try:
        found = x509.load_pem_x509_certificate(kept.path.read_bytes())
    except ValueError:
        return False
    if not any(isinstance(each.value, x509.NameConstraints) for each in found.extensions):
        return False  # made by an earlier version
    return found.not_valid_after_utc - to_datetime(Clock.wall().now) > RENEW_BEFORE


def _make(kept: Certificate) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(kept.key_path, pem, 0o600)
    _write(kept.path, _signed(key), 0o644)


def _signed(key: object) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    public = key.public_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kinesis Lab on localhost")])
    now = to_datetime(Clock.wall().now)
    names: list[x509.GeneralName] = [x509.DNSName(text) for text in _NAMES]
    names += [x509.IPAddress(ip_address(text)) for text in _ADDRESSES]
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    builder = (
        x509.CertificateBuilder(name, name, public, x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_bounds(), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _bounds() -> x509.NameConstraints:
    from cryptography import x509

    allowed: list[x509.GeneralName] = [x509.DNSName("localhost")]
    allowed += [x509.IPAddress(ip_network(text)) for text in _NETWORKS]
    return x509.NameConstraints(allowed, None)


def _usage() -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _write(path: Path, text: bytes, mode: int) -> None:
    """Replace a file in one step, so that two servers starting together cannot mix their keys."""
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
    draft.replace(path)
