"""What exists in one emulated API: pools of things by id, each with what is stored of it, and the sessions it handed out."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from asdocumented.contracts.model import JSON, Api

Pool = dict[str, dict[str, JSON]]
_WINDOW: Final = 3600  # seconds of a rate limit's window


class Draws:
    """A source of randomness whose whole state is how often it was drawn from, so that a state file can hold it."""

    def __init__(self, seed: str, drawn: int = 0) -> None:
        self._seed = hashlib.blake2b(seed.encode(), digest_size=16)
        self.drawn = drawn

    def uuid(self) -> str:
        """Return a fresh version 4 UUID."""
        return _uuid(self._digits())

    def random(self) -> float:
        """Return a number from 0 to 1, without 1."""
        return int(self._digits()[:13], 16) / (1 << 52)

    def _digits(self) -> str:
        self.drawn += 1
        digits = self._seed.copy()
        digits.update(b"/%d" % self.drawn)
        return digits.hexdigest()


@dataclass(slots=True)
class RateUse:
    """How many requests of each kind were counted in one window of an hour."""

    window: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str, now: float) -> int:
        """Count a request, and return how many there were in its window."""
        window = int(now // _WINDOW)
        if window != self.window:
            self.window, self.counts = window, {}
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return self.counts[kind]


@dataclass(slots=True)
class World:
    """The state of one API. An empty `{}` is stored of things of which only the existence is known.

    A session's id is a credential, so that only its digest is kept.
    """

    pools: dict[str, Pool]
    sessions: dict[str, str] = field(default_factory=dict, repr=False)  # SHA-256 of a session id -> identity
    shown: dict[str, list[JSON]] = field(default_factory=dict, repr=False)  # what switches remember
    throttled_until: float = 0.0
    hidden: dict[str, list[str]] = field(
        default_factory=dict
    )  # pool -> ids of what is stored and, by a switch, not found

    @classmethod
    def initial(cls, api: Api) -> World:
        """Return the world that the contract describes: the values of each resource, and nothing else."""
        return cls({name: {value: {} for value in resource.values} for name, resource in api.resources.items()})

    def copy(self) -> World:
        """Return a world that changes independently of this one."""
        return World(
            copy.deepcopy(self.pools),
            dict(self.sessions),
            copy.deepcopy(self.shown),
            self.throttled_until,
            copy.deepcopy(self.hidden),
        )

    def find(self, pool: str, identifier: str, *, ignores_case: bool = False) -> str | None:
        """Return the id under which something exists, or None."""
        things = self.pools.get(pool, {})
        if identifier in self.hidden.get(pool, ()):
            return None
        if identifier in things:
            return identifier
        if ignores_case:
            wanted = identifier.casefold()
            return next((each for each in things if each.casefold() == wanted), None)
        return None

    def open_session(self, secret: str, identity: str) -> None:
        """Let whoever has this session id act as an identity."""
        self.sessions[_digest(secret)] = identity

    def close_session(self, secret: str) -> None:
        """End a session, if there is one."""
        self.sessions.pop(_digest(secret), None)

    def session(self, secret: str) -> str | None:
        """Return the identity of a session."""
        return self.sessions.get(_digest(secret)) if self.sessions else None

    def ids(self) -> Mapping[str, tuple[str, ...]]:
        """Return the ids that exist now, by pool."""
        return {name: tuple(things) for name, things in self.pools.items()}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a function that arranges a state works on: a fresh world, its own source of randomness, and the time."""

    world: World
    random: Random
    now: float


def new_uuid(random: Random) -> str:
    """Return a version 4 UUID from a seeded source."""
    return _uuid(f"{random.getrandbits(128):032x}")


def _uuid(digits: str) -> str:
    """Return 32 hexadecimal digits as a version 4 UUID (RFC 9562 section 5.4)."""
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
