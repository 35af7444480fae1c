"""Identities: who may call, may; who may not, is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asdocumented.requirement import Requirement


@pytest.mark.family("identity")
def test_identity(requirement: Requirement, holds: Callable[[Requirement], None]) -> None:
    """The target meets the requirement."""
    holds(requirement)
