"""The fidelity ledger: what each part of the emulator's conduct rests on, so that nobody takes an assumption for a fact.

The entries stand in `fidelity.yaml`.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml


class Source(StrEnum):
    """Where a conduct is taken from, the firmest first."""

    DOCUMENTED = "documented"
    SPECIFIED = "specified"
    OBSERVED = "observed"
    ASSUMED = "assumed"


class Entry(NamedTuple):
    """One part of the emulator's conduct. `subject` is a step, a behaviour, or a handler as `<api>/<operation>`."""

    subject: str
    conduct: str
    source: Source
    reference: str


@cache
def ledger() -> tuple[Entry, ...]:
    """Return every entry, by subject."""
    text = files("asdocumented.emulator").joinpath("fidelity.yaml").read_text(encoding="utf-8")
    return tuple(Entry(**{**each, "source": Source(each["source"])}) for each in yaml.safe_load(text))
