"""One served emulator on which cases are put one after the other, each from the same start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.emulator import ServedEmulator
from benchmarks.peers.calls import Recorded, Script, client, send
from benchmarks.peers.cases import Case
from benchmarks.processes import UnmeasurableError


def prepare(served: ServedEmulator, script: Script) -> None:
    """Go back to the start of a script: its state arranged, its setup made, every switch off, an empty log."""
    served.reset()
    if script.state:
        served.arrange(script.api, script.state)
    with client(served.base_url) as asking:
        for call, response in send(asking, script.setup):
            _expect(call.status, response.status_code, call.target)
    served.forget()


@contextmanager
def staged(served: ServedEmulator, script: Script, case: Case | None, *, prepared: bool = True) -> Iterator[str]:
    """Put a case on (None: the clean emulator); give the address to look at."""
    if prepared:
        prepare(served, script)
    else:
        served.reset()
    for line in case.lines if case is not None else ():
        served.switch_on(line.switch, line.operation, line.arguments)
    yield served.base_url


def record(served: ServedEmulator, script: Script) -> Recorded:
    """Make the calls of a script to the clean emulator; return them with what came back."""
    prepare(served, script)
    with client(served.base_url) as asking:
        recorded = list(send(asking, script.calls))
    for call, response in recorded:
        _expect(call.status, response.status_code, call.target)
    return recorded


def _expect(status: int, got: int, target: str) -> None:
    if status != got:
        raise UnmeasurableError(f"`calls.yaml` expects {status} of {target}, and the clean emulator answers {got}")
