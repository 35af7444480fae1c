"""Sign and check the emulator's tokens: JWTs with audience, issuer, identity and times, signed with a key from the seed.

The key is no secret: it only ties a token to an emulator with the same seed, so that another process can make one.
"""

from __future__ import annotations

import base64
import hashlib

import jwt

from asdocumented.contracts.model import Api

ISSUER = "https://emulator.asdocumented.example"
_ALGORITHM = "HS256"
MALFORMED = "malformed.token.of-the-emulator"


class RefusedTokenError(Exception):
    """A token that the emulator does not accept; the text says why, without the token."""


def _key(seed: int) -> bytes:
    return hashlib.sha256(f"asdocumented emulator {seed}".encode()).digest()


def sign(api: Api, identity: str, *, seed: int, now: float, expires_in: int = 3600) -> str:
    """Return a token of an identity for an API.

    Identities that are made to be refused get what their name says: `expired`, `not-yet-valid`, `wrong-audience`,
    `wrong-issuer`, `unsigned` (`alg: none`), `malformed`.
    """
    if identity == "malformed":
        return MALFORMED
    issued = (
        int(now) - (2 * expires_in if identity == "expired" else 0) + (expires_in if identity == "not-yet-valid" else 0)
    )
    known = api.identities.get(identity)
    claims = {
        "aud": "https://wrong.example" if identity == "wrong-audience" else api.credential["audience"],
        "iss": "https://wrong.example" if identity == "wrong-issuer" else ISSUER,
        "sub": identity,
        "idtyp": "app" if known is not None and known.kind == "service-principal" else "user",
        "iat": issued,
        "nbf": issued,
        "exp": issued + expires_in,
    }
    if identity == "unsigned":
        return jwt.encode(claims, None, algorithm="none")
    return jwt.encode(claims, _key(seed), algorithm=_ALGORITHM)


def check(api: Api, token: str, *, seed: int, now: float) -> str:
    """Return the identity of a token; raises RefusedTokenError for any that is not valid for this API now."""
    options = {
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
        "require": ["aud", "iss", "sub", "exp", "nbf"],
    }
    try:
        claims = jwt.decode(
            token,
            _key(seed),
            algorithms=[_ALGORITHM],
            audience=api.credential["audience"],
            issuer=ISSUER,
            options=options,
        )
    except jwt.PyJWTError as error:
        raise RefusedTokenError(type(error).__name__) from error
    # The times are held against the emulator's clock, which a run may have set.
    if now >= claims["exp"]:
        raise RefusedTokenError("ExpiredSignatureError")
    if now < claims["nbf"]:
        raise RefusedTokenError("ImmatureSignatureError")
    return str(claims["sub"])


def password(seed: int) -> str:
    """Return the password of the emulator's administrator."""
    return hashlib.sha256(f"asdocumented password {seed}".encode()).hexdigest()[:24]


def basic(user: str, secret: str) -> str:
    """Return the value of an Authorization header with HTTP Basic credentials (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
