"""What `asdoc run --mode explore` does after the run: draw fresh cases, and print and keep what fails."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import click

from asdocumented.contracts.grounds import Level
from asdocumented.contracts.locating import bundled
from asdocumented.corpus.exploring import Exploration, Explorer, Found
from asdocumented.corpus.machines import Walk
from asdocumented.corpus.showing import exchange_lines, heading
from asdocumented.corpus.store import keep_example
from asdocumented.corpus.walks import keep_walk
from asdocumented.report.escaping import visible
from asdocumented.report.records import event_record
from asdocumented.running import Run
from asdocumented.traces import Arrangement, Exchange, facts_record

Told: TypeAlias = Callable[[str, Iterable[Exchange]], str]
"""Makes a text about a run and some exchanges fit for the terminal."""


def explore(done: Run, budget: float, keep: Path, again: Iterable[str], *, pseudonymise: bool = False) -> int:
    """Explore the target of a run, print and keep what is found, and return the exit code.

    `keep` is the folder whose corpora get the examples; `again` are the options that reach the same target. With
    pseudonyms, they are those of the run's report. The code is that of the run, or 1 when a MUST of the profile was
    broken beyond it.
    """
    told = _pseudonyms(done) if pseudonymise else _as_it_is
    end = time.monotonic() + budget
    click.echo(f"\nExploring for {budget:g} s, seed {done.options.seed}")
    explorer = Explorer(done, lambda: time.monotonic() < end, lambda found: _tell(done, found, keep, again, told))
    result = explorer.explore()
    for line in _summary(result):
        click.echo(told(line, ()))
    broken = any(each.requirement is not None and each.requirement.level is Level.MUST for each in result.found)
    return 1 if broken and done.exit_code in (0, 4) else done.exit_code


def keeping_folder(given: tuple[Path, ...], contracts: Path | None, output: Path) -> Path:
    """Return where examples are kept: the first folder that was given, the contracts of a checkout, else the output."""
    if given:
        return given[0]
    folder = contracts or bundled("contracts")
    is_checkout = contracts is not None or "_bundled" not in folder.parts
    return folder if is_checkout and os.access(folder, os.W_OK) else output / "corpus"


def _as_it_is(text: str, exchanges: Iterable[Exchange]) -> str:
    return text


def _pseudonyms(done: Run) -> Told:
    """Return what puts pseudonyms into a text about a run's target and about some exchanges with it."""
    from asdocumented.report.pseudonymising import pseudonyms_of

    known = [
        {"kind": "header", "target": {"name": done.target.name, "selfTest": done.target.is_emulator}},
        {"kind": "facts", **facts_record(done.execution.facts)},
        *(event_record(each) for each in done.execution.trace.events if isinstance(each, Arrangement)),
        *({"kind": "exchange", "server": done.target.base_url(api)} for api in done.execution.facts.existing),
    ]
    return lambda text, exchanges: pseudonyms_of([*known, *map(event_record, exchanges)]).text(text)


def _tell(done: Run, found: Found, keep: Path, again: Iterable[str], told: Told) -> None:
    case, finding = found.case, found.finding
    if isinstance(case, Walk):
        file = keep_walk(keep, done.catalogue.apis[case.machine.api], case)
    else:
        file = keep_example(done.catalogue, keep, case)
    what = (
        f"{found.requirement.level} {found.requirement.id}"
        if found.requirement
        else "a walk that its model does not expect"
    )
    lines = ["", f"FOUND  {what}"]
    if finding is not None:
        lines.append(f"  expected {visible(finding.expected)}, got {visible(finding.got)} ({visible(finding.where)})")
    lines += [*heading(found.case, found.seed)]
    for exchange in found.exchanges:
        lines += exchange_lines(exchange, done.target.curl_credential)
    click.echo(told("\n".join(lines), found.exchanges))
    click.echo(f"\n  kept in {visible(str(file))}")
    click.echo(told(f"  {shlex.join(['asdoc', 'run', *again, '--case', found.case.id])}", ()))


def _summary(result: Exploration) -> Iterator[str]:
    yield ""
    yield f"Explored {result.cases} fresh cases with {result.exchanges} exchanges: {len(result.found)} findings."
    if result.ended:
        yield f"It ended early: {result.ended}"
    for (check, operation, words), count in sorted(result.alarms.items()):
        yield f"cross-check  {count:>4} {check} in {operation}: {words or 'NOT EXPLAINED: look at it'}"
    if result.alarms:
        yield "A cross-check is what Schemathesis's own checks say; it changes no verdict."
