"""What operations do to the emulator's state: one module an API, one function an operation, found by name.

A handler only reads and changes state; routing, checks, errors and behaviours run around it. An operation without a
handler answers with its documented success.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from functools import cache
from types import ModuleType

from asdocumented.emulation.messages import Answer, Incoming
from asdocumented.emulation.store import Store

Handler = Callable[[Incoming, Store], Answer]
Arranger = Callable[[Store], dict[str, tuple[str, ...]]]


@cache
def _module(api: str) -> ModuleType | None:
    name = f"{__name__}.{api.replace('-', '_')}"
    return importlib.import_module(name) if importlib.util.find_spec(name) is not None else None


def handler(api: str, operation: str) -> Handler | None:
    """Return the handler of an operation, or None when it has none."""
    found: Handler | None = getattr(_module(api), operation.replace("-", "_"), None)
    return found


def arranger(api: str, state: str) -> Arranger | None:
    """Return the function that brings a freshly reset API into a state, or None when nothing needs to be done."""
    states: dict[str, Arranger] = getattr(_module(api), "STATES", {})
    return states.get(state)
