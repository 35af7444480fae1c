"""Explore a target beyond its corpus: fresh cases for as long as a budget lasts, and the smallest case of what fails.

Whatever is found is judged as everything else, by the same judge on the ground of the run before. Schemathesis's own checks
look at the same exchanges, apart from it and without any say in a verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from asdocumented.contracts.model import Api, Operation
from asdocumented.corpus.alarms import explained
from asdocumented.corpus.cases import Case, Kind
from asdocumented.corpus.counting import Replayed
from asdocumented.corpus.drafting import case_of
from asdocumented.corpus.generating import Draft, Generator
from asdocumented.corpus.machines import Machine, Walk, machines, surprises
from asdocumented.corpus.sending import RUNS, Sent, failing, send, trace_after
from asdocumented.corpus.walking import drawn_walks, smallest_walk
from asdocumented.reads.classify import classify
from asdocumented.reads.marks import Finding, Mark
from asdocumented.requirement import STATUS, Requirement
from asdocumented.running import Run
from asdocumented.traces import Arrangement, Exchange
from asdocumented.verdicts import Verdict

_BATCH = 20
_WALKS, _STEPS = 12, 10
_SHRINKS = 300  # drafts at most that are tried to find a smaller one

Broken: TypeAlias = tuple[str, Finding | None, tuple[Exchange, ...]]
"""What a walk breaks: a requirement or its model, with the finding and what was sent."""


@dataclass(frozen=True, slots=True)
class Found:
    """A requirement that a fresh case broke: the smallest such case, its exchanges, and the seed that led there.

    A walk on a state machine may do what its model does not expect without breaking any requirement: then there is none.
    """

    requirement: Requirement | None
    finding: Finding | None
    case: Case | Walk
    exchanges: tuple[Exchange, ...]
    seed: int


@dataclass(slots=True)
class Exploration:
    """What came of an exploration. `alarms` counts what other checks say, by check, operation and explanation.

    `ended` says why it came to its end before the time was over.
    """

    exchanges: int = 0
    cases: int = 0
    found: list[Found] = field(default_factory=list)
    alarms: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    ended: str = ""


@dataclass(slots=True)
class Explorer:
    """Explores the target of a run. `goes_on` tells whether there is budget left; `tell` hears of what is found."""

    run: Run
    goes_on: Callable[[], bool]
    tell: Callable[[Found], None] = field(default=lambda found: None)
    result: Exploration = field(default_factory=Exploration)
    _sends: int = 0
    _known: set[str] = field(default_factory=set)

    def explore(self) -> Exploration:
        """Draw, send and judge batches for one operation after the other until the budget is spent."""
        profile = self.run.options.profile
        self._known = {key for key, each in self.run.results.items() if each.profiles.get(profile) is Verdict.FAIL}
        generators = {api: Generator(self.run.catalogue.apis[api]) for api in sorted(self._apis())}
        for number in self._numbers():
            for operation in self._operations():
                for kind in Kind:
                    if not self._goes_on():
                        return self.result
                    self._batch(generators[operation.api], operation, kind, number)
            self.walk(number)
        return self.result

    def walk(self, number: int) -> None:
        """Walk on each machine of the operations that the run looked at, with the walks of one seed (`number`)."""
        for machine in self._machines():
            self._walks(machine, number)

    def _goes_on(self) -> bool:
        return not self.result.ended and self.goes_on()

    def _machines(self) -> list[Machine]:
        """Return the machines with those commands that the run looked at, where more than one operation is left."""
        known = (machine for name in sorted(self._apis()) for machine in machines(self.run.catalogue.apis[name]))
        asked = (
            replace(each, commands=tuple(one for one in each.commands if f"{each.api}/{one[0]}" in self.run.asked))
            for each in known
        )
        return [each for each in asked if each.name in each.operations and len(each.operations) > 1]

    def _numbers(self) -> Iterator[int]:
        number = self.run.options.seed * RUNS
        while self._goes_on():
            number += 1
            yield number

    def _apis(self) -> set[str]:
        return {operation.partition("/")[0] for operation in self.run.asked}

    def _operations(self) -> list[Operation]:
        return [each for each in self.run.catalogue.operations if each.id in self.run.asked]

    def _batch(self, generator: Generator, operation: Operation, kind: Kind, number: int) -> None:
        api = self.run.catalogue.apis[operation.api]
        drafts: dict[str, Draft] = {}
        cases: dict[str, Case] = {}
        for index, draft in enumerate(generator.drawn(operation, kind, number, _BATCH)):
            case = case_of(api, operation, draft, index)
            if case is not None:
                drafts.setdefault(case.id, draft)
                cases.setdefault(case.id, case)
        sent = self._send(api, tuple(cases.values()))
        self.result.cases += len(sent.replayed)
        marks = failing(self.run, api, sent)
        self._cross_check(generator, api, drafts, sent)
        guilty = {number for mark in marks.values() for number in mark.exchanges}
        passed = {each.case.id for each in sent.replayed if not guilty & set(each.exchanges)}
        for requirement in sorted(marks):
            if requirement not in self._known:
                self._known.add(requirement)
                self._take(generator, operation, kind, number, passed, marks[requirement], sent)

    def _blamed(self, mark: Mark, sent: Sent) -> Replayed | None:
        """Return the case that a finding is about, or None when it is about the exchanges of the run before."""
        return next((each for each in sent.replayed if set(each.exchanges) & set(mark.exchanges)), None)

    def _take(
        self,
        generator: Generator,
        operation: Operation,
        kind: Kind,
        number: int,
        passed: set[str],
        mark: Mark,
        sent: Sent,
    ) -> None:
        """Shrink what broke a requirement, and keep it; as it is where nothing more may be sent."""
        blamed, requirement = self._blamed(mark, sent), mark.requirement
        api = self.run.catalogue.apis[operation.api]
        best: list[tuple[Case, str, Mark, tuple[Exchange, ...]]] = []

        def fails(draft: Draft) -> bool:
            case = case_of(api, operation, draft)
            if case is None or case.id in passed or (best and not self._goes_on()):
                return False
            tried = self._try(api, case, requirement)
            if tried is None:
                passed.add(case.id)
                return False
            best.append((case, *tried))
            return True

        generator.smallest(operation, kind, number, _SHRINKS, fails)
        if not best and blamed is not None and isinstance(blamed.case, Case):
            again = self._try(api, blamed.case, requirement)
            if again is None and self.result.ended:
                again = requirement, mark, sent.numbered(blamed.exchanges)
            best += [(blamed.case, *again)] if again is not None else []
        if best:
            case, broken, mark, exchanges = best[-1]
            self._known.add(broken)
            kept = replace(case, requirement=broken)
            self._keep(Found(self.run.requirements[broken], mark.finding, kept, exchanges, number))

    def _keep(self, found: Found) -> None:
        self.result.found.append(found)
        self.tell(found)

    def _walks(self, machine: Machine, number: int) -> None:
        """Walk on a machine, and shrink and keep the walk that breaks a requirement or surprises the model."""
        walks = drawn_walks(machine, number, _WALKS, _STEPS)
        for walk in walks:
            if not self._goes_on():
                return
            self.result.cases += 1
            named = self._broken_by(walk)
            if named is not None and named[0] not in self._known:
                self._known.add(named[0])
                self._shrink_walk(walk, named, number)

    def _shrink_walk(self, walk: Walk, seen: Broken, number: int) -> None:
        best, name = [walk], seen[0]

        def fails(other: Walk) -> bool:
            named = self._broken_by(other, name) if self._goes_on() or len(best) == 1 else None
            if named is not None:
                best.append(other)
            return named is not None

        smallest = smallest_walk(walk.machine, number, _WALKS, _STEPS, fails) or best[-1]
        named = self._broken_by(smallest, name)
        if named is None and self.result.ended:
            smallest, named = walk, seen
        if named is not None:
            _, finding, exchanges = named
            requirement = self.run.requirements.get(name)
            kept = replace(smallest, requirement=name if requirement else "")
            self._keep(Found(requirement, finding, kept, exchanges, number))

    def _broken_by(self, walk: Walk, name: str = "") -> Broken | None:
        """Send a walk, and return a requirement that it breaks (`name`, where given) or its model with the finding."""
        api = self.run.catalogue.apis[walk.machine.api]
        sent = self._send(api, (walk,))
        marks = failing(self.run, api, sent)
        fresh = [each for each in sorted(marks) if each == name or (not name and each not in self._known)]
        if fresh:
            return fresh[0], marks[fresh[0]].finding, sent.exchanges
        state = next((event.state for event in sent.events if isinstance(event, Arrangement)), "")
        model = f"the model of {walk.operation}"
        for each in surprises(api, walk, state, sent.exchanges) if name in ("", model) else ():
            return model, Finding(each.expected, each.got, f"command {each.index + 1}"), sent.exchanges
        return None

    def _try(self, api: Api, case: Case, requirement: str) -> tuple[str, Mark, tuple[Exchange, ...]] | None:
        """Send one case, and return the finding if it breaks the requirement, or one that is blamed in its place.

        Which parameter a refusal is blamed on changes with what else a request holds.
        """
        sent = self._send(api, (case,))
        marks = failing(self.run, api, sent)
        alike = [each for each in sorted(marks) if _is_acceptance(self.run.requirements[each])]
        in_place = alike if _is_acceptance(self.run.requirements[requirement]) else []
        broken = requirement if requirement in marks else next(iter(in_place), "")
        if not broken:
            return None
        return broken, marks[broken], sent.exchanges

    def _send(self, api: Api, cases: tuple[Case | Walk, ...]) -> Sent:
        """Send cases, and return what came of them: nothing once the budget of the run has ended."""
        if self.result.ended:
            return Sent()
        self._sends += 1
        sent = send(self.run, api, cases, self._sends)
        self.result.exchanges += sent.count
        self.result.ended = sent.ended
        return sent

    def _cross_check(self, generator: Generator, api: Api, drafts: dict[str, Draft], sent: Sent) -> None:
        reads = {read.id: read for read in classify(self.run.catalogue, trace_after(self.run, api, sent))}
        by_id = {event.id: event for event in sent.events if isinstance(event, Exchange)}
        for each in sent.replayed:
            for alarm in generator.alarms(drafts[each.case.id], by_id[each.own]) if each.own else ():
                self.result.alarms[alarm.check, each.case.operation, explained(alarm, reads[each.own])] += 1


def _is_acceptance(requirement: Requirement) -> bool:
    return requirement.family == "request" or requirement.what == STATUS
