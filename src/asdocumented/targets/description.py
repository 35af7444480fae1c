"""What `targets.toml` says of one implementation, as plain types. Nothing here reads a secret, opens a file or connects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeAlias

from asdocumented.contracts.model import Tier
from asdocumented.targets.model import Patience, Pools


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """A secret in an environment variable."""

    name: str


@dataclass(frozen=True, slots=True)
class FromFile:
    """A secret in a file that nobody but its owner may read."""

    path: Path


@dataclass(frozen=True, slots=True)
class FromCommand:
    """A secret that a command prints."""

    command: tuple[str, ...]


Secret: TypeAlias = FromEnvironment | FromFile | FromCommand
"""Where a secret is; never the secret itself."""


@dataclass(frozen=True, slots=True)
class StaticCredential:
    """A secret that is sent as it is: as the API's credential, or as the value of another `header`."""

    secret: Secret
    header: str = ""


@dataclass(frozen=True, slots=True)
class AzureCredential:
    """A token of Microsoft Entra ID, got by azure-identity.

    `way` is `default`, `client-secret`, `workload-identity` or `managed-identity`. Without `scope` the API's contract tells
    which one to ask for. `authority` is the base URL of another token service, and `ca_file` what its certificate is verified
    with (else that of the API, where there is an authority).
    """

    way: str
    tenant: str = ""
    client: str = ""
    secret: Secret | None = None
    scope: str = ""
    authority: str = ""
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class LoginCredential:
    """A user name and a password: sent as they are where an operation takes them, exchanged for a session where not."""

    user: str
    password: Secret


Credential: TypeAlias = StaticCredential | AzureCredential | LoginCredential


@dataclass(frozen=True, slots=True)
class ByOperations:
    """A state is arranged by operations of the same contract, in this order."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByCommand:
    """A state is arranged by a command of the user's, run in `folder`; exit code 0 in `timeout` seconds says that it holds."""

    command: tuple[str, ...]
    folder: Path = Path()
    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class ByHttp:
    """A state is arranged by an HTTP call of the user's; a 2xx within `timeout` seconds says that it holds."""

    method: str
    url: str
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    body: str = ""
    timeout: float = 60.0


Way: TypeAlias = ByOperations | ByCommand | ByHttp


@dataclass(frozen=True, slots=True)
class StateDescription:
    """A state: the resources for which it holds, how it is arranged (None: it is given), and how that is taken back."""

    resources: Pools
    arrange: Way | None = None
    clean_up: Way | None = None


@dataclass(frozen=True, slots=True)
class Tls:
    """How connections to an API are secured: PEM files, another name to verify, or no verification at all."""

    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    server_name: str = ""
    verify: bool = True


@dataclass(frozen=True, slots=True)
class ApiDescription:
    """One API of a target.

    `resources` are what exists (pool -> ids), `owned` those that a run may change, `irreversible` those that it may change for
    good. `*` among the ids of a pool stands for all of them.
    """

    base_url: str
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    resources: Pools = field(default_factory=dict)
    owned: Pools = field(default_factory=dict)
    irreversible: Pools = field(default_factory=dict)
    states: Mapping[str, StateDescription] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)
    tls: Tls = field(default_factory=Tls)
    proxy: str = ""
    hosts: tuple[str, ...] = ()  # further hosts that this API's credentials may go to
    audiences: tuple[str, ...] = ()  # further audiences whose tokens may go to it


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast requests may go out: so many a second (0: no limit), and so many at a time."""

    rate: float = 0.0
    concurrency: int = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, seconds for a whole answer, and the most bytes that an answer may have once it is decoded."""

    connect: float = 10.0
    answer: float = 30.0
    largest: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a run may take: requests and minutes (0: no limit)."""

    requests: int = 0
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Requirements (a glob) that the implementation is declared not to support, and why."""

    requirement: str
    reason: str


@dataclass(frozen=True, slots=True)
class KnownDeviation:
    """A failure that is known: the requirement and what is observed (globs), why, and the last day on which it is accepted.

    `reading` (`<ambiguity>/<reading>`) narrows it to findings that depend on that reading of the register. `hosts` are the
    hosts of the services that it is known of, with a `reference`; one of a target's own file has neither.
    """

    requirement: str
    observed: str
    reason: str
    expires: date
    reading: str = ""
    reference: str = ""
    hosts: tuple[str, ...] = ()

    @property
    def ships(self) -> bool:
        """Tell whether it comes with the contracts, and not from a target's own file."""
        return bool(self.hosts)


@dataclass(frozen=True, slots=True)
class Description:
    """A target: who it is, its APIs, how far a run may reach, how fast, how long, and what is known of it."""

    name: str
    apis: Mapping[str, ApiDescription]
    implementation: str = ""
    version: str = ""
    contact: str = ""
    operations: frozenset[str] | None = None
    allow: Tier = Tier.READ
    intrusive: bool = False
    pace: Pace = field(default_factory=Pace)
    limits: Limits = field(default_factory=Limits)
    budget: Budget = field(default_factory=Budget)
    unsupported: tuple[Unsupported, ...] = ()
    known_deviations: tuple[KnownDeviation, ...] = ()
