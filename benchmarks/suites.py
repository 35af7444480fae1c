"""`pytest suites` beside plain pytest with as many empty tests: start and cost of an item, with and without Allure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.emulator import documented_operations
from benchmarks.figures import Figure, Table
from benchmarks.measuring import interleave, median
from benchmarks.processes import ROOT, UnmeasurableError, execute, script
from benchmarks.rendering import number

NAME = "suites"
_SOME_FAILED, _NO_ITEMS = 1, 5  # exit codes of pytest that are results here


@dataclass(frozen=True, slots=True)
class Session:
    """One pytest session: how long it took, and how many items it had."""

    seconds: float
    items: int


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run pytest. `plugins` are the only ones loaded; None loads all that are installed, as pytest does by itself."""

    name: str
    plain: str  # the way without the suites that it is compared with
    plugins: tuple[str, ...] | None
    allure: bool = False

    @property
    def judges(self) -> bool:
        """Tell whether it runs the suites."""
        return self.name.startswith("suites")


_ALLURE = "allure_pytest.plugin"
_WAYS = (
    Way("plain pytest", "plain pytest", ()),
    Way("plain pytest, every installed plugin", "plain pytest", None),
    Way("plain pytest, Allure", "plain pytest, Allure", (_ALLURE,), allure=True),
    Way("suites", "plain pytest", None),
    Way("suites, our plugin alone", "plain pytest", ("asdocumented.plugin",)),
    Way("suites, Allure", "plain pytest, Allure", None, allure=True),
    Way("suites, our plugin and Allure alone", "plain pytest, Allure", ("asdocumented.plugin", _ALLURE), allure=True),
)


def measure(rounds: int, scratch: Path) -> Figure:
    """Measure the suites of the documented operations, on the emulator in process."""
    suite = [str(ROOT / "suites"), *(word for each in documented_operations() for word in ("--operation", each))]
    items = _session(suite, scratch, None).items
    nothing = [*suite, "-k", "no_item_has_this_name"]
    empty, one = [_empty_tests(scratch / "many", items)], [_empty_tests(scratch / "one", 1)]
    candidates: dict[str, Callable[[], Session]] = {}
    for way in _WAYS:
        many, start = (suite, nothing) if way.judges else (empty, one)
        candidates[way.name] = _candidate(way, many, scratch)
        candidates[_start(way.name)] = _candidate(way, start, scratch)
    samples = interleave(rounds, candidates)
    seconds = {name: median(each, lambda session: session.seconds) for name, each in samples.items()}
    header = ("pytest", "items", "start s", "start / plain", "wall s", "ms an item beyond the start", "/ plain")
    notes = (
        (
            "Start: the same session with one empty test, or, for the suites, with every item deselected: contracts"
            " are loaded,"
            " requirements derived and items made, but nothing is sent. What comes beyond it is the run itself and"
            " the items."
        ),
        "Plain is pytest without plugins, or with allure-pytest alone where Allure is on.",
        (
            "Most of the start is that of other plugins: Schemathesis and Hypothesis are installed with asdoc, and"
            " pytest loads theirs."
        ),
    )
    table = Table(header, tuple(_row(way, seconds, items) for way in _WAYS))
    return Figure("`pytest suites` beside plain pytest", (table,), (), notes)


def _start(name: str) -> str:
    return f"{name}: start"


def _row(way: Way, seconds: Mapping[str, float], items: int) -> tuple[str, ...]:
    cost, floor = (_per_item(each, seconds, items) for each in (way.name, way.plain))
    start = seconds[_start(way.name)]
    return (
        way.name,
        number(items),
        number(start),
        number(start / seconds[_start(way.plain)]),
        number(seconds[way.name]),
        number(cost * 1000),
        number(cost / floor) if floor > 0 else "within the noise",
    )


def _per_item(name: str, seconds: Mapping[str, float], items: int) -> float:
    return (seconds[name] - seconds[_start(name)]) / items


def _empty_tests(folder: Path, count: int) -> str:
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    file = folder / "test_empty.py"
    file.write_text("\n\n".join(f"def test_{each}():\n    pass" for each in range(count)) + "\n", encoding="utf-8")
    return str(file)


def _candidate(way: Way, arguments: Sequence[str], scratch: Path) -> Callable[[], Session]:
    allure = ["--alluredir", str(scratch / "allure"), "--clean-alluredir"] if way.allure else []
    return lambda: _session([*arguments, *allure], scratch, way.plugins)


def _session(arguments: Sequence[str], scratch: Path, plugins: Sequence[str] | None) -> Session:
    named = [word for plugin in plugins or () for word in ("-p", plugin)]
    done = execute(
        [script("pytest"), "-q", "-p", "no:cacheprovider", *named, *arguments],
        folder=scratch,
        environment={} if plugins is None else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        codes=(0, _SOME_FAILED, _NO_ITEMS),
    )
    return Session(done.seconds, count_items(done.stdout))


def count_items(output: str) -> int:
    """Return how many items ran, by the last line of pytest's output; raises UnmeasurableError without such a line."""
    last = output.strip().rpartition("\n")[2]
    counts = {word: int(count) for count, word in re.findall(r"(\d+) ([a-z]+)", last)}
    if not counts:
        raise UnmeasurableError(f"pytest ended without a summary: {last!r}")
    return sum(counts.get(word, 0) for word in ("passed", "failed", "skipped", "xfailed", "xpassed"))
