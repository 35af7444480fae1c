"""Behaviours: filters, pages, writes and starts mean what the page says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asdocumented.requirement import Requirement


@pytest.mark.family("behaviour")
def test_behaviour(requirement: Requirement, holds: Callable[[Requirement], None]) -> None:
    """The target meets the requirement."""
    holds(requirement)
