"""Errors: each documented cause gets its documented error."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asdocumented.requirement import Requirement


@pytest.mark.family("error")
def test_error(requirement: Requirement, holds: Callable[[Requirement], None]) -> None:
    """The target meets the requirement."""
    holds(requirement)
