"""The headers that the answers of an API carry, from its contract: ids, caching, what is left of a rate limit, challenges.

The contract says which; here the placeholders are filled in. Nothing here replaces a header that an answer has already.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from asdocumented.contracts.model import Api
from asdocumented.contracts.service import AnswerHeader
from asdocumented.emulator.messages import Headers, Reply, Request
from asdocumented.emulator.worlds import Draws, RateUse

_REQUEST_IDS = ("$request-id", "$correlation-id")
_REMAINING = "$remaining-"
_KINDS = {"GET": "reads", "HEAD": "reads", "OPTIONS": "reads", "DELETE": "deletes"}  # every other method writes


class _Chosen(NamedTuple):
    """What one kind of answer carries: constant headers, the names that get the request's id, and the one that counts."""

    constant: Headers
    ids: tuple[str, ...]
    remaining: tuple[str, ...]


class AnswerHeaders:
    """The headers of one API's answers; which of them an answer gets is found out once for each kind of answer."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._chosen: dict[tuple[int, bool, str], _Chosen] = {}

    def of_success(self, request: Request, status: int, now: float, draws: Draws, used: RateUse) -> Headers:
        """Return the headers of a success; it counts as one request of its kind where the API has rate limits."""
        key = (status, request.secure, request.method)
        chosen = self._chosen.get(key) or self._choose(*key)
        headers = chosen.constant
        if chosen.ids:
            request_id = draws.uuid()
            headers = (*headers, *((name, request_id) for name in chosen.ids))
        if chosen.remaining:
            kind = _kind(request.method)
            left = str(max(0, self._api.rate_limits[kind] - used.count(kind, now)))
            headers = (*headers, *((name, left) for name in chosen.remaining))
        return (*headers, *self._echoed(request)) if self._api.client_request_id else headers

    def of_error(self, reply: Reply, request: Request, security: str) -> Reply:
        """Return a refusal with the headers of errors, and with a challenge if it is a 401 (RFC 9110 section 11.6.1)."""
        facts = reply.error
        request_id, code = (facts.request_id, facts.code) if facts else ("", "")
        key = (reply.status, request.secure, "")
        chosen = self._chosen.get(key) or self._choose(*key)
        found = [(name, code if value == "$code" else value) for name, value in chosen.constant]
        found += [(name, request_id) for name in chosen.ids]
        if reply.status == 401:
            found.append(("www-authenticate", challenge(self._api, security)))
        has = {name for name, _value in reply.headers}
        added = (each for each in (*found, *self._echoed(request)) if each[0] not in has)
        return replace(reply, headers=(*reply.headers, *added))

    def _choose(self, status: int, secure: bool, method: str) -> _Chosen:  # noqa: FBT001 - the three are a key
        """Return what an answer carries, and remember it; an error is not told by method, so that it has none."""
        outcome = "success" if method else "error"
        carried = [each for each in self._api.headers if _carries(each, outcome, status, secure)]
        remaining = f"{_REMAINING}{_kind(method)}"
        chosen = self._chosen[status, secure, method] = _Chosen(
            tuple((each.name, each.value) for each in carried if not _is_filled(each)),
            tuple(each.name for each in carried if each.value in _REQUEST_IDS),
            tuple(each.name for each in carried if method and each.value == remaining),
        )
        return chosen

    def _echoed(self, request: Request) -> Headers:
        """Return the client's own id of its request, where it asked to have it back."""
        wanted = self._api.client_request_id
        if wanted is None or request.header(wanted.asked_by.lower()).strip().lower() != "true":
            return ()
        value = request.header(wanted.header.lower())
        return ((wanted.header.lower(), value),) if value else ()


def challenge(api: Api, security: str, fault: str = "") -> str:
    """Return the challenge to a caller without a valid credential; `fault` says what is wrong with the one that it sent.

    Without a credential no error is told (RFC 6750 section 3.1).
    """
    scheme = "Basic" if security == "basic" else api.credential["scheme"] or "Basic"
    words = api.challenges.get(security, f'{scheme} realm="{api.name}"')
    told = fault and words.partition(" ")[0].lower() == "bearer"
    return f'{words}, error="invalid_token", error_description="{fault}"' if told else words


def _kind(method: str) -> str:
    return _KINDS.get(method, "writes")


def _carries(header: AnswerHeader, outcome: str, status: int, secure: bool) -> bool:  # noqa: FBT001 - a part of a key
    if header.on not in ("", outcome) or (header.tls and not secure):
        return False
    return not header.statuses or status in header.statuses


def _is_filled(header: AnswerHeader) -> bool:
    return header.value in _REQUEST_IDS or header.value.startswith(_REMAINING)
