"""The certificate with which the emulator speaks TLS: made for this start by an authority of its own, or the user's.

The authority's key never leaves the process, and the server's key lies in a folder that nobody else can read and that goes
away with the server. What is left is one public file that a client can trust.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asdocumented.errors import UsageError

NAMES = ("localhost", "127.0.0.1", "::1")
"""What every certificate that is made here is for, beside the host that the server listens at."""

_HEADING = b"# Authority of an asdocumented emulator: trust it in tests, and nowhere else.\n"
_DAYS = 397  # some clients accept no certificate that is valid for longer
_CLOCKS = timedelta(days=1)  # by which clocks may differ


@dataclass(frozen=True, slots=True)
class Tls:
    """What a user asked of TLS: where the authority's certificate goes, or a certificate and key to use instead.

    Raises UsageError for half a pair, and for an authority of ours beside a certificate that it did not sign.
    """

    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        """Check that the options go together."""
        if (self.certificate is None) != (self.key is None):
            given, missing = ("--cert", "--key") if self.key is None else ("--key", "--cert")
            raise UsageError("tls-options", f"{given} is there without {missing}.", remedy=f"Add {missing} PATH.")
        if self.certificate is not None and self.ca_file is not None:
            message = "--ca-file is for a certificate that the emulator makes, and --cert names another."
            raise UsageError("tls-options", message, remedy="Leave one of them out.")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files that a server of TLS needs, and the file that its clients trust (None: the user's certificate is theirs)."""

    chain: Path
    key: Path
    authority: Path | None


@contextmanager
def certificate(tls: Tls, host: str) -> Iterator[Certificate]:
    """Give the certificate for a server at a host; its private key is gone when the block ends.

    Raises UsageError for files that cannot be read or written, or do not belong together.
    """
    if tls.certificate is not None and tls.key is not None:
        _check_pair(tls.certificate, tls.key)
        yield Certificate(tls.certificate, tls.key, None)
        return
    with tempfile.TemporaryDirectory(prefix="asdocumented-tls-") as folder:
        yield _made(Path(folder), tls.ca_file, host)


def _made(folder: Path, ca_file: Path | None, host: str) -> Certificate:
    import trustme  # takes a tenth of a second, and only TLS needs it

    now = datetime.now(UTC)
    authority = trustme.CA(organization_name="asdocumented emulator")
    try:
        made = authority.issue_cert(
            *dict.fromkeys((*NAMES, host)), not_before=now - _CLOCKS, not_after=now + timedelta(days=_DAYS)
        )
    except ValueError as error:
        message = f"No certificate can be made for the host {host!r}: {error}."
        raise UsageError("tls-host", message, remedy="Choose another --host, or give --cert and --key.") from error
    trusted = ca_file.absolute() if ca_file is not None else folder / "ca.pem"
    _publish(authority.cert_pem.bytes(), trusted)
    chain, key = folder / "certificate.pem", folder / "key.pem"
    chain.write_bytes(b"".join(each.bytes() for each in made.cert_chain_pems))
    _write_private(key, made.private_key_pem.bytes())
    return Certificate(chain, key, trusted)


def _publish(pem: bytes, path: Path) -> None:
    """Write the authority's certificate, over one of an earlier start but over nothing else.

    Most tools read what they call a CA file: whoever gives one of those here by mistake must not lose it.
    """
    try:
        if path.exists() and not path.read_bytes().startswith(_HEADING):
            message = f"The file {str(path)!r} exists, and no emulator wrote it."
            raise UsageError("ca-file-taken", message, remedy="--ca-file is written: name a new file.")
        path.write_bytes(_HEADING + pem)
    except OSError as error:
        message = f"The authority's certificate cannot be written to {str(path)!r}: {error.strerror or error}."
        raise UsageError("ca-file-unusable", message, remedy="Name another --ca-file.") from error


def _write_private(path: Path, pem: bytes) -> None:
    """Write a file that nobody else could read at any time."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)


def _check_pair(chain: Path, key: Path) -> None:
    """Raise UsageError unless the server can use the certificate with the key, without asking for a password."""
    for option, path in (("--cert", chain), ("--key", key)):
        try:
            path.read_bytes()
        except OSError as error:
            message = f"The file {str(path)!r} of {option} cannot be read: {error.strerror or error}."
            raise UsageError("certificate-unreadable", message, remedy=f"Give {option} another file.") from error
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key, password=_no_password)
    except _EncryptedError as error:
        message = f"The key in {str(key)!r} is encrypted."
        raise UsageError("key-encrypted", message, remedy="Give --key a file without a password.") from error
    except ssl.SSLError as error:
        raise _unusable(chain, key, error) from error


def _unusable(chain: Path, key: Path, error: ssl.SSLError) -> UsageError:
    if error.reason == "KEY_VALUES_MISMATCH":
        message = f"The key in {str(key)!r} is not that of the certificate in {str(chain)!r}."
        return UsageError("certificate-mismatch", message, remedy="Give --cert and --key of one pair.")
    message = f"{str(chain)!r} and {str(key)!r} are no certificate and private key: {error.reason or 'not PEM'}."
    return UsageError(
        "certificate-unusable", message, remedy="Both files are PEM; the server's certificate comes first."
    )


class _EncryptedError(Exception):
    pass


def _no_password() -> str:
    raise _EncryptedError
