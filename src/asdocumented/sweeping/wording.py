"""The words for what came of a sweep, the same on a terminal and on a page. Pure functions of its document."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asdocumented.sweeping.outcomes import Left, Outcome

Document = Mapping[str, Any]

WORDS: Mapping[str, str] = {
    Outcome.WITHOUT_EFFECT: "no effect",
    Left.LEFT_ALONE: "left alone",
    Left.FALSE_ALARM: "false alarm",
}
"""How outcomes are shown whose name is no word; all others are shown as they are."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a sweep ended: a state, what keeps it from a better one, and how it is marked (`good`, `care`, `bad`)."""

    state: str
    reasons: tuple[str, ...]
    mark: str


def amount(count: int, noun: str) -> str:
    """Return a number with its noun: `1 mutant`, `2 mutants`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def percent(score: Document) -> str:
    """Return the part that was killed, or a dash where nothing counts."""
    return "–" if score["percent"] is None else f"{score['percent']:g}%"


def headline(found: Document) -> str:
    """Return the result in one line."""
    score, legal = found["score"], found["legal"]
    killed = f"{score['killed']:,} of {amount(score['counted'], 'mutant')} killed ({percent(score)})"
    alarms = amount(legal["false-alarm"] + len(found["clean"]["alarms"]), "false alarm")
    return f"{killed}, {alarms} on {amount(sum(legal.values()), 'legal variant')} and the clean emulator"


def conditions(found: Document) -> list[str]:
    """Return how the sweep was made."""
    header = found["header"]
    chosen = header["selection"]
    limits = [*chosen["apis"], *chosen["operations"], *([chosen["mutant"]] if chosen["mutant"] else [])]
    return [
        *([f"of {', '.join(limits)} alone"] if limits else []),
        f"seed {header['seed']}",
        f"{header['seconds']:g} s",
        amount(header["jobs"], "job"),
        f"edition {header['edition']}",
        f"asdoc {header['harness']}",
        f"begun {header['started']}",
        "without the corpus",
    ]


def again(identifier: str, seed: int) -> str:
    """Return the command that judges one mutant or variant again."""
    return f"asdoc mutate --mutant {shlex.quote(identifier)}{f' --seed {seed}' if seed else ''}"


def switched(each: Document) -> list[str]:
    """Return the switches of a mutant or a variant, one text each, as a line of an emulator's configuration says them."""
    return [
        " ".join(
            [
                line["switch"],
                f"on {line['operation']}",
                *(f"{name}={value!r}" for name, value in line["arguments"].items()),
            ]
        )
        for line in each["lines"]
    ]


def of_outcome(found: Document, kind: str, outcome: str) -> list[Document]:
    """Return the mutants or the variants with an outcome."""
    return [each for each in found[kind] if each["outcome"] == outcome]


def ending(found: Document) -> Ending:
    """Return how the sweep ended, and every reason for it."""
    score, legal, clean = found["score"], found["legal"], found["clean"]
    disagreeing = [each for each in found["sample"] if each["disagreement"]]
    broken = [
        (score["error"] + legal["error"], "run that broke", "runs that broke"),
        (len(clean["errors"]), "check that broke on the clean emulator", "checks that broke on the clean emulator"),
        (
            len(disagreeing),
            "run over all operations that shows something else",
            "runs over all operations that show something else",
        ),
    ]
    weak = [
        (score["survived"], "survivor", "survivors"),
        (score["without-effect"], "mutant without effect", "mutants without effect"),
        (legal["false-alarm"], "variant with a false alarm", "variants with a false alarm"),
        (len(clean["alarms"]), "false alarm on the clean emulator", "false alarms on the clean emulator"),
        (len(found["missing"]), "requirement without a mutant", "requirements without a mutant"),
        (len(of_stale(found)), "stale claim of equivalence", "stale claims of equivalence"),
        (len(found["unfit"]), "claim of equivalence about nothing", "claims of equivalence about nothing"),
    ]
    reasons = tuple(f"{count:,} {one if count == 1 else many}" for count, one, many in (*broken, *weak) if count)
    if found["exitCode"] == 0:
        return Ending("COMPLETE" if found["complete"] else "SELECTED AS WANTED", reasons, "good")
    return Ending("BROKEN", reasons, "bad") if found["exitCode"] == 3 else Ending("INCOMPLETE", reasons, "care")


def of_stale(found: Document) -> list[Document]:
    """Return the mutants that a contract calls equivalent and that were killed."""
    return [each for each in found["mutants"] if each.get("stale")]
