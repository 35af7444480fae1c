"""The bundled emulator as a target, in the same process: no socket, and the same bytes for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import httpx

from asdocumented import __version__
from asdocumented.contracts.model import Catalogue, Tier
from asdocumented.emulator import Emulator, SteppingClock
from asdocumented.targets.direct import DirectTransport
from asdocumented.targets.listening import Listener
from asdocumented.targets.model import Ledger, Patience, Pools, Send
from asdocumented.traces import Arrangement, Housekeeping
from asdocumented.transport.conduct import Conduct
from asdocumented.transport.plain import PlainClient

if TYPE_CHECKING:
    from asdocumented.transport.manners import Manners

BASE_URL = "http://127.0.0.1:8080"
"""What curl lines of a run on the emulator address: `asdoc serve --port 8080` makes them work as they are printed."""


def token_command(api: str, identity: str, security: str) -> str:
    """Return the shell expression for a credential of the emulator."""
    return f"$(asdoc token --api {api} --identity {identity}{' --basic' if security == 'basic' else ''})"


_PATIENCE = Patience(
    deadline=60, interval=10
)  # few looks: half a minute, the longest that anything takes, is four of them


class EmulatorTarget:
    """The emulator, bound to this object; `emulator` is there for tests that break it."""

    name = "emulator"
    implementation = "asdocumented emulator"
    version = __version__
    is_emulator = True
    takes_intrusive = True
    concurrency = 1  # nothing is waited for, and the same seed gives the same bytes
    manners: Manners | None = None
    warnings = ()
    made_up = frozenset[str]()
    allow = Tier.DISRUPTIVE
    rights = None
    origin: Mapping[str, str] = {}

    def __init__(self, catalogue: Catalogue, *, seed: int = 0) -> None:
        self.emulator = Emulator(catalogue, seed=seed, clock=SteppingClock())
        self.operations = frozenset(operation.id for operation in catalogue.operations)
        self.states: Mapping[str, Mapping[str, Pools]] = {}
        self.expendable: Mapping[str, Pools] = {}  # nothing has to be: everything is reset
        self.arranging: Mapping[str, Mapping[str, Tier]] = {}
        self.unsupported: Mapping[str, str] = {}
        self._listener = Listener(self.emulator.app, self.emulator.protocol)

    @property
    def pools(self) -> Mapping[str, Pools]:
        """Return what exists in the emulator now."""
        return self.emulator.resources

    def secrets(self) -> Mapping[str, str]:
        """Return nothing: tokens are made when they are needed."""
        return {}

    def base_url(self, api: str) -> str:
        """Return where a started emulator would be."""
        return BASE_URL

    async def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return the header of an identity, with a token signed for this emulator."""
        return self.emulator.credential(api, identity, security=security)

    async def renew(self, api: str, identity: str, refused: str) -> bool:
        """Return no: its tokens are made when they are needed, so that none has expired."""
        return False

    def check_host(self, api: str, url: str) -> None:
        """Do nothing: all of them are for this process."""

    async def raw_url(self, api: str) -> str:
        """Return where the emulator listens on loopback, which it does from the first call on."""
        return await self._listener.url()

    async def close(self) -> None:
        """Stop listening."""
        await self._listener.close()

    async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
        """Put an API into a state from scratch; no request is needed for it."""
        return Arrangement(api, state, dict(self.emulator.arrange(api, state)))

    def charge(self, conduct: Conduct, tell: Callable[[Housekeeping], None]) -> None:
        """Do nothing: nobody logs in."""

    def keep_account(self, ledger: Ledger) -> None:
        """Do nothing: nothing outlives the run."""

    async def restore(self, api: str, state: str, send: Send) -> bool:
        """Do nothing: nothing outlives the run."""
        return True

    async def clean_up(self, api: str, send: Send) -> Sequence[str]:
        """Do nothing: the next state begins from scratch."""
        return ()

    def patience(self, api: str) -> Patience:
        """Return a patience that costs nothing, since its clock is moved instead of waited for."""
        return _PATIENCE

    def now(self) -> float:
        """Return the emulator's time."""
        return self.emulator.clock.now()

    async def wait(self, seconds: float) -> None:
        """Move the emulator's clock forward; nobody sleeps."""
        self.emulator.clock.advance(seconds)

    def client(self) -> httpx.AsyncClient:
        """Return a client that calls the emulator's application directly."""
        return PlainClient(transport=DirectTransport(self.emulator.app), timeout=30)

    def curl_credential(self, api: str, identity: str, security: str) -> str:
        """Return the command that makes a credential for an emulator that was started with the same seed."""
        return token_command(api, identity, security)
