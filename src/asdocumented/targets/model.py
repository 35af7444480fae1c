"""What a target is to a run: where its APIs are, who can call, what exists there and which states can be had."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

import httpx

from asdocumented.changes.rights import Rights
from asdocumented.contracts.model import Tier
from asdocumented.plans import Step
from asdocumented.traces import Arrangement, Exchange, Housekeeping, Leftover

if TYPE_CHECKING:  # they build on what is here
    from asdocumented.exchanges import Sender
    from asdocumented.transport.conduct import Conduct
    from asdocumented.transport.manners import Manners

Send: TypeAlias = Callable[[Step], Awaitable[Exchange]]
"""Sends a step of a run and records its exchange."""

Tell: TypeAlias = Callable[[Housekeeping | Leftover], None]
"""Is told of what happens beside a plan."""

Pools = Mapping[str, tuple[str, ...]]


def ignore(event: Housekeeping | Leftover) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what was written may take to show, and how often to look, in seconds of the target's clock."""

    deadline: float = 30.0
    interval: float = 1.0


class Target(Protocol):
    """One implementation of some of the documented APIs."""

    @property
    def name(self) -> str:
        """Return the name that a user typed."""

    @property
    def implementation(self) -> str:
        """Return what is judged."""

    @property
    def version(self) -> str:
        """Return its version, or the empty string."""

    @property
    def is_emulator(self) -> bool:
        """Tell whether a run is a self-test, on something that is reset for each state."""

    @property
    def allow(self) -> Tier:
        """Return the highest tier of the requests that any run may send to it."""

    @property
    def rights(self) -> Mapping[str, Rights] | None:
        """Return what a run may change, by API; None where it may change everything, since all of it is reset."""

    @property
    def origin(self) -> Mapping[str, str]:
        """Return where the target was named, so that it is found again: the targets file, the token's variable."""

    @property
    def operations(self) -> frozenset[str]:
        """Return the ids of the operations in scope."""

    @property
    def pools(self) -> Mapping[str, Pools]:
        """Return what exists: API -> pool -> ids."""

    @property
    def states(self) -> Mapping[str, Mapping[str, Pools]]:
        """Return the pools that hold in a state: API -> state -> pool -> ids."""

    @property
    def expendable(self) -> Mapping[str, Pools]:
        """Return what a run may change for good: API -> pool -> ids, `*` for all of a pool."""

    def secrets(self) -> Mapping[str, str]:
        """Return every secret that the target was given, with the marker that stands for it in records."""

    def base_url(self, api: str) -> str:
        """Return the base URL of an API, without a slash at its end."""

    async def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return the header that makes a request an identity's, or None for the anonymous one.

        Raises UnavailableError when the target has no such identity.
        """

    def charge(self, conduct: Conduct, tell: Callable[[Housekeeping], None]) -> None:
        """Charge what credentials send by themselves, such as logins, to the run that begins; `tell` is told of each request."""

    async def renew(self, api: str, identity: str, refused: str) -> bool:
        """Get another token in place of one (the header's value) that was refused; tell whether there is one."""

    def check_host(self, api: str, url: str) -> None:
        """Check that a credential of an API may go to a URL; raises UnavailableError where it may not."""

    @property
    def concurrency(self) -> int:
        """Return how many requests may be on their way at a time; with one, a run sends them in the order of its plan."""

    @property
    def takes_intrusive(self) -> bool:
        """Tell whether requests that no client sends may go out."""

    async def raw_url(self, api: str) -> str:
        """Return the base URL of an API for a request that goes over a socket of its own; the emulator opens one for it."""

    async def close(self) -> None:
        """Give back what a run opened."""

    @property
    def arranging(self) -> Mapping[str, Mapping[str, Tier]]:
        """Return how far it reaches to arrange each state that does not hold anyway: API -> state -> tier."""

    async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
        """Bring an API into a state; `send` sends and records a step that this takes.

        Raises UnavailableError with the reason when this target cannot.
        """

    @property
    def made_up(self) -> frozenset[str]:
        """Return the ids that arranging a state makes up for itself: what is under them is the run's own."""

    async def clean_up(self, api: str, send: Send) -> Sequence[str]:
        """Take back what was arranged of an API, and return a sentence for each thing that could not be."""

    def keep_account(self, ledger: Ledger) -> None:
        """Tell a ledger from now on of each state that something outside the API arranges, before it is arranged."""

    async def restore(self, api: str, state: str, send: Send) -> bool:
        """Take back a state that another run had arranged; tell whether there is a way.

        Raises UnavailableError with the reason when that does not work.
        """

    @property
    def unsupported(self) -> Mapping[str, str]:
        """Return what the target is declared not to support: globs over ids of requirements, each with the reason."""

    def patience(self, api: str) -> Patience:
        """Return how long an API may take to show what was written, and how often to look."""

    def now(self) -> float:
        """Return the time of the clock that deadlines go by, in seconds since 1970-01-01T00:00:00Z."""

    async def wait(self, seconds: float) -> None:
        """Let so many seconds of that clock pass."""

    def client(self) -> httpx.AsyncClient:
        """Return a new client that reaches the target."""

    @property
    def manners(self) -> Manners | None:
        """Return how the target is to be treated; None in process, where nothing can be paced, lost or overburdened."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what a user must know of how the target is reached, loudly."""

    def curl_credential(self, api: str, identity: str, security: str) -> str:
        """Return how a curl line gets the credential: a shell expression, never the secret itself."""


class UnavailableError(Exception):
    """The target does not have what a step needs; the text says what."""


class Ledger(Protocol):
    """What keeps account of states that are arranged from outside an API, so that they are taken back if a run is killed."""

    def arranged(self, api: str, state: str) -> None:
        """Write down a state that is about to be arranged."""

    def taken_back(self, api: str, state: str) -> None:
        """Write down that nothing is left to do about a state."""


class Guard(Protocol):
    """What stands between a run and its target: it is asked before each request, told after it, and cleans up at the end."""

    @property
    def left(self) -> Sequence[str]:
        """Return what could not be put back as it was, a sentence each."""

    def begin(self, sender: Sender, tell: Tell = ignore) -> None:
        """Take what sends the requests that clean up, and whom to tell of each, and of what could not be put back."""

    async def before(self, step: Step) -> None:
        """Let a step be sent; raises UnavailableError where it must not be, and HarnessError where it should never have come."""

    def again(self, step: Step, exchange: Exchange) -> None:
        """Take note of what a step was answered before its request is sent once more."""

    async def after(self, step: Step, exchange: Exchange) -> None:
        """Take note of what a step was answered."""

    async def finish(self) -> None:
        """Undo what the run changed; the run may have ended, failed or been interrupted."""


class Unguarded:
    """The guard of a target that is reset anyway: it lets everything pass."""

    left: tuple[str, ...] = ()

    def begin(self, sender: Sender, tell: Tell = ignore) -> None:
        """Do nothing."""

    async def before(self, step: Step) -> None:
        """Let it pass."""

    def again(self, step: Step, exchange: Exchange) -> None:
        """Do nothing."""

    async def after(self, step: Step, exchange: Exchange) -> None:
        """Do nothing."""

    async def finish(self) -> None:
        """Do nothing."""
