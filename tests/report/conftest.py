"""Fixtures: records of an eventful run, of a healthy one, of one that was cut short, and of a hostile target."""

from __future__ import annotations

import pytest

from asdocumented.report.stream import Recorded

from . import records


@pytest.fixture
def eventful() -> Recorded:
    """Return the record of a run with failures, warnings, gaps, readings and observations."""
    return records.recorded(*records.eventful())


@pytest.fixture
def healthy() -> Recorded:
    """Return the record of a run in which all passed."""
    return records.recorded(
        records.header(), records.exchange(1), records.requirement(records.PASSED), records.footer(0, "conformant")
    )


@pytest.fixture
def unfinished() -> Recorded:
    """Return the eventful run without its footer, as it is judged again from its journal."""
    return records.recorded(*records.eventful()[:-1])


@pytest.fixture
def hostile() -> Recorded:
    """Return the record of a run against a target that tries to act on who reads the report."""
    return records.recorded(*records.hostile())
