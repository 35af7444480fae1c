"""What the tests of sweeps share: a small sweep that is made once, and trials made by hand."""

from __future__ import annotations

from functools import cache
from typing import Any

from asdocumented.mutant import Ending, Mutant, Variant
from asdocumented.reads.marks import Finding
from asdocumented.sweeping import Plea, Sweep, sweep
from asdocumented.sweeping.records import Document, document
from asdocumented.sweeping.trying import Trial
from asdocumented.verdicts import Verdict
from tests.support import catalogue

STOP = "microsoft-fabric-mirroring/stop-mirroring"
BROKEN = f"{STOP}/response/status"
OTHER = f"{STOP}/response/received"
STARTED = "2026-01-01T00:00:00+00:00"
GLOB = f"{STOP}/identity/*"


@cache
def small_sweep() -> Sweep:
    """Return the sweep of a few mutants of one operation, which is made once."""
    return sweep(catalogue(), Plea(operations=(STOP,), mutant=GLOB))


def small_document() -> Document:
    """Return the document of the small sweep."""
    return document(small_sweep(), started=STARTED)


def mutant(ends: Ending = Ending.FAIL) -> Mutant:
    """Return a mutant of the status of one operation."""
    return Mutant("response.status", STOP, BROKEN, {"status": 299}, ends=ends)


def variant(*profiles: str) -> Variant:
    """Return a variant of one operation that is to be left alone in some profiles."""
    return Variant("odd", STOP, (), "the page is silent", profiles or ("documented", "interoperable", "conventions"))


def trial(verdict: Verdict = Verdict.FAIL, **more: Any) -> Trial:
    """Return a trial in which the broken requirement has a verdict in every profile."""
    profiles = ("documented", "interoperable", "conventions")
    given: dict[str, Any] = {
        "verdicts": dict.fromkeys(profiles, verdict),
        "clean": dict.fromkeys(profiles, Verdict.PASS),
        "finding": Finding("200", "299", "status"),
        "fails": {BROKEN: profiles} if verdict is Verdict.FAIL else {},
        "differs": 1,
        "exchanges": 3,
    }
    return Trial(**given | more)
