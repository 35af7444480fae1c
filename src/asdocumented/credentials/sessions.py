"""Exchange a user name and a password for a session, by the operation that the API's own contract has for it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from asdocumented.contracts.definitions import secret_pointers
from asdocumented.contracts.model import Api, Operation
from asdocumented.credentials.keeping import RefusedError
from asdocumented.credentials.tokens import Token
from asdocumented.reads.classify import at
from asdocumented.reads.strict_json import parse
from asdocumented.secrets import SHORTEST
from asdocumented.targets.model import UnavailableError

Client = Callable[[], httpx.AsyncClient]
_HEADERS = {"accept": "application/json", "accept-encoding": "identity"}
_REFUSALS = (401, 403)


def basic(user: str, password: str) -> str:
    """Return the value of an Authorization header with a user name and a password (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@dataclass(slots=True)
class Sessions:
    """The sessions of one user at one API: opened when they are needed, closed at the end of the run.

    A password that was refused is never sent again, since a few wrong ones lock an account.
    """

    api: Api
    login: Operation
    base_url: str
    user: str
    password: str = field(repr=False)
    client: Client
    _open: list[str] = field(default_factory=list, repr=False)

    async def get(self) -> Token:
        """Open a session; raises UnavailableError when none can be had, and RefusedError for a refused password."""
        headers = {**_HEADERS, "authorization": basic(self.user, self.password)}
        try:
            async with self.client() as client:
                answer = await client.request(self.login.method, self.base_url + self.login.path, headers=headers)
        except httpx.HTTPError as error:
            reason = f"environment: the login of {self.user!r} failed with {type(error).__name__}"
            raise UnavailableError(reason) from error
        if answer.status_code in _REFUSALS:
            raise RefusedError(
                f"the login of {self.user!r} was refused with {answer.status_code}; "
                "it is not tried again, since wrong passwords lock accounts"
            )
        session = self._session(answer)
        if not session:
            raise UnavailableError(f"the login of {self.user!r} was answered with {answer.status_code} and no session")
        self._open.append(session)
        return Token(session)

    def _session(self, answer: httpx.Response) -> str:
        rule = self.login.responses.get(str(answer.status_code))
        if rule is None or rule.schema is None:
            return ""
        value = parse(answer.content).value
        found = (at(value, each) for each in secret_pointers(self.api.definitions, rule.schema))
        return next((each for each in found if isinstance(each, str) and len(each) >= SHORTEST), "")

    async def close(self) -> None:
        """Close every session; one that has ended by itself, or cannot be closed any more, is no matter."""
        undo = self.api.operations[self.login.undo]
        words = self.api.credential
        while self._open:
            session = self._open.pop()
            headers = {**_HEADERS, words["header"].lower(): f"{words['scheme']} {session}".strip()}
            try:
                async with self.client() as client:
                    await client.request(undo.method, self.base_url + undo.path, headers=headers)
            except httpx.HTTPError:
                self._open.clear()  # the server is gone
