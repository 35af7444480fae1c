"""Sign the emulator's tokens, and tell whose token one is.

Everything follows from the seed, so that another process (`asdoc token`) makes tokens for an emulator that was started with
the same one. Tokens are JWTs (RFC 7519) with HS256; the algorithm `none` is never accepted (RFC 8725 section 3.2).
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache

import jwt
from jwt.types import Options

from asdocumented.contracts.model import JSON, Api
from asdocumented.emulator.worlds import new_uuid
from asdocumented.errors import UsageError, suggest

ISSUER = "https://asdocumented.example/emulator"
EXCHANGE = "api://AzureADTokenExchange"
"""The audience of an assertion by which a workload gets a token."""

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ANONYMOUS = "anonymous"
MALFORMED = "malformed"
WRONG_SIGNATURE = "wrong-signature"
FAULTS: Mapping[str, str] = {
    ANONYMOUS: "no credential was sent",
    MALFORMED: "the credential is none that was issued here",
    "expired": "the token has expired",
    "not-yet-valid": "the token is not valid yet",
    "wrong-audience": "the token is for another API",
    "wrong-issuer": "the token is from another issuer",
    WRONG_SIGNATURE: "the token is signed with another key",
    "unsigned": "the token is not signed",
}
"""The identities that every API refuses because of their credential, and what is wrong with it."""

_GARBAGE = "malformed.token.of-asdocumented"
_REMEMBERED = 1024  # tokens that were signed, or whose signature was checked; each costs 20 microseconds or more
_SIGNATURE_ALONE: Options = {
    "verify_aud": False,
    "verify_iss": False,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_sub": False,
    "verify_jti": False,
}


def signing_key(seed: int) -> bytes:
    """Return the key that signs every token of an emulator with this seed."""
    return hashlib.sha256(f"asdocumented emulator {seed}".encode()).digest()


def basic_password(seed: int, identity: str) -> str:
    """Return the password with which an identity opens a session (HTTP Basic)."""
    return hmac.new(signing_key(seed), f"password of {identity}".encode(), "sha256").hexdigest()[:24]


def signable(api: Api) -> tuple[str, ...]:
    """Return the identities for which there is a token, valid or not."""
    names = {*api.identities, *FAULTS} - {ANONYMOUS}
    return tuple(sorted(names))


def sign(api: Api, identity: str, *, seed: int, now: float, expires_in: int) -> str:
    """Return a token of an identity for an API, valid for `expires_in` seconds from `now` (seconds since 1970).

    For the identities in `FAULTS` the token has that fault and is the admin's in every other respect. Raises UsageError for an
    unknown identity, and for the anonymous one, which has no token.
    """
    if identity not in signable(api):
        message = f"There is no token of the identity {identity!r} for {api.name}."
        raise UsageError("no-token", message, remedy=suggest(identity, signable(api)))
    if identity == MALFORMED:
        return _GARBAGE
    claims = _claims(api, identity, int(now), expires_in)
    if identity == "unsigned":
        return _encoded(tuple(claims.items()), b"", "none")
    key = signing_key(seed)
    key = hashlib.sha256(key).digest() if identity == WRONG_SIGNATURE else key
    return _encoded(tuple(claims.items()), key, "HS256")


@lru_cache(maxsize=_REMEMBERED)
def _encoded(claims: tuple[tuple[str, JSON], ...], key: bytes, algorithm: str) -> str:
    """Return claims as a token; whoever asks within one second, or on many emulators of one seed, gets the same."""
    return jwt.encode(dict(claims), key or "", algorithm=algorithm)


def assertion(identity: str, *, seed: int, now: float, expires_in: int) -> str:
    """Return what a workload that runs as an identity proves that with (RFC 7523 section 3): what its platform signs for it."""
    claims = {"aud": EXCHANGE, "iss": ISSUER, "sub": identity, "iat": int(now), "exp": int(now) + expires_in}
    return jwt.encode(claims, signing_key(seed), algorithm="HS256")


def is_assertion(text: str, identity: str, *, seed: int, now: float) -> bool:
    """Tell whether a workload may have a token of an identity by this assertion."""
    try:
        claims = jwt.decode(text, signing_key(seed), algorithms=["HS256"], options=_SIGNATURE_ALONE)
    except (jwt.PyJWTError, ValueError):
        return False
    named = tuple(claims.get(each) for each in ("aud", "iss", "sub"))
    end = claims.get("exp")
    return named == (EXCHANGE, ISSUER, identity) and isinstance(end, int | float) and now < end


def _claims(api: Api, identity: str, now: int, expires_in: int) -> dict[str, JSON]:
    role = "admin" if identity in FAULTS else identity
    known = api.identities.get(role)
    claims: dict[str, JSON] = {
        "aud": api.credential["audience"],
        "iss": ISSUER,
        "sub": new_uuid(random.Random(f"{api.name}/{role}")),
        "idtyp": "user" if known is None or known.kind in ("user", "none") else "app",
        "role": role,
        "iat": now,
        "nbf": now,
        "exp": now + expires_in,
    }
    if known is not None and known.scopes:
        claims["scp"] = " ".join(known.scopes)
    faults: dict[str, dict[str, JSON]] = {
        "expired": {"iat": now - 7200, "nbf": now - 7200, "exp": now - 3600},
        "not-yet-valid": {"nbf": now + 86_400, "exp": now + 86_400 + max(expires_in, 1)},
        "wrong-audience": {"aud": "https://wrong-audience.example"},
        "wrong-issuer": {"iss": "https://wrong-issuer.example"},
    }
    return claims | faults.get(identity, {})


class Verifier:
    """Tells whose token one is, for one API and one seed."""

    def __init__(self, api: Api, seed: int) -> None:
        self._audience = api.credential["audience"]
        self._key = signing_key(seed)
        self._checked: OrderedDict[str, Mapping[str, JSON] | str] = OrderedDict()

    def identity(self, token: str, now: float) -> str:
        """Return the role that a valid token names, or the name of the fault that makes it invalid."""
        claims = self._checked.get(token)
        if claims is None:
            claims = self._checked[token] = self._signed(token)
            if len(self._checked) > _REMEMBERED:
                self._checked.popitem(last=False)
        return claims if isinstance(claims, str) else self._valid(claims, now)

    def _signed(self, token: str) -> Mapping[str, JSON] | str:
        """Return the claims of a token whose signature holds, or its fault; the times are for our own clock to judge."""
        try:
            if str(jwt.get_unverified_header(token).get("alg", "")).lower() == "none":
                return "unsigned"
            return jwt.decode(token, self._key, algorithms=["HS256"], options=_SIGNATURE_ALONE)
        except jwt.InvalidSignatureError:
            return WRONG_SIGNATURE
        except (jwt.PyJWTError, ValueError):
            return MALFORMED

    def _valid(self, claims: Mapping[str, JSON], now: float) -> str:
        times = claims.get("nbf"), claims.get("exp")
        if not all(isinstance(each, int | float) for each in times) or not isinstance(claims.get("role"), str):
            return MALFORMED
        if claims.get("aud") != self._audience:
            return "wrong-audience"
        if claims.get("iss") != ISSUER:
            return "wrong-issuer"
        if now < claims["nbf"]:
            return "not-yet-valid"
        if now >= claims["exp"]:
            return "expired"
        return str(claims["role"])
