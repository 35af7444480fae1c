"""Exchange a user name and a password for a session, by the operation that the API's own contract has for it."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import httpx

from asdocumented.contracts.definitions import secret_pointers
from asdocumented.contracts.model import Api, Operation
from asdocumented.credentials.keeping import RefusedError
from asdocumented.credentials.tokens import Token
from asdocumented.reads.classify import at
from asdocumented.reads.strict_json import parse
from asdocumented.secrets import SHORTEST
from asdocumented.targets.description import Limits
from asdocumented.targets.model import UnavailableError
from asdocumented.traces import Why
from asdocumented.transport.attempting import Outcome, attempt
from asdocumented.transport.retrying import LONGEST, Asked, again
from asdocumented.transport.till import Till
from asdocumented.wire import Answer

Client = Callable[[], httpx.AsyncClient]
_HEADERS = {"accept": "application/json", "accept-encoding": "identity"}
_REFUSALS = (401, 403)
_TO_CLOSE = 10.0  # seconds that are waited at most before a session is ended again that the server is too busy to end


def basic(user: str, password: str) -> str:
    """Return the value of an Authorization header with a user name and a password (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@dataclass(slots=True)
class Sessions:
    """The sessions of one user at one API: opened when they are needed, closed at the end of the run.

    A password that was refused is never sent again, since a few wrong ones lock an account. What comes back is read within the
    limits of every answer, and what is answered "later" is sent again like any request. `till` charges all of it to the run.
    """

    api: Api
    login: Operation
    base_url: str
    user: str
    password: str = field(repr=False)
    client: Client
    limits: Limits
    till: Till = field(default_factory=Till)
    _open: list[str] = field(default_factory=list, repr=False)

    async def get(self) -> Token:
        """Open a session; raises UnavailableError when none can be had, and RefusedError for a refused password."""
        headers = {**_HEADERS, "authorization": basic(self.user, self.password)}
        outcome = await self._sent(Why.LOGIN, self.login, headers, longest=LONGEST + 1)
        answer = outcome.answer
        if answer is None:  # the fault's own words: what a server said may hold the password
            raise UnavailableError(f"environment: the login of {self.user!r} failed: {outcome.fault}")
        if answer.status in _REFUSALS:
            raise RefusedError(
                f"the login of {self.user!r} was refused with {answer.status}; "
                "it is not tried again, since wrong passwords lock accounts"
            )
        session = self._session(answer)
        if not session:
            raise UnavailableError(f"the login of {self.user!r} was answered with {answer.status} and no session")
        self._open.append(session)
        return Token(session)

    async def _sent(self, why: Why, operation: Operation, headers: dict[str, str], *, longest: float) -> Outcome:
        """Send a request, again where its answer says so, unless that takes longer to wait than `longest`.

        Raises BudgetError for a login that the run may send no more.
        """
        kinds = frozenset(each for rule in operation.responses.values() for each in rule.media_types)
        asked, seconds = Asked(operation.method, kinds), self.limits.connect + self.limits.answer
        async with self.client() as client:
            while True:
                request = client.build_request(operation.method, self.base_url + operation.path, headers=headers)
                self.till.spend(owed=why is Why.LOGOUT)
                outcome = await attempt(client, request, self.limits, seconds)
                reason = again(asked, outcome, time.time())
                if reason is not None and reason.wait > self.till.longest(longest):
                    reason = None
                sent = operation.method, operation.path
                self.till.told(why, self.api.name, self.base_url, sent, outcome, reason.reason if reason else "")
                if reason is None:
                    return outcome
                await self.till.wait(reason.wait)
                asked = replace(asked, sent=asked.sent + 1)

    def _session(self, answer: Answer) -> str:
        """Return the session that an answer hands out; one that no header can carry is none."""
        rule = self.login.responses.get(str(answer.status))
        if rule is None or rule.schema is None:
            return ""
        value = parse(answer.content).value
        found = (at(value, each) for each in secret_pointers(self.api.definitions, rule.schema))
        return next((each for each in found if isinstance(each, str) and _is_usable(each)), "")

    async def close(self) -> None:
        """Close every session; one that has ended by itself, or cannot be closed any more, is no matter."""
        undo = self.api.operations[self.login.undo]
        words = self.api.credential
        while self._open:
            session = self._open.pop()
            headers = {**_HEADERS, words["header"].lower(): f"{words['scheme']} {session}".strip()}
            outcome = await self._sent(Why.LOGOUT, undo, headers, longest=_TO_CLOSE)
            if outcome.answer is None:
                self._open.clear()  # the server is gone


def _is_usable(session: str) -> bool:
    return len(session) >= SHORTEST and session.isascii() and session.isprintable()
