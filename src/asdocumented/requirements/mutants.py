"""Derive the broken emulators of an operation: of its behaviours, of the families, and of what no request may bring about."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.behaviours import Mutant, behaviour
from asdocumented.contracts.model import Api, Operation
from asdocumented.families import families, make_mutants
from asdocumented.requirement import NO_SERVER_ERROR, NO_STACK_TRACE


def derive_mutants(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield every broken emulator of an operation, each with the requirement that it breaks."""
    for declaration in operation.behaviours:
        yield from behaviour(declaration.name).mutants(api, operation, declaration)
    for family in families():
        yield from make_mutants(family, api, operation)
    yield from _robustness(api, operation)


def _robustness(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield a crash on what is wrong with a request, and an error with a stack trace.

    It is something malformed where it can be, and a credential where nothing else of the request can be wrong.
    """
    faults = [each.what for family in families() for each in family.probes(api, operation)]
    faults = [each for each in faults if each.startswith("refusal/") and each.count("/") > 1]  # of the operation's own
    faults.sort(key=lambda each: not each.endswith("/malformed"))
    broken = f"{operation.id}/{NO_SERVER_ERROR}"
    if faults:
        yield Mutant("fault.crash", operation.id, broken, {"fault": faults[0]})
    else:
        yield Mutant("error.status", operation.id, broken, {"cause": "unauthenticated", "status": 500})
    yield Mutant("error.stack-trace", operation.id, f"{operation.id}/{NO_STACK_TRACE}")
