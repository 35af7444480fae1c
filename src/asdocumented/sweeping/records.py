"""Put a sweep into one JSON document, `mutation.json`, and write it. Its published JSON Schema is `mutation.schema.json` here.

Everything but the header is a pure function of contracts, seed and selection, so that two files can be compared with `diff`:
each mutant is a line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from asdocumented import __version__
from asdocumented.contracts.locating import bundled
from asdocumented.errors import UsageError
from asdocumented.measured import SAYS, Numbers
from asdocumented.mutant import Kind, Line
from asdocumented.report.records import contracts_digest
from asdocumented.requirement import EDITION, FAMILIES, Requirement
from asdocumented.sweeping.outcomes import ENDS, Left, OfMutant, OfVariant, Outcome
from asdocumented.sweeping.scores import Score, scores
from asdocumented.sweeping.subjects import operation_of
from asdocumented.sweeping.sweep import Sweep
from asdocumented.witnesses import Witness

FORMAT = 1
"""The version of the format; it changes when a reader of the old one would misread the new."""

RESULTS, PAGE = "mutation.json", "mutation.html"

Document = dict[str, Any]


def document(sweep: Sweep, *, started: str, contracts: Path | None = None) -> Document:
    """Return everything that came of a sweep. `started` is when it began, `contracts` the folder that they came from."""
    kinds = Numbers()
    mutants = [_mutant(each, kinds) for each in sweep.mutants]
    return {
        "header": _header(sweep, started, contracts),
        "exitCode": sweep.exit_code,
        "score": _score(sweep.score),
        "classes": _scores(sweep, lambda each: str(each.mutant.kind), [str(each) for each in Kind]),
        "families": _scores(sweep, lambda each: _family(sweep, each), FAMILIES),
        "apis": _scores(sweep, lambda each: each.mutant.breaks.partition("/")[0], sweep.catalogue.apis),
        "legal": {str(each): sum(1 for one in sweep.variants if one.outcome is each) for each in Left},
        "clean": {
            "alarms": [{"requirement": key, "profiles": list(said)} for key, said in sweep.alarms.items()],
            "errors": [{"requirement": key, "reason": reason} for key, reason in sweep.broke.items()],
        },
        "complete": None if sweep.completeness is None else not sweep.completeness.missing,
        "missing": [_named(each) for each in (sweep.completeness.missing if sweep.completeness else ())],
        "notShown": [_named(each) for each in (sweep.completeness.not_shown if sweep.completeness else ())],
        "unfit": [
            {"owner": each.owner, "mutant": each.equivalent.mutant, "because": each.equivalent.because}
            for each in sweep.unfit
        ],
        "sample": [{"id": each.id, "disagreement": each.disagreement} for each in sweep.sample],
        "requirements": _requirements(sweep),
        "variants": [_variant(each) for each in sweep.variants],
        "kinds": list(kinds),
        "mutants": mutants,
    }


def _header(sweep: Sweep, started: str, contracts: Path | None) -> Document:
    plea = sweep.plea
    return {
        "format": FORMAT,
        "started": started,
        "seconds": round(sweep.seconds, 1),
        "jobs": plea.jobs,
        "harness": __version__,
        "edition": EDITION,
        "contracts": contracts_digest(contracts or bundled("contracts")),
        "seed": plea.seed,
        "selection": {"apis": list(plea.apis), "operations": list(plea.operations), "mutant": plea.mutant},
        "corpus": False,
        "says": SAYS,
    }


def _score(score: Score) -> Document:
    counts = {str(name): count for name, count in score.counts.items()}
    return {**counts, "counted": score.counted, "percent": score.percent}


def _scores(sweep: Sweep, of: Any, order: Iterable[str]) -> dict[str, Document]:
    found = scores(sweep.mutants, of)
    return {name: _score(found[name]) for name in order if name in found}


def _family(sweep: Sweep, each: OfMutant) -> str:
    result = sweep.clean.get(each.mutant.breaks)
    return result.requirement.family if result else ""


def _named(requirement: Requirement) -> Document:
    return {"requirement": requirement.id, "level": str(requirement.level), "text": requirement.text}


def _requirements(sweep: Sweep) -> list[Document]:
    """Return every requirement in scope with the score of its mutants."""
    by_requirement = scores(sweep.mutants, lambda each: each.mutant.breaks)
    lacking = sweep.completeness
    missing = {each.id for each in lacking.missing} if lacking else set()
    return [
        {
            "requirement": key,
            "level": str(each.requirement.level),
            "family": each.requirement.family,
            "killed": by_requirement[key].killed if key in by_requirement else 0,
            "counted": by_requirement[key].counted if key in by_requirement else 0,
            **({"missing": True} if key in missing else {}),
        }
        for key, each in sweep.clean.items()
    ]


def _lines(lines: Iterable[Line]) -> list[Document]:
    return [{"switch": line.switch, "operation": line.operation, "arguments": dict(line.arguments)} for line in lines]


def _mutant(each: OfMutant, kinds: Numbers) -> Document:
    mutant, trial = each.mutant, each.trial
    finding = trial.finding
    found: Document = {
        "id": mutant.id,
        "class": str(mutant.kind),
        "operation": operation_of(mutant.breaks),
        "breaks": mutant.breaks,
        "outcome": str(each.outcome),
        "profile": each.profile,
        "wanted": str(ENDS[mutant.ends]),
        "verdicts": {name: str(verdict) for name, verdict in trial.verdicts.items()},
        "lines": _lines(mutant.lines),
        "fails": [key for key in trial.fails if key != mutant.breaks],
    }
    optional = {
        "finding": {"expected": finding.expected, "got": finding.got, "where": finding.where} if finding else None,
        "differsAt": trial.differs,
        "witness": _witness(trial.witness, kinds) if each.outcome is Outcome.KILLED else None,
        "because": each.because,
        "stale": each.stale or None,
        "endedEarly": trial.ended,
    }
    return found | {name: value for name, value in optional.items() if value not in (None, "")}


def _witness(witness: Witness, kinds: Numbers) -> Document:
    return {"rule": str(witness.rule), "marks": [[kinds[kind] for kind in mark] for mark in witness.marks]}


def _variant(each: OfVariant) -> Document:
    variant, trial = each.variant, each.trial
    found: Document = {
        "id": variant.id,
        "operation": variant.operation,
        "outcome": str(each.outcome),
        "profiles": list(variant.profiles),
        "permittedBy": variant.because,
        "lines": _lines(variant.lines),
    }
    optional: Document = {
        "fails": list(each.fails),
        "weakened": list(each.weakened),
        "because": each.because,
        "endedEarly": trial.ended,
    }
    return found | {name: value for name, value in optional.items() if value}


def text(found: Mapping[str, Any]) -> str:
    """Return a document as JSON, with each item of a list on a line of its own."""
    parts = []
    for name, value in found.items():
        if isinstance(value, list) and value:
            shown = "[\n" + ",\n".join(f"    {_json(each)}" for each in value) + "\n  ]"
        else:
            shown = _json(value)
        parts.append(f"  {_json(name)}: {shown}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _json(value: Any) -> str:
    """Return a value as ASCII: what it holds comes from bent answers, and some of it is no text that can be written."""
    return json.dumps(value, ensure_ascii=True)


def make_room(folder: Path, *, replace: bool) -> None:
    """Raise UsageError where a folder holds what another sweep left and it is not to be replaced."""
    left = [name for name in (RESULTS, PAGE) if (folder / name).exists()]
    if left and not replace:
        raise UsageError(
            "output-in-use",
            f"{str(folder)!r} holds what another sweep left ({left[0]}).",
            remedy="Name another folder, or give --replace to write over it.",
        )


def write(folder: Path, name: str, content: str) -> Path:
    """Write a file of a sweep, which is there whole or not at all, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path, partial = folder / name, folder / f".{name}.partial"
    with partial.open("w", encoding="utf-8", newline="\n") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return path


def read(path: Path) -> Document:
    """Return the document of a sweep, by its file or its folder.

    Raises UsageError where there is none, or a file that is something else.
    """
    file = path / RESULTS if path.is_dir() else path
    remedy = "Name the folder that `asdoc mutate` wrote, or its mutation.json."
    if not file.is_file():
        raise UsageError("no-sweep", f"There is no {RESULTS} at {str(path)!r}.", remedy=remedy)
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError("not-a-sweep", f"{str(file)!r} is not JSON: {error}.", remedy=remedy) from error
    if not isinstance(found, dict) or found.get("header", {}).get("format") != FORMAT or "mutants" not in found:
        raise UsageError("not-a-sweep", f"{str(file)!r} is not what came of a sweep.", remedy=remedy)
    return found
