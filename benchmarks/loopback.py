"""Judge a served emulator with the plan of the one in process: `python -m benchmarks.loopback URL FOLDER OPERATION...`.

`asdoc run --target URL` sends less, since on somebody's server it may arrange no state. Here states are arranged through the
emulator's control API, and its clock is moved instead of waited for, so that what differs from `asdoc run` is the socket alone.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

from asdocumented.contracts import Catalogue, load_catalogue
from asdocumented.contracts.model import Tier
from asdocumented.corpus.store import load_corpora
from asdocumented.emulator.emulator import Emulator
from asdocumented.report.junit import write_junit
from asdocumented.report.records import header_record, run_records
from asdocumented.report.stream import read_report, write_report
from asdocumented.running import Options, run
from asdocumented.selection import Selection
from asdocumented.targets.description import ApiDescription, Description, Pace
from asdocumented.targets.model import Patience, Send
from asdocumented.targets.remote import RemoteTarget
from asdocumented.traces import Arrangement
from benchmarks.emulator import ServedEmulator

_API: ContextVar[str] = ContextVar("api", default="")  # whose request the task is about that waits


class ServedTarget(RemoteTarget):
    """A remote target that is made of emulators of ours: every identity has a token, and every state can be had.

    Each API may have an emulator of its own, so that each has its own clock: with several requests at a time one API would else
    move another's while that is busy.
    """

    is_emulator = True

    def __init__(self, catalogue: Catalogue, served: Mapping[str, ServedEmulator], *, concurrency: int = 1) -> None:
        apis = {
            api: ApiDescription(
                each.base_url,
                resources={pool: tuple(ids) for pool, ids in each.resources()[api].items()},
                patience=Patience(deadline=60, interval=10),
            )
            for api, each in served.items()
        }
        description = Description(
            "served-emulator",
            apis,
            implementation="asdocumented emulator",
            allow=Tier.DISRUPTIVE,
            intrusive=True,
            pace=Pace(concurrency=concurrency),
        )
        super().__init__(catalogue, description)
        self.rights = None  # it is reset, so that a run may do everything, as in process
        self._served = served
        self._signer = Emulator(catalogue)  # never asked anything: it signs with the same seed

    async def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return the header of an identity, as the emulator accepts it."""
        _API.set(api)
        return self._signer.credential(api, identity, security=security)

    @property
    def _current(self) -> ServedEmulator:
        """Return the emulator that the last request of this task went to; before there was one, any."""
        return self._served[_API.get() or next(iter(self._served))]

    def now(self) -> float:
        """Return the time of the emulator of this task's last request."""
        return self._current.now()

    async def wait(self, seconds: float) -> None:
        """Move that emulator's clock forward, as in process: nobody sleeps, and no request under way is held up."""
        await asyncio.to_thread(self._current.advance, seconds)

    async def arrange(self, api: str, state: str, send: Send) -> Arrangement:
        """Put an API into a state through the control API."""
        return self.put(api, state)

    def put(self, api: str, state: str) -> Arrangement:
        """Put an API into a state."""
        pools = self._served[api].arrange(api, state)
        return Arrangement(api, state, {pool: tuple(ids) for pool, ids in pools.items()})


def main(base_url: str, folder: str, *operations: str) -> None:
    """Run, and leave what `asdoc run` leaves; ASDOC_SEED is what is drawn from, ASDOC_PROFILE the lens of the exit code."""
    catalogue = load_catalogue()
    served = ServedEmulator(base_url)
    target = ServedTarget(catalogue, dict.fromkeys(catalogue.apis, served))
    options = Options(
        Selection(operations=operations),
        corpora=load_corpora(catalogue),
        seed=int(os.environ.get("ASDOC_SEED", "0")),
        profile=os.environ.get("ASDOC_PROFILE", "documented"),
    )
    header = header_record(
        target, options, started=datetime.now(UTC).isoformat(timespec="seconds"), run_id=Path(folder).name
    )
    done = run(catalogue, target, options)
    report = write_report(Path(folder), run_records(done, header))
    write_junit(read_report(report), Path(folder) / "junit.xml")
    sys.exit(done.exit_code)


if __name__ == "__main__":
    main(*sys.argv[1:])
