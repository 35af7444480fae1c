"""Look through everything that a run leaves behind for the secrets that it used. A leak invalidates the run: exit 3.

What is cleaned keeps its record: a secret becomes its marker, and the report says that it is invalid. Renderings of it are
removed, since they would tell of verdicts; `asdoc report render` makes them anew.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from asdocumented.contracts.locating import bundled
from asdocumented.credentials.holding import MALFORMED
from asdocumented.discretion import discreet
from asdocumented.errors import HarnessError
from asdocumented.leaks import Leak, clean, files_below, find_leaks
from asdocumented.report.stream import BESIDE, REPORT
from asdocumented.secrets import Redactor, marker_for

_TOLD = 3
_PUBLIC = ("*.yaml", "*.json")
_MADE_UP = {marker_for(MALFORMED, each) for each in ("token", "basic")}  # curl lines show it: it is nobody's


class Inspection:
    """Looks at the files that come to be in folders from now on; those that are there already are somebody else's.

    A secret that stands in the contracts cannot be told from a word: it is not looked for, and `say` is told so.
    """

    def __init__(
        self, redactor: Redactor, folders: tuple[Path, ...], contracts: Path | None, say: Callable[[str], None]
    ) -> None:
        self.redactor, self._folders, self._contracts, self._say = redactor, folders, contracts, say
        self._before = {file for folder in folders for file in files_below(folder)}
        self._told: set[str] = set()
        self._clean: dict[
            Path, tuple[int, int, int]
        ] = {}  # what was looked at, as it was then and with so many secrets

    @property
    def folder(self) -> Path:
        """Return the folder of the run, the first of those that are looked at."""
        return self._folders[0]

    def check(self) -> None:
        """Raise HarnessError where a secret is in one of the files, after it was taken out of all of them."""
        redactor = self.looked_for()
        found: list[Leak] = []
        for folder in self._folders:
            files = [file for file in files_below(folder) if file not in self._before]
            leaks = find_leaks([file for file in files if self._clean.get(file) != self._state(file)], folder, redactor)
            self._clean |= {file: self._state(file) for file in files if not leaks}
            if leaks:
                clean(files, redactor)
                _invalidate(folder, f"the run is invalid: {_told(leaks)}")
            found += leaks
        if found:
            raise HarnessError(
                "secret-leaked",
                f"The run is invalid, since secrets had leaked: {_told(found)}.",
                remedy="They were replaced by their markers, and renderings removed. Report this as a defect of asdocumented.",
            )

    def _state(self, file: Path) -> tuple[int, int, int]:
        said = file.stat()
        return said.st_mtime_ns, said.st_size, len(self.redactor.markers)

    def looked_for(self) -> Redactor:
        """Return a redactor for the secrets that are no public words; the user is told once of each that is one."""
        public = {hit.value: hit.marker for hit in self.redactor.hits(public_words(self._contracts))}
        for marker in sorted(set(public.values()) - self._told):
            self._say(
                f"the secret {marker} is a word of the contracts, so that nobody can tell whether it leaked."
                " Use one that is drawn at random."
            )
            self._told.add(marker)
        known = self.redactor.markers.items()
        return Redactor({each: marker for each, marker in known if each not in public and marker not in _MADE_UP})


@contextmanager
def inspected(
    redactor: Redactor, *folders: Path, contracts: Path | None = None, say: Callable[[str], None] = lambda text: None
) -> Iterator[Inspection]:
    """Keep secrets out of everything that is said within, and inspect the folders at the end, however it came to that."""
    inspection = Inspection(redactor, folders, contracts, say)
    with discreet(redactor):
        try:
            yield inspection
        except BaseException as error:
            _check_after(inspection, error)
            raise
        inspection.check()


def _check_after(inspection: Inspection, error: BaseException) -> None:
    """Inspect after a failure; a leak is worse than it, unless it is that leak."""
    try:
        inspection.check()
    except HarnessError as leak:
        if not (isinstance(error, HarnessError) and error.code == leak.code):
            raise leak from None


def clean_files(redactor: Redactor, places: Iterable[Path]) -> str:
    """Take secrets out of files, and of those in folders, that somebody else wrote; return what was found, in words."""
    looked_for = Inspection(redactor, (), None, lambda sentence: None).looked_for()
    found: list[Leak] = []
    for place in places:
        files = files_below(place) if place.is_dir() else [place] if place.is_file() else []
        leaks = find_leaks(files, place if place.is_dir() else place.parent, looked_for)
        if leaks:
            clean(files, looked_for)
        found += leaks
    return _told(found)


def public_words(contracts: Path | None = None) -> str:
    """Return what everybody may know: the contracts, and the words of reports."""
    schema = Path(__file__).with_name("report.schema.json")
    folders = {bundled("contracts"), *([contracts] if contracts else [])}
    files = sorted(file for folder in folders for pattern in _PUBLIC for file in folder.rglob(pattern))
    return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in [schema, *files])


def _told(leaks: list[Leak]) -> str:
    """Return the first places, and how many more there are."""
    more = f" and {len(leaks) - _TOLD} more" if len(leaks) > _TOLD else ""
    return "; ".join(map(str, leaks[:_TOLD])) + more


def _invalidate(folder: Path, why: str) -> None:
    """Say in the report that it is invalid, and remove what was rendered of it."""
    for name in BESIDE:
        rendering = folder / name
        if rendering.is_dir():
            shutil.rmtree(rendering)
        else:
            rendering.unlink(missing_ok=True)
    report = folder / REPORT
    if not report.exists():
        return
    before, _, last = report.read_bytes().rstrip(b"\n").rpartition(b"\n")
    footer = json.loads(last.decode("utf-8", errors="surrogatepass"))
    if footer.get("kind") == "footer":
        footer |= {"exitCode": HarnessError.exit_code, "interrupted": why}
        text = json.dumps(footer, ensure_ascii=False, separators=(",", ":"))
        report.write_bytes(before + b"\n" + text.encode("utf-8", errors="surrogatepass") + b"\n")
