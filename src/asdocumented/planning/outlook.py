"""What a plan will meet at its target, as far as that is known before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from asdocumented.changes.rights import Rights
from asdocumented.contracts.model import Catalogue, Operation
from asdocumented.plans import Scenario, Step
from asdocumented.reads.classify import ANONYMOUS
from asdocumented.targets.description import ByOperations, Description, LoginCredential, Pace
from asdocumented.targets.model import Patience, Target
from asdocumented.targets.remote import RemoteTarget
from asdocumented.targets.sights import sight_of

__all__ = ["Extra", "Outlook", "extra_of", "outlook_of"]

_MADE_UP = frozenset({ANONYMOUS, "malformed"})  # identities that need no credential of the target's
_IN_PROCESS = 0.003  # seconds for a request to the emulator in this process, measured
_ASSUMED = 0.2  # seconds for a request to a server that nobody has measured


@dataclass(frozen=True, slots=True)
class Extra:
    """Requests of one operation that a run sends beside its plan, and why."""

    api: str
    operation: str
    method: str
    path: str
    identity: str
    why: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """Who can call, which states can be had, and how fast requests go out. None stands for everything.

    `seconds` is what one request is taken to last; `around` are requests that a run sends beside its plan, and
    `existing` ids by API and pool. `rights` say by API what may be changed; without them nothing is taken back. `refused` are
    states (API -> state -> reason) that cannot hold, since the target's file does not let them be arranged.
    """

    identities: Mapping[str, frozenset[str]] | None = None
    states: Mapping[str, frozenset[str]] | None = None
    patience: Mapping[str, Patience] = field(default_factory=dict)
    pace: Pace = field(default_factory=lambda: Pace(concurrency=1))
    seconds: float = _IN_PROCESS
    around: tuple[Extra, ...] = ()
    existing: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    rights: Mapping[str, Rights] | None = None
    refused: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def lacks(self, step: Step) -> str:
        """Return why a step is not sent, or the empty string."""
        api, who = step.call.operation.api, step.call.identity
        if self.identities is None or who in _MADE_UP or who in self.identities.get(api, ()):
            return ""
        return f"the target names no credential for the identity '{who}'"

    def cannot_start(self, scenario: Scenario) -> str:
        """Return why a scenario is not begun, or the empty string."""
        if self.states is None or not scenario.must_arrange:
            return ""
        cannot = f"the target cannot be brought into the state '{scenario.state}'"
        if refused := self.refused.get(scenario.api, {}).get(scenario.state):
            return f"{cannot}: {refused}"
        return "" if scenario.state in self.states.get(scenario.api, ()) else cannot


def outlook_of(catalogue: Catalogue, target: Target) -> Outlook:
    """Return what is known of a target without a connection, and without a look at any secret."""
    if not isinstance(target, RemoteTarget):
        known = _existing(target)
        return Outlook(patience={api: target.patience(api) for api in catalogue.apis}, existing=known)
    said = target.description
    return Outlook(
        {api: frozenset(each.credentials) for api, each in said.apis.items()},
        {api: frozenset(each.states) for api, each in said.apis.items()},
        {api: each.patience for api, each in said.apis.items()},
        said.pace,
        _ASSUMED,
        (*_logins(catalogue, said), *_arrangements(catalogue, said, target.refused)),
        _existing(target),
        target.rights,
        {
            api: {state: why for state, why in own.items() if sight_of(catalogue.apis[api], state) is None}
            for api, own in target.refused.items()
        },
    )


def _existing(target: Target) -> dict[str, dict[str, frozenset[str]]]:
    """Return what exists: API -> pool -> ids, those of its states included."""
    return {
        api: {
            pool: frozenset(
                [
                    *pools.get(pool, ()),
                    *(one for each in target.states.get(api, {}).values() for one in each.get(pool, ())),
                ]
            )
            for pool in {*pools, *(pool for each in target.states.get(api, {}).values() for pool in each)}
        }
        for api, pools in target.pools.items()
    }


def _logins(catalogue: Catalogue, said: Description) -> list[Extra]:
    """Return the requests that open and close the sessions of user names and passwords."""
    found = []
    for name, described in said.apis.items():
        login = catalogue.apis[name].login
        for identity, credential in described.credentials.items():
            if login is not None and isinstance(credential, LoginCredential):
                logout = catalogue.apis[name].operations[login.undo]
                found.append(extra_of(login, identity, "opens the session of the identity"))
                found.append(extra_of(logout, identity, "closes that session at the end"))
    return found


def _arrangements(catalogue: Catalogue, said: Description, refused: Mapping[str, Mapping[str, str]]) -> list[Extra]:
    """Return the operations by which states are arranged and taken back; of what is refused, only the look remains."""
    found = []
    for name, described in said.apis.items():
        for state, each in described.states.items():
            sight = sight_of(catalogue.apis[name], state) if each.arrange is not None else None
            forbidden = refused.get(name, {}).get(state, "")
            if sight is not None:
                more = f", and does not arrange it: {forbidden}" if forbidden else ""
                found.append(extra_of(sight.operation, "admin", f"looks whether the state '{state}' holds{more}"))
            if forbidden:
                continue
            for way, why in ((each.arrange, "arranges the state"), (each.clean_up, "takes back the state")):
                names = way.names if isinstance(way, ByOperations) else ()
                operations = catalogue.apis[name].operations
                found += [extra_of(operations[one], "admin", f"{why} '{state}'") for one in names]
    return found


def extra_of(operation: Operation, identity: str, why: str) -> Extra:
    """Return an operation as what is sent beside a plan."""
    return Extra(operation.api, operation.name, operation.method, operation.path, identity, why)
