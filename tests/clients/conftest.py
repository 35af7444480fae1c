"""One served emulator for all clients, over HTTP and over TLS; each test finds it at its start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from tests.clients.served import WAYS, Served, at_start, serving


@pytest.fixture(scope="session", params=WAYS)
def ready(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Give what a served emulator says when it is ready."""
    with serving(tmp_path_factory.mktemp("served"), request.param) as told:
        yield told


@pytest.fixture(scope="session")
def secure_ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Give what an emulator says that is served over TLS."""
    with serving(tmp_path_factory.mktemp("secure"), "tls") as told:
        yield told


@pytest.fixture
def emulator(ready: dict[str, Any]) -> Iterator[Served]:
    """Give the served emulator at its start."""
    with at_start(ready) as served:
        yield served


@pytest.fixture
def secure_emulator(secure_ready: dict[str, Any]) -> Iterator[Served]:
    """Give the emulator that is served over TLS at its start."""
    with at_start(secure_ready) as served:
        yield served


@pytest.fixture
def closed() -> Iterator[Callable[[Any], Any]]:
    """Give a function that returns what it is given, which is closed after the test."""
    with ExitStack() as stack:
        yield lambda each: stack.enter_context(closing(each))


@pytest.fixture
def client(opened: Callable[..., Any]) -> Any:
    """Give the vendor's client as administrator."""
    return opened()
