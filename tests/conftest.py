"""Settings of all tests: nothing fails because a machine is slow, and what outlives a run has a place of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def _state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep locks and journals of changes out of the user's own folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASDOC_STATE", os.fspath(tmp_path_factory.mktemp("state")))
        yield
