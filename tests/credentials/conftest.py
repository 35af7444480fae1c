"""An emulator in another process, over TLS, that issues tokens; each test finds it at its start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.served import Served, at_start, serving


@pytest.fixture(scope="session")
def secure_ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Give what an emulator says that is served over TLS."""
    with serving(tmp_path_factory.mktemp("secure"), "tls") as told:
        yield told


@pytest.fixture
def emulator(secure_ready: dict[str, Any]) -> Iterator[Served]:
    """Give the emulator at its start."""
    with at_start(secure_ready) as served:
        yield served
