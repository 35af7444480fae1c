"""The broken emulators of robustness: a crash on what is wrong with a request, and an error that tells too much."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.model import Api, Operation
from asdocumented.families import families
from asdocumented.mutant import Kind, Mutant
from asdocumented.requirement import NO_SERVER_ERROR, NO_STACK_TRACE


def robustness_mutants(api: Api, operation: Operation) -> Iterator[Mutant]:
    """Yield a crash on what is wrong with a request, and an error with a stack trace.

    It is each fault that its own parameters and body can have, and a credential where nothing else can be wrong.
    """
    faults = [each.what for family in families() for each in family.probes(api, operation)]
    faults = [each for each in faults if each.startswith("refusal/") and each.count("/") > 1]  # of the operation's own
    broken = f"{operation.id}/{NO_SERVER_ERROR}"
    for fault in faults:
        yield Mutant("fault.crash", operation.id, broken, {"fault": fault}, kind=Kind.PARAMETER)
    if not faults:
        crash = {"cause": "unauthenticated", "status": 500}
        yield Mutant("error.status", operation.id, broken, crash, kind=Kind.PARAMETER)
    trace = f"{operation.id}/{NO_STACK_TRACE}"
    yield Mutant("error.stack-trace", operation.id, trace, kind=Kind.ERROR_BODY)
