"""Judge a served emulator with the plan of the one in process: `python -m benchmarks.loopback URL FOLDER OPERATION...`.

`asdoc run --target URL` sends less, since on somebody's server it may arrange no state. Here states are arranged through the
emulator's control API, and its clock is moved instead of waited for, so that what differs from `asdoc run` is the socket alone.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from asdocumented.contracts import Catalogue, load_catalogue
from asdocumented.corpus.store import load_corpora
from asdocumented.emulator.emulator import Emulator
from asdocumented.report.junit import write_junit
from asdocumented.report.records import header_record, run_records
from asdocumented.report.stream import read_report, write_report
from asdocumented.running import Options, run
from asdocumented.selection import Selection
from asdocumented.targets.model import Patience
from asdocumented.targets.remote import RemoteApi, RemoteTarget
from asdocumented.traces import Arrangement
from benchmarks.emulator import ServedEmulator


class ServedTarget(RemoteTarget):
    """A remote target that is an emulator of ours: every identity has a token, and every state can be had."""

    is_emulator = True

    def __init__(self, catalogue: Catalogue, served: ServedEmulator) -> None:
        pools: Mapping[str, Mapping[str, Sequence[str]]] = served.resources()
        apis = {
            api: RemoteApi(served.base_url, {}, {pool: tuple(ids) for pool, ids in pools[api].items()})
            for api in catalogue.apis
        }
        super().__init__(catalogue, "served-emulator", apis, implementation="asdocumented emulator", intrusive=True)
        self._served = served
        self._signer = Emulator(catalogue)  # never asked anything: it signs with the same seed

    async def credential(self, api: str, identity: str, security: str) -> tuple[str, str] | None:
        """Return the header of an identity, as the emulator accepts it."""
        return self._signer.credential(api, identity, security=security)

    def patience(self, api: str) -> Patience:
        """Return the patience of the emulator in process."""
        return Patience(deadline=60, interval=10)

    def now(self) -> float:
        """Return the emulator's time."""
        return self._served.now()

    async def wait(self, seconds: float) -> None:
        """Move the emulator's clock forward, as in process: nobody sleeps."""
        self._served.advance(seconds)

    def arrange(self, api: str, state: str) -> Arrangement | None:
        """Put an API into a state through the control API."""
        pools = self._served.arrange(api, state)
        return Arrangement(api, state, {pool: tuple(ids) for pool, ids in pools.items()})


def main(base_url: str, folder: str, *operations: str) -> None:
    """Run, and leave what `asdoc run` leaves."""
    catalogue = load_catalogue()
    served = ServedEmulator(base_url)
    target = ServedTarget(catalogue, served)
    options = Options(Selection(operations=operations), corpora=load_corpora(catalogue))
    header = header_record(
        target, options, started=datetime.now(UTC).isoformat(timespec="seconds"), run_id=Path(folder).name
    )
    done = run(catalogue, target, options)
    report = write_report(Path(folder), run_records(done, header))
    write_junit(read_report(report), Path(folder) / "junit.xml")
    sys.exit(done.exit_code)


if __name__ == "__main__":
    main(*sys.argv[1:])
