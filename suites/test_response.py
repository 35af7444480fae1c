"""Responses: statuses, media types, headers and bodies are those of the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asdocumented.requirement import Requirement


@pytest.mark.family("response")
def test_response(requirement: Requirement, holds: Callable[[Requirement], None]) -> None:
    """The target meets the requirement."""
    holds(requirement)
