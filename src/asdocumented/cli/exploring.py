"""What `asdoc run --mode explore` does after the run: draw fresh cases, and print and keep what fails."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from asdocumented.contracts.grounds import Level
from asdocumented.contracts.locating import bundled
from asdocumented.corpus.exploring import Exploration, Explorer, Found
from asdocumented.corpus.machines import Walk
from asdocumented.corpus.showing import exchange_lines, heading
from asdocumented.corpus.store import keep_example
from asdocumented.corpus.walks import keep_walk
from asdocumented.report.escaping import visible
from asdocumented.running import Run


def explore(done: Run, budget: float, keep: Path, again: Iterable[str]) -> int:
    """Explore the target of a run, print and keep what is found, and return the exit code.

    `keep` is the folder whose corpora get the examples; `again` are the options that reach the same target. The code is
    that of the run, or 1 when a MUST of the profile was broken beyond it.
    """
    end = time.monotonic() + budget
    click.echo(f"\nExploring for {budget:g} s, seed {done.options.seed}")
    explorer = Explorer(done, lambda: time.monotonic() < end, lambda found: _tell(done, found, keep, again))
    result = explorer.explore()
    for line in _summary(result):
        click.echo(line)
    broken = any(each.requirement is not None and each.requirement.level is Level.MUST for each in result.found)
    return 1 if broken and done.exit_code in (0, 4) else done.exit_code


def keeping_folder(given: tuple[Path, ...], contracts: Path | None, output: Path) -> Path:
    """Return where examples are kept: the first folder that was given, the contracts of a checkout, else the output."""
    if given:
        return given[0]
    folder = contracts or bundled("contracts")
    is_checkout = contracts is not None or "_bundled" not in folder.parts
    return folder if is_checkout and os.access(folder, os.W_OK) else output / "corpus"


def _tell(done: Run, found: Found, keep: Path, again: Iterable[str]) -> None:
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
    lines += [
        "",
        f"  kept in {visible(str(file))}",
        f"  {shlex.join(['asdoc', 'run', *again, '--case', found.case.id])}",
    ]
    click.echo("\n".join(lines))


def _summary(result: Exploration) -> Iterator[str]:
    yield ""
    yield f"Explored {result.cases} fresh cases with {result.exchanges} exchanges: {len(result.found)} findings."
    if result.ended:
        yield f"It ended early: {result.ended}"
    for (check, operation, words), count in sorted(result.alarms.items()):
        yield f"cross-check  {count:>4} {check} in {operation}: {words or 'NOT EXPLAINED: look at it'}"
    if result.alarms:
        yield "A cross-check is what Schemathesis's own checks say; it changes no verdict."
