"""A fresh emulator for each test."""

from __future__ import annotations

import pytest

from tests.emulator.client import Client


@pytest.fixture
def client() -> Client:
    """Return a client of an emulator in its first state."""
    return Client()
