"""Keep the token of one identity: got at first use, again before it ends, and once more when it was refused in mid-run."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

from asdocumented.credentials.tokens import Token, when
from asdocumented.targets.model import UnavailableError

_PAUSE = 30.0  # seconds after which a token service that failed is asked again


class RefusedError(UnavailableError):
    """Who calls was refused for good: to try again might lock the account."""


class Keeper:
    """Gets the token of an identity when it is needed. `get` asks for a new one; without it the first is the only one."""

    def __init__(self, who: str, get: Callable[[], Awaitable[Token]] | None, first: Token | None = None) -> None:
        self._who = who
        self._get = get
        self._token = first
        self._failure: UnavailableError | None = None
        self._pause_until = 0.0
        self._known = [first.value] if first is not None else []
        self._lock: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    @property
    def is_renewable(self) -> bool:
        """Tell whether there can be another token than the first."""
        return self._get is not None

    @property
    def known(self) -> tuple[str, ...]:
        """Return every token that there was so far."""
        return tuple(self._known)

    async def current(self) -> str:
        """Return a token that is good for a while; raises UnavailableError when there is none."""
        token = self._token
        if token is not None and not token.is_old(time.time()):
            return token.value
        async with self._one_at_a_time():
            if self._token is token or self._token is None:
                await self._replace()
            return self._good()

    async def renewed(self, refused: str) -> bool:
        """Get another token in place of one that was refused; tell whether there is another now."""
        if self._get is None:
            return False
        async with self._one_at_a_time():
            if self._token is None or self._token.value == refused:
                try:
                    await self._replace()
                except UnavailableError:
                    return False
            return self._token is not None and self._token.value != refused

    def forget(self) -> None:
        """Give the token up: the next use gets another."""
        if self._get is not None:
            self._token = None

    async def _replace(self) -> None:
        """Get a token; one that has not ended stays where that fails, and nobody asks again for a while."""
        if self._get is None:
            return
        if self._failure is None or time.monotonic() >= self._pause_until:
            try:
                self._take(await self._get())
            except UnavailableError as error:
                self._failure = error
                self._pause_until = math.inf if isinstance(error, RefusedError) else time.monotonic() + _PAUSE
        if self._failure is not None and (self._token is None or self._token.is_over(time.time())):
            raise self._failure

    def _take(self, token: Token) -> None:
        self._token, self._failure = token, None
        if token.value not in self._known:
            self._known.append(token.value)

    def _good(self) -> str:
        if self._token is None:
            raise self._failure or UnavailableError(f"environment: there is no token of {self._who}")
        if self._token.expires is not None and self._token.is_over(time.time()):
            raise UnavailableError(f"environment: the token of {self._who} expired at {when(self._token.expires)}")
        return self._token.value

    def _one_at_a_time(self) -> asyncio.Lock:
        """Return the lock of the running loop: one target may be run several times, each in a loop of its own."""
        loop = asyncio.get_running_loop()
        if self._lock is None or self._lock[0] is not loop:
            self._lock = loop, asyncio.Lock()
        return self._lock[1]
