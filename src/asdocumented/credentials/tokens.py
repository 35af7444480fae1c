"""What a token tells of itself: until when it is good and for whom. Nothing is verified, since that is the target's task."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from asdocumented.contracts.model import JSON

_MARGIN = 300.0  # seconds before its end at which a token is renewed
_SHARE = 0.2  # of its life, where that is short
_LATEST = 253_402_300_799  # the end of the year 9999


@dataclass(frozen=True, slots=True)
class Token:
    """A token, when it was got and when it ends (None: nobody knows), in seconds since 1970."""

    value: str = field(repr=False)
    expires: float | None = None
    got: float = field(default_factory=time.time)

    def is_over(self, now: float) -> bool:
        """Tell whether it has expired."""
        return self.expires is not None and now >= self.expires

    def is_old(self, now: float) -> bool:
        """Tell whether it should be renewed: its end is near."""
        if self.expires is None:
            return False
        return now >= self.expires - min(_MARGIN, max(0.0, self.expires - self.got) * _SHARE)


def token_of(value: str) -> Token:
    """Return a token with the end that it states itself, if it is a JWT."""
    expires = claims(value).get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int | float) or not 0 <= expires <= _LATEST:
        return Token(value)
    return Token(value, float(expires))


def claims(value: str) -> dict[str, JSON]:
    """Return what a JWT claims (RFC 7519), unverified; nothing for a token that is none."""
    if value.count(".") != 2:
        return {}
    import jwt

    try:
        return dict(jwt.decode(value, options={"verify_signature": False}))
    except (jwt.PyJWTError, ValueError, RecursionError):
        return {}


def begins(value: str) -> float:
    """Return from when a JWT is good, in seconds since 1970; 0 where it does not say."""
    start = claims(value).get("nbf")
    return float(start) if isinstance(start, int | float) and not isinstance(start, bool) else 0.0


def is_signed(value: str) -> bool | None:
    """Tell whether a JWT has a signature and an algorithm for it (RFC 7515 section 3); None where it is no JWT."""
    if not claims(value):
        return None
    import jwt

    algorithm = str(jwt.get_unverified_header(value).get("alg", "")).lower()
    return algorithm != "none" or not value.endswith(".")


def audiences_of(value: str) -> tuple[str, ...]:
    """Return for whom a JWT is; nothing where it does not say."""
    found = claims(value).get("aud")
    each = found if isinstance(found, list) else [found]
    return tuple(one for one in each if isinstance(one, str))


def is_for(value: str, accepted: Sequence[str]) -> bool:
    """Tell whether a token is for one of these audiences, compared without a slash at the end."""
    return bool({each.rstrip("/") for each in audiences_of(value)} & {each.rstrip("/") for each in accepted})


def when(seconds: float) -> str:
    """Return a time as people read it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
