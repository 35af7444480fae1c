"""Find what an API's module does for one of its operations and states, by name.

A module is named after its API, a handler after its operation, both with underscores: a new handler is a new function and
nothing else. Beside the handlers stand `arrange_<state>` (put a fresh world into a state), `holds_<state>` (is a request's
thing in that state?) and `READINGS`: of the entries of the ambiguity register that handlers decide, the reading that they follow.
Without a handler an operation answers with its documented sample.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from functools import cache
from types import ModuleType
from typing import Any, TypeAlias

from asdocumented.emulator.calls import Answer, Call
from asdocumented.emulator.throttling import arrange_throttled
from asdocumented.emulator.worlds import Setting

__all__ = ["Arranger", "Handler", "Predicate", "arranger", "handler", "predicate", "reading"]

Handler: TypeAlias = Callable[[Call], Answer]
Arranger: TypeAlias = Callable[[Setting], Mapping[str, tuple[str, ...]]]
Predicate: TypeAlias = Callable[[Call], bool]


_SHARED: Mapping[str, Arranger] = {"throttled": arrange_throttled}


def handler(api: str, operation: str) -> Handler | None:
    """Return the function that carries out an operation, or None."""
    found: Handler | None = _named(api, operation)
    return found


def arranger(api: str, state: str) -> Arranger | None:
    """Return the function that puts a fresh world into a state, or None; a state of its own goes before a shared one."""
    found: Arranger | None = _named(api, f"arrange-{state}")
    return found or _SHARED.get(state)


def predicate(api: str, state: str) -> Predicate | None:
    """Return the function that tells whether what a request addresses is in a state, or None."""
    found: Predicate | None = _named(api, f"holds-{state}")
    return found


def reading(api: str, ambiguity: str) -> str:
    """Return which reading of a register entry an API's handlers follow, or the empty string where they decide nothing."""
    module = _module(api)
    return str(getattr(module, "READINGS", {}).get(ambiguity, ""))


def _named(api: str, name: str) -> Any:  # what a module has is typed by the three functions above
    module = _module(api)
    return getattr(module, name.replace("-", "_"), None) if module else None


@cache  # asked for with every request
def _module(api: str) -> ModuleType | None:
    name = f"{__name__}.{api.replace('-', '_')}"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None
