"""`asdoc serve` and `asdoc token`: the emulator as a server, and tokens for it."""

from __future__ import annotations

import time
from pathlib import Path

import click

from asdocumented.contracts import load_catalogue
from asdocumented.errors import UsageError, suggest

_FILE = click.Path(path_type=Path, dir_okay=False)
_LONG = 10 * 365 * 24 * 3600


@click.command("serve")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen at; anything but loopback is open to others.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="The port; 0 takes a free one."
)
@click.option("--seed", type=int, default=0, show_default=True, help="What ids and the key of tokens are drawn from.")
@click.option("--strict", is_flag=True, help="Refuse what no source allows, too.")
@click.option(
    "--state",
    type=_FILE,
    help="Go on from the state in this file, if it is there, and leave the state there at the end.",
)
@click.option("--tls", is_flag=True, help="Speak HTTPS, with a certificate made for this start.")
@click.option("--ca-file", type=_FILE, help="Where to put what clients trust, with --tls.  [default: a temporary file]")
@click.option("--cert", "certificate", type=_FILE, help="A certificate of your own for HTTPS, with --key.")
@click.option("--key", type=_FILE, help="The private key of --cert.")
def serve_command(  # noqa: PLR0913 - one parameter an option
    *,
    host: str,
    port: int,
    seed: int,
    strict: bool,
    state: Path | None,
    tls: bool,
    ca_file: Path | None,
    certificate: Path | None,
    key: Path | None,
) -> None:
    """Start the emulator; one JSON line on stdout says where, when it is ready.

    Its control API is below /_emulator: states, switches (faults for the next requests or a part of them), latency, clock, log,
    export and import of its state. The document of it is /_emulator/openapi.json.
    """
    from asdocumented.emulator.certificates import Tls
    from asdocumented.emulator.serving import serve

    files = Tls(ca_file, certificate, key) if tls or any((ca_file, certificate, key)) else None
    serve(host=host, port=port, seed=seed, strict=strict, state=state, tls=files)


@click.command("token")
@click.option("--api", "name", required=True, help="The API that the token is for.")
@click.option("--identity", default="admin", show_default=True, help="Whose token.")
@click.option("--expires-in", type=click.IntRange(1, _LONG), default=3600, show_default=True, metavar="SECONDS")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed that the emulator was started with.")
@click.option(
    "--basic",
    is_flag=True,
    help="Print user name and password instead: they open a session, and are the client id and secret of OpenID.",
)
def token_command(*, name: str, identity: str, expires_in: int, seed: int, basic: bool) -> None:
    """Print a token that an emulator with the same seed accepts."""
    from asdocumented.emulator.tokens import basic_password, sign

    catalogue = load_catalogue()
    if name not in catalogue.apis:
        raise UsageError("unknown-api", f"No API is named {name!r}.", remedy=suggest(name, catalogue.apis))
    api = catalogue.apis[name]
    if identity not in api.identities or identity == "anonymous":
        known = [each for each in api.identities if each != "anonymous"]
        raise UsageError(
            "unknown-identity", f"{name} has no identity {identity!r} with a token.", remedy=suggest(identity, known)
        )
    if basic:
        right = api.identities[identity].refused is None
        click.echo(f"{identity}:{basic_password(seed, identity) if right else 'wrong-password'}")
        return
    click.echo(sign(api, identity, seed=seed, now=time.time(), expires_in=expires_in))
