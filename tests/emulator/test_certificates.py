"""Certificates for TLS: what is made, what a client trusts, and what is wrong with files that cannot be used."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

import pytest
import trustme

from asdocumented.emulator.certificates import NAMES, Certificate, Tls, certificate
from asdocumented.errors import UsageError


def own_pair(folder: Path, name: str = "own") -> tuple[Path, Path]:
    """Write a certificate and its key as a user may have them; return their paths."""
    made = trustme.CA().issue_cert("localhost")
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    made.cert_chain_pems[0].write_to_path(str(chain))
    made.private_key_pem.write_to_path(str(key))
    return chain, key


def handshake(made: Certificate, host: str) -> ssl.SSLObject:
    """Do a handshake in memory with a client that trusts the authority, and return the client's side."""
    assert made.authority is not None
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=made.authority)
    server.load_cert_chain(made.chain, made.key)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=host)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (asking, answering):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return asking


@pytest.mark.parametrize("host", [*NAMES, "emulator.example"])
def test_certificate_is_trusted(host: str) -> None:
    """A client that trusts the authority trusts the server under each name of loopback, and of its host."""
    with certificate(Tls(), "emulator.example") as made:
        side = handshake(made, host)

    assert side.cipher() is not None


def test_other_name_is_not_trusted() -> None:
    """The certificate is for no other name."""
    with certificate(Tls(), "127.0.0.1") as made, pytest.raises(ssl.SSLCertVerificationError):
        handshake(made, "example.com")


def test_key_is_private_and_removed() -> None:
    """Nobody else can read the key or its folder, and both are gone at the end."""
    with certificate(Tls(), "127.0.0.1") as made:
        modes = [stat.S_IMODE(each.stat().st_mode) for each in (made.key, made.key.parent)]

    assert [0o600, 0o700] == modes
    assert not made.key.parent.exists()


def test_authority_goes_where_asked(tmp_path: Path) -> None:
    """The authority's certificate stays where the user wanted it; its key is in no file."""
    wanted = tmp_path / "ca.pem"
    with certificate(Tls(ca_file=wanted), "127.0.0.1") as made:
        keys = [each.name for each in made.key.parent.iterdir() if b"PRIVATE KEY" in each.read_bytes()]

    assert (wanted, ["key.pem"]) == (made.authority, keys)
    assert b"PRIVATE" not in wanted.read_bytes()


def test_authority_replaces_its_own(tmp_path: Path) -> None:
    """A second start writes over the certificate of the first."""
    wanted = tmp_path / "ca.pem"
    contents = []
    for _ in range(2):
        with certificate(Tls(ca_file=wanted), "127.0.0.1"):
            contents.append(wanted.read_bytes())

    assert contents[0] != contents[1]


def test_other_file_is_kept(tmp_path: Path) -> None:
    """A file that no emulator wrote is not written over, as when a user takes the option for one that reads."""
    bundle, _ = own_pair(tmp_path)
    before = bundle.read_bytes()

    with pytest.raises(UsageError, match="no emulator wrote it"), certificate(Tls(ca_file=bundle), "127.0.0.1"):
        pass
    assert before == bundle.read_bytes()


def test_unwritable_place_is_told(tmp_path: Path) -> None:
    """A place where nothing can be written is told in one sentence."""
    nowhere = tmp_path / "no-folder" / "ca.pem"

    with pytest.raises(UsageError, match="cannot be written"), certificate(Tls(ca_file=nowhere), "127.0.0.1"):
        pass


def test_own_certificate_is_used(tmp_path: Path) -> None:
    """A user's own pair is used where it lies."""
    pair = own_pair(tmp_path)
    with certificate(Tls(None, *pair), "127.0.0.1") as made:
        used = (made.chain, made.key, made.authority)

    assert (*pair, None) == used


def _mismatched(folder: Path) -> tuple[Path, Path]:
    return own_pair(folder)[0], own_pair(folder, "other")[1]


def _missing(folder: Path) -> tuple[Path, Path]:
    return own_pair(folder)[0], folder / "no.key"


def _folder(folder: Path) -> tuple[Path, Path]:
    return folder, own_pair(folder)[1]


def _swapped(folder: Path) -> tuple[Path, Path]:
    chain, key = own_pair(folder)
    return key, chain


def _garbage(folder: Path) -> tuple[Path, Path]:
    chain, key = own_pair(folder)
    chain.write_text("no certificate\n", encoding="utf-8")
    return chain, key


def _encrypted(folder: Path) -> tuple[Path, Path]:
    from cryptography.hazmat.primitives import serialization as form

    chain, key = own_pair(folder)
    loaded = form.load_pem_private_key(key.read_bytes(), None)
    locked = loaded.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"secret"))
    key.write_bytes(locked)
    return chain, key


UNUSABLE = {
    "mismatched": (_mismatched, "certificate-mismatch"),
    "missing": (_missing, "certificate-unreadable"),
    "folder": (_folder, "certificate-unreadable"),
    "swapped": (_swapped, "certificate-unusable"),
    "garbage": (_garbage, "certificate-unusable"),
    "encrypted": (_encrypted, "key-encrypted"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_unusable_pair_is_told(name: str, tmp_path: Path) -> None:
    """A pair that cannot be used is told with the paths and what is wrong, and nobody is asked for a password."""
    make, code = UNUSABLE[name]
    chain, key = make(tmp_path)

    with pytest.raises(UsageError) as raised, certificate(Tls(None, chain, key), "127.0.0.1"):
        pass
    assert code == raised.value.code
    assert str(tmp_path) in raised.value.message


@pytest.mark.parametrize("given", [{"certificate": Path("a")}, {"key": Path("a")}])
def test_half_pair_is_told(given: dict[str, Path]) -> None:
    """A certificate without a key is told, and the other way round."""
    with pytest.raises(UsageError, match="without"):
        Tls(**given)


def test_authority_beside_own_certificate_is_told() -> None:
    """An authority for a certificate that it did not sign is told."""
    with pytest.raises(UsageError, match="names another"):
        Tls(Path("ca"), Path("a"), Path("b"))


def test_unusable_host_is_told() -> None:
    """A host that no certificate can name is told."""
    with pytest.raises(UsageError, match="No certificate"), certificate(Tls(), "no_host..example"):
        pass
