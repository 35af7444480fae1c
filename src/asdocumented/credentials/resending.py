"""Decide whether a request that was refused with 401 is sent once more, with a new token."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from asdocumented.plans import Call, Disguise

AGAIN = "the token was renewed"
"""What a record says of the exchange before."""

_REFUSED = 401
_FRUITLESS = 3
_MEANT_TO_BE_REFUSED = (Disguise.SCHEME, Disguise.TWICE)


class Renewing(Protocol):
    """A target that may have a new token for an identity."""

    async def renew(self, api: str, identity: str, refused: str) -> bool:
        """Get another token in place of the refused one; tell whether there is one."""


class Resending:
    """Knows which operations refused a new token as well: it is not the token that they refuse."""

    def __init__(self, target: Renewing) -> None:
        self._target = target
        self._fruitless: Counter[tuple[str, str]] = Counter()

    async def is_worth(self, call: Call, credential: str, status: int) -> bool:
        """Tell whether a request is worth sending once more; `credential` is the value of the header that was refused."""
        if status != _REFUSED or call.operation.security == "basic" or call.disguise in _MEANT_TO_BE_REFUSED:
            return False
        if self._fruitless[_key(call)] >= _FRUITLESS:
            return False
        return await self._target.renew(call.operation.api, call.identity, credential)

    def learn(self, call: Call, status: int) -> None:
        """Take note of the answer to a request that was sent once more."""
        self._fruitless[_key(call)] += status == _REFUSED


def _key(call: Call) -> tuple[str, str]:
    return call.operation.id, call.identity
