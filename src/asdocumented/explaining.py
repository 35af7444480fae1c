"""Say everything about one requirement: what it asks for, why, how it is judged, what breaks it, and a request to try.

All of it is derived: from the contract, the behaviours, and a run on the emulator in this process, which shows which request
bears on the requirement. To a target of the user nothing is sent.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from asdocumented.behaviours import behaviour
from asdocumented.contracts.grounds import Ambiguity
from asdocumented.contracts.model import Api, Catalogue, Operation, Tier
from asdocumented.exchanges import disguised
from asdocumented.executing import Beside, Event
from asdocumented.known import KnownDeviation, names
from asdocumented.mutant import Mutant
from asdocumented.mutants import derive_mutants
from asdocumented.plans import Call, Scenario
from asdocumented.report.curl import curl_line
from asdocumented.requirement import PROFILES, Requirement, Stage, accepts
from asdocumented.running import Options, Watcher, make_plan, run
from asdocumented.secrets import marker_for
from asdocumented.selection import Selection
from asdocumented.targets.emulated import BASE_URL, EmulatorTarget
from asdocumented.targets.model import Target
from asdocumented.traces import Exchange, Request

__all__ = ["Attempt", "Explanation", "explain"]

_LOOKS = {
    Stage.TRANSPORT: "whether a complete answer comes",
    Stage.STATUS: "the status of an answer",
    Stage.MEDIA_TYPE: "the Content-Type of an answer",
    Stage.PARSE: "the text of an answer's body",
    Stage.SCHEMA: "one keyword of one field of the parsed body, wherever its definition is used",
    Stage.SEMANTICS: "what the answer means for the request, and beside other exchanges",
}
_CONTROLLED = ("error/", "identity/", "refusal/")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that bears on a requirement, as a curl line, and why the plan has it.

    `state` is the state that it needs, `arrange` the command that puts a served emulator into it, and `before` are the curl
    lines of the requests that come first.
    """

    curl: str
    purpose: str
    state: str = ""
    arrange: str = ""
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What there is to say about a requirement, beside the requirement itself and its operation."""

    requirement: Requirement
    operation: Operation
    profiles: tuple[str, ...]
    looks_at: str
    blocked_by: tuple[str, ...]
    needs_control: bool
    entries: tuple[Ambiguity, ...]
    mutants: tuple[Mutant, ...]
    attempt: Attempt | None
    known: tuple[KnownDeviation, ...] = ()

    def accepted_in(self, entry: Ambiguity, reading: str) -> tuple[str, ...]:
        """Return the profiles that accept a reading of an entry."""
        return tuple(profile for profile in PROFILES if accepts(profile, entry, reading))


def explain(
    catalogue: Catalogue, requirement: Requirement, target: Target, known: Iterable[KnownDeviation] = ()
) -> Explanation:
    """Return what there is to say about a requirement; the request to try is for that target.

    `known` are the known deviations of that target and of public services.
    """
    api = catalogue.apis[requirement.api]
    operation = api.operations[requirement.operation]
    return Explanation(
        requirement,
        operation,
        tuple(profile for profile in PROFILES if requirement.counts_in(profile)),
        _LOOKS[requirement.stage],
        tuple(each.name.lower().replace("_", " ") for each in Stage if each < requirement.stage),
        requirement.what.startswith(_CONTROLLED),
        tuple(_entries(api, operation, requirement)),
        tuple(each for each in derive_mutants(api, operation) if each.breaks == requirement.id),
        _attempt(catalogue, requirement, target),
        tuple(each for each in known if names(each, requirement.id)),
    )


def _entries(api: Api, operation: Operation, requirement: Requirement) -> Iterator[Ambiguity]:
    """Yield the register entries that the requirement is, or in whose place of the answer or behaviour it stands."""
    for entry in {**api.ambiguities, **operation.ambiguities}.values():
        own = requirement.what == f"ambiguity/{entry.id}"
        seen_here = f"{requirement.what}/".startswith(f"{entry.seen_in}/")
        if own or seen_here or requirement.id in _required(api, operation, entry.seen_in):
            yield entry


def _required(api: Api, operation: Operation, name: str) -> set[str]:
    """Return the ids of what a behaviour of the operation requires; nothing where it declares none of that name."""
    return {
        each.id
        for declaration in operation.behaviour(name)
        for each in behaviour(name).requirements(api, operation, declaration)
    }


@dataclass(slots=True)
class _Origins:
    """Which exchange came from which scenario of the plan, and how many of the scenario came before it."""

    found: dict[int, tuple[Scenario, int]] = field(default_factory=dict)
    pending: list[Exchange] = field(default_factory=list)

    def record(self, event: Event | Beside) -> None:
        """Take note of an exchange."""
        if isinstance(event, Exchange):
            self.pending.append(event)

    def advance(self, scenario: Scenario) -> None:
        """Give the exchanges since the last scenario to this one."""
        self.found.update({each.id: (scenario, place) for place, each in enumerate(self.pending)})
        self.pending.clear()


def _attempt(catalogue: Catalogue, requirement: Requirement, target: Target) -> Attempt | None:
    """Return the request that bears on the requirement in a run on the emulator, or the same one for another target.

    What no scenario is planned for by itself, such as the body of any error, shows in a run of the whole operation.
    """
    operation = f"{requirement.api}/{requirement.operation}"
    selections = (Selection(requirements=(requirement.id,)), Selection(operations=(operation,)))
    found = (_attempt_in(catalogue, requirement, target, each) for each in selections)
    return next((each for each in found if each is not None), None)


def _attempt_in(catalogue: Catalogue, requirement: Requirement, target: Target, selection: Selection) -> Attempt | None:
    """Return the request that bears on the requirement when so much is judged, or None when none does."""
    origins = _Origins()
    options = Options(selection, list(PROFILES)[-1], Tier.DISRUPTIVE)
    emulator = target if isinstance(target, EmulatorTarget) else EmulatorTarget(catalogue)
    done = run(catalogue, emulator, options, Watcher(recorded=origins.record, advanced=origins.advance))
    bearing = done.results[requirement.id].bearing
    if not bearing or bearing[0] not in origins.found:
        return None
    scenario, place = origins.found[bearing[0]]
    if emulator is not target:
        return _elsewhere(catalogue, target, options, scenario.id, place)
    exchanges = {each.id: each for each in done.execution.trace.exchanges}
    sent = [exchanges[number] for number in range(bearing[0] - place, bearing[0] + 1)]
    arrange = _arrange(requirement.api, scenario.state) if scenario.state else ""
    return replace(_from(scenario, place, sent, target), arrange=arrange)


def _elsewhere(catalogue: Catalogue, target: Target, options: Options, scenario: str, place: int) -> Attempt | None:
    """Return the same step of the plan for another target, which is asked nothing."""
    _, plan = make_plan(catalogue, target, options)
    found = next((each for each in plan.scenarios if each.id == scenario), None)
    if found is None:
        return None
    return _from(found, place, [_unsent(catalogue, target, step.call) for step in found.steps[: place + 1]], target)


def _from(scenario: Scenario, place: int, exchanges: list[Exchange], target: Target) -> Attempt:
    """Return an attempt whose last exchange is the one to try."""
    step = scenario.steps[min(place, len(scenario.steps) - 1)]
    *before, last = (curl_line(each, target.curl_credential) for each in exchanges)
    return Attempt(last, step.purpose, scenario.state, before=tuple(before))


def _arrange(api: str, state: str) -> str:
    """Return the command that puts a served emulator into a state, by its control API."""
    body = shlex.quote(json.dumps({"api": api, "state": state}))
    return f"curl -X POST -H 'content-type: application/json' --data-raw {body} {BASE_URL}/_emulator/states"


def _unsent(catalogue: Catalogue, target: Target, call: Call) -> Exchange:
    """Return a call as an exchange that nobody answered, with a marker for the credential."""
    operation = call.operation
    words = catalogue.apis[operation.api].credential
    marker = marker_for(call.identity, "basic" if operation.security == "basic" else "token")
    credential = (words["header"].lower(), f"{words['scheme']} {marker}".strip())
    if operation.security == "basic":
        credential = ("authorization", f"Basic {marker}")
    given = disguised(credential if call.identity != "anonymous" else None, call.disguise)
    headers = (*call.headers, *given)
    request = Request(call.method or operation.method, call.target, headers, call.body)
    return Exchange(0, operation.api, target.base_url(operation.api), request, None)
