"""Ambiguities: where a page can be read in two ways, one is followed throughout."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asdocumented.requirement import Requirement


@pytest.mark.family("ambiguity")
def test_ambiguity(requirement: Requirement, holds: Callable[[Requirement], None]) -> None:
    """The target meets the requirement."""
    holds(requirement)
