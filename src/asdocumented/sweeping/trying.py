"""Judge one emulator, and say what became of it beside the clean one: the same run, with the same seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import Catalogue
from asdocumented.mutant import Line
from asdocumented.reads.marks import Finding
from asdocumented.running import Options, Planned, Run, prepare_run, run
from asdocumented.selection import Selection
from asdocumented.sweeping.subjects import Subject
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.targets.loopback import LoopbackTarget
from asdocumented.traces import Exchange
from asdocumented.verdicts import Result, Verdict

_SILENCE, _PATIENCE = 0.1, 30.0
"""How many seconds an answer over a socket is waited for where silence is what is tried, and else."""
_JUDGED = (Verdict.PASS, Verdict.FAIL)

Answers = tuple[tuple[object, ...], ...]
Verdicts = Mapping[str, Verdict]
"""What was said of one requirement: profile -> verdict."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one emulator. All of it can be sent from a process to another.

    `verdicts` and `clean` are of the requirement that was to fail, on this emulator and on the clean one; `differs` is the first
    exchange whose answer is another than the clean emulator's, 0 where time alone differs and None where nothing does.
    """

    verdicts: Verdicts = field(default_factory=dict)
    clean: Verdicts = field(default_factory=dict)
    finding: Finding | None = None
    fails: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # requirement -> the profiles in which it fails
    broke: Mapping[str, str] = field(default_factory=dict)  # requirement -> how our own check broke
    weakened: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # a MUST that passed -> where it is inconclusive
    judged: frozenset[str] = frozenset()  # requirements with a pass or a fail that have none on the clean emulator
    differs: int | None = None
    exchanges: int = 0
    ended: str = ""  # why the run ended early
    crashed: str = ""  # why there was none


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a run on the clean emulator showed."""

    results: Mapping[str, Result]
    answers: Answers
    ended_at: float


class Bench:
    """Judges emulators of one catalogue and seed, and keeps what the clean one shows for each choice of operations."""

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        self._catalogue, self._seed = catalogue, seed
        self._clean: dict[tuple[tuple[str, ...], bool], Baseline] = {}
        self._plans: dict[tuple[str, ...], Planned] = {}  # a switch changes nothing before the first request

    def attempt(self, subject: Subject) -> Trial:
        """Judge one emulator. Whatever breaks on the way is told as our own failure, and is no verdict."""
        try:
            clean = self.clean(subject.operations, needs_socket=subject.needs_socket)
            return self._compared(subject, clean)
        except Exception as error:  # noqa: BLE001 - one emulator that breaks us must not hide what came of the others
            return Trial(crashed=f"{type(error).__name__}: {error}")

    def clean(self, operations: tuple[str, ...], *, needs_socket: bool = False) -> Baseline:
        """Return what the clean emulator shows. Raises ValueError where it shows two things over a socket."""
        key = (operations, needs_socket)
        if key not in self._clean:
            found, _ = self._observed((), operations, needs_socket=needs_socket)
            if needs_socket and self._observed((), operations, needs_socket=True)[0].answers != found.answers:
                raise ValueError(
                    "two runs on the clean emulator over loopback differ, so that nothing follows from a third"
                )
            self._clean[key] = found
        return self._clean[key]

    def _observed(
        self, lines: tuple[Line, ...], operations: tuple[str, ...], *, needs_socket: bool, is_silent: bool = False
    ) -> tuple[Baseline, Run]:
        """Judge an emulator with these lines on: in process, or over a socket where one of them needs it."""
        target = EmulatorTarget(self._catalogue, seed=self._seed)
        if needs_socket:
            silence = _SILENCE if is_silent else _PATIENCE
            target = LoopbackTarget(self._catalogue, seed=self._seed, silence=silence)
        options = Options(Selection(operations=operations), seed=self._seed)
        if operations not in self._plans:
            self._plans[operations] = prepare_run(self._catalogue, target, options)
        for line in lines:
            target.emulator.switch(line.switch, operation=line.operation, **line.arguments)
        done = run(self._catalogue, target, options, planned=self._plans[operations])
        answers = tuple(_answer(each) for each in done.execution.trace.exchanges)
        return Baseline(done.results, answers, round(target.now(), 3)), done

    def _compared(self, subject: Subject, clean: Baseline) -> Trial:
        seen, done = self._observed(
            subject.lines, subject.operations, needs_socket=subject.needs_socket, is_silent=subject.is_silent
        )
        own = done.results.get(subject.breaks)
        return Trial(
            verdicts=own.profiles if own else {},
            clean=clean.results[subject.breaks].profiles if subject.breaks in clean.results else {},
            finding=next((mark.finding for mark in own.findings if mark.finding is not None), None) if own else None,
            fails=failing(done.results),
            broke=broken_checks(done),
            weakened=_weakened(clean.results, done.results),
            judged=frozenset(key for key, each in done.results.items() if is_judged(each))
            - {key for key, each in clean.results.items() if is_judged(each)},
            differs=first_difference(clean, seen),
            exchanges=len(seen.answers),
            ended=done.execution.interrupted,
        )


def is_judged(result: Result) -> bool:
    """Tell whether exchanges spoke to a requirement."""
    return any(each in _JUDGED for each in result.profiles.values())


def failing(results: Mapping[str, Result]) -> dict[str, tuple[str, ...]]:
    """Return each requirement that fails, with the profiles in which it does."""
    found = {
        key: tuple(name for name, verdict in each.profiles.items() if verdict is Verdict.FAIL)
        for key, each in results.items()
    }
    return {key: profiles for key, profiles in found.items() if profiles}


def broken_checks(done: Run) -> dict[str, str]:
    """Return each requirement whose check broke, or that passes although nothing that was sent bears on it."""
    sent = {each.id for each in done.execution.trace.exchanges}
    found = {}
    for key, each in done.results.items():
        verdicts = set(each.profiles.values())
        if Verdict.ERROR in verdicts:
            found[key] = each.reason
        elif Verdict.PASS in verdicts and not sent.intersection(each.bearing):
            found[key] = "it passes, and no exchange bears on it"
    return found


def _weakened(clean: Mapping[str, Result], seen: Mapping[str, Result]) -> dict[str, tuple[str, ...]]:
    found = {}
    for key, result in seen.items():
        before = clean[key].profiles
        lost = tuple(
            name
            for name, verdict in result.profiles.items()
            if verdict is Verdict.INCONCLUSIVE and before[name] is Verdict.PASS
        )
        if lost and result.requirement.level is Level.MUST:
            found[key] = lost
    return found


def _answer(exchange: Exchange) -> tuple[object, ...]:
    response = exchange.response
    if response is None:
        return (exchange.failure,)
    return response.status, response.headers, response.body, exchange.failure


def first_difference(clean: Baseline, seen: Baseline) -> int | None:
    """Return the first exchange whose answers differ, 0 where the time alone does, and None where nothing does."""
    for number, (one, two) in enumerate(zip_longest(clean.answers, seen.answers), start=1):
        if one != two:
            return number
    return 0 if clean.ended_at != seen.ended_at else None
