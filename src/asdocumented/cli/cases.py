"""What `asdoc run --case` does: replay single stored cases beside the plan of their operations, and show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import click

from asdocumented.contracts import Catalogue
from asdocumented.contracts.grounds import Level
from asdocumented.corpus.counting import Replayed
from asdocumented.corpus.showing import bearing, case_lines
from asdocumented.corpus.store import Corpora
from asdocumented.errors import UsageError, ended
from asdocumented.reads.marks import Mark, Outcome
from asdocumented.running import Options, Run, run
from asdocumented.secrets import Redactor
from asdocumented.selection import Selection, select_operations
from asdocumented.targets.model import Target
from asdocumented.verdicts import Verdict


def replay_cases(
    catalogue: Catalogue, target: Target, options: Options, identifiers: tuple[str, ...], redactor: Redactor
) -> int:
    """Replay single cases beside the plan of their operations, print them, and return the exit code.

    It is 1 when one of them breaks a MUST of the profile, 4 when one could not be sent, else 0. Raises UsageError for an
    id that no case has, and for a case of an operation that the selection leaves out.
    """
    corpora = options.corpora.only(identifiers)
    _check_in_scope(catalogue, options.selection, corpora)
    selection = replace(options.selection, apis=(), operations=tuple(sorted({*corpora.cases, *corpora.walks})))
    done = run(catalogue, target, replace(options, corpora=corpora, selection=selection), redactor=redactor)
    if done.distress is not None:
        raise done.distress
    for index, replayed in enumerate(done.replayed):
        click.echo("\n".join(["", *case_lines(done, replayed)][0 if index else 1 :]))
    for identifier, reason in done.left_out.items():
        click.echo(f"asdoc: The case {identifier} was not sent: {ended(reason)}", err=True)
    broken = any(_breaks(done, mark.requirement) for each in done.replayed for mark in _findings(done, each))
    return 1 if broken else 4 if done.left_out else 0


def _check_in_scope(catalogue: Catalogue, selection: Selection, corpora: Corpora) -> None:
    chosen = select_operations(catalogue, selection)
    for each in (each for name in sorted({*corpora.cases, *corpora.walks}) for each in corpora.all_of(name)):
        if each.operation not in chosen:
            raise UsageError(
                "case-out-of-scope",
                f"The case {each.id!r} is one of {each.operation}, which --api or --operation leaves out.",
                remedy="Leave those out: a case names its operation itself.",
            )


def _findings(done: Run, replayed: Replayed) -> Iterator[Mark]:
    return (mark for mark in bearing(done, replayed) if mark.outcome is Outcome.FINDING)


def _breaks(done: Run, requirement: str) -> bool:
    result = done.results[requirement]
    return result.requirement.level is Level.MUST and result.profiles.get(done.options.profile) is Verdict.FAIL
