"""The pytest view of a run: one item a requirement, its id the requirement's id, its verdict the run's.

The run happens once, when the first item asks for it, over the requirements that were collected and not deselected. A
pass is a pass, a fail a failure; a failed SHOULD, a failure that the profile does not count and, with `--accept-known`, a known
deviation are expected failures; `skipped`, `inconclusive` and `not-observed` are skips with their reason.

The exit codes are pytest's: 0 nothing failed, 1 something did, the run ended early or left something, or a known deviation of the
target's file is to be removed, 3 we broke, 4 wrong usage, 5 nothing was judged, as where the target cannot be reached.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from asdocumented.excuses import Excuses, Seen
    from asdocumented.requirement import Requirement
    from asdocumented.running import Run
    from asdocumented.verdicts import Result

_CONFORMANCE = pytest.StashKey["Conformance"]()
_SESSION = pytest.StashKey[pytest.Session]()
_LEAKED = 3
NOTHING_JUDGED = pytest.ExitCode.NO_TESTS_COLLECTED


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a run; they mean the same as those of `asdoc run`."""
    group = parser.getgroup("asdocumented", "conformance to documented APIs")
    group.addoption("--target", default="emulator", metavar="emulator|URL|NAME", help="what to judge")
    group.addoption("--targets", default=None, metavar="FILE", help="the file that names targets [targets.toml]")
    group.addoption("--api", action="append", default=[], help="only this API; may be repeated")
    group.addoption("--operation", action="append", default=[], help="only this operation; may be repeated")
    group.addoption(
        "--requirement", action="append", default=[], metavar="GLOB", help="only requirements whose id matches"
    )
    group.addoption("--profile", default="documented", choices=["documented", "interoperable", "conventions"])
    group.addoption("--run-seed", type=int, default=0, help="what fresh ids and secrets are drawn from")
    group.addoption(
        "--allow", default=None, choices=["probe", "read", "write", "disruptive"], help="how far requests may reach"
    )
    group.addoption(
        "--accept-known", action="store_true", help="a failure that is a known deviation is an expected one"
    )
    group.addoption("--strict-fields", action="store_true", help="a response field that no definition has is a finding")
    group.addoption(
        "--token-env", default=None, metavar="NAME", help="the variable with the token for a target given as URL"
    )
    group.addoption(
        "--run-output", default=None, metavar="DIR", help="where report.jsonl goes; by default none is written"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of the suites' families."""
    config.addinivalue_line("markers", "family(name): the family of requirements that a suite holds a target to")
    config.addinivalue_line("markers", "conformance: an item that is one requirement of a run")


class Conformance:
    """The run behind a pytest session: what is asked for, and its results once they are needed."""

    def __init__(self, config: pytest.Config) -> None:
        from asdocumented.contracts import Tier, load_catalogue
        from asdocumented.corpus.store import load_corpora
        from asdocumented.running import Options, make_plan
        from asdocumented.secrets import Redactor
        from asdocumented.selection import Selection
        from asdocumented.targets.choosing import choose_target
        from asdocumented.targets.knowing import terms_for

        option = config.getoption
        self.profile: str = option("--profile")
        selection = Selection(
            tuple(option("--api")),
            tuple(option("--operation")),
            tuple(option("--requirement")),
            bool(option("--strict-fields")),
        )
        self.catalogue = load_catalogue()
        seed = int(option("--run-seed"))
        file = Path(option("--targets")) if option("--targets") else None
        self.target = choose_target(self.catalogue, option("--target"), file, option("--token-env"), selection, seed)
        allow = option("--allow")
        allowed = Tier(allow) if allow else None
        known = terms_for(self.catalogue, self.target, accept=bool(option("--accept-known")))
        corpora = load_corpora(self.catalogue)
        self.options = Options(selection, self.profile, allowed, seed, corpora=corpora, known=known, preflight=True)
        self.requirements, _ = make_plan(self.catalogue, self.target, self.options)
        self.wanted: set[str] = set()
        self.output = Path(option("--run-output")) if option("--run-output") else None
        self.redactor = Redactor()
        self._run: Run | None = None
        self._excuses: Excuses | None = None

    def of_family(self, name: str) -> list[Requirement]:
        """Return the requirements of one family, in order."""
        return [each for each in self.requirements.values() if each.family == name]

    def result(self, requirement: Requirement) -> Result:
        """Return the result of a requirement; the first call runs."""
        return self.run.results[requirement.id]

    @property
    def run(self) -> Run:
        """Return the run, which happens now if it has not yet."""
        if self._run is None:
            self._run = self._start()
        return self._run

    @property
    def ended_early(self) -> str:
        """Return why the run did not come to its end; the empty string where it did."""
        return self._run.execution.interrupted if self._run is not None else ""

    @property
    def left(self) -> tuple[str, ...]:
        """Return what the run could not put back; nothing before it."""
        return self._run.left if self._run is not None else ()

    @property
    def excuses(self) -> Excuses:
        """Return what the known deviations come to; the first call runs."""
        if self._excuses is None:
            self._excuses = self.run.excuses
        return self._excuses

    @property
    def stale(self) -> tuple[Seen, ...]:
        """Return the known deviations that are to be removed, once something has run."""
        return self.excuses.stale if self._run is not None else ()

    def prepare(self) -> None:
        """Run now; raises UnreachableError when the target does not answer."""
        if self.run.distress is not None:
            raise self.run.distress

    def _start(self) -> Run:
        from dataclasses import replace

        from asdocumented.report.inspecting import inspected
        from asdocumented.running import Watcher, run

        operations = tuple(sorted({_operation(key) for key in self.wanted}))
        narrowed = replace(self.options.selection, operations=operations or self.options.selection.operations)
        watcher = Watcher(said=lambda sentence: print(f"asdocumented: {sentence}", file=sys.stderr))  # noqa: T201
        options = replace(self.options, selection=narrowed)
        with inspected(self.redactor, *([self.output] if self.output else [])):
            done = run(self.catalogue, self.target, options, watcher, self.redactor)
            if self.output is not None:
                self._write(done)
        return done

    def _write(self, done: Run) -> None:
        from datetime import UTC, datetime

        from asdocumented.report.records import header_record, run_records
        from asdocumented.report.stream import write_report

        if self.output is not None:
            started = datetime.now(UTC).isoformat(timespec="seconds")
            header = header_record(self.target, done.options, started=started, run_id=self.output.name)
            write_report(self.output, run_records(done, header))


def _operation(identifier: str) -> str:
    api, operation, _ = identifier.split("/", 2)
    return f"{api}/{operation}"


def conformance_of(config: pytest.Config) -> Conformance:
    """Return the session's conformance; a mistake of the user ends the session with one sentence."""
    if _CONFORMANCE not in config.stash:
        with _one_sentence():
            config.stash[_CONFORMANCE] = Conformance(config)
    return config.stash[_CONFORMANCE]


@contextlib.contextmanager
def _one_sentence() -> Iterator[None]:
    """End the session with the sentence of an error of ours: pytest's usage error, its internal error, or nothing judged."""
    from asdocumented.errors import AsdocError, HarnessError, UsageError

    try:
        yield
    except AsdocError as error:
        codes = {UsageError: pytest.ExitCode.USAGE_ERROR, HarnessError: pytest.ExitCode.INTERNAL_ERROR}
        code = next((code for kind, code in codes.items() if isinstance(error, kind)), NOTHING_JUDGED)
        pytest.exit(f"asdocumented: {error}", returncode=int(code))


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Read the contracts and the options before the first suite is collected, so that a mistake is told in one sentence."""
    if isinstance(collector, pytest.Module) and collector.path.parent.name == "suites":
        conformance_of(collector.config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each suite one item for every requirement of its family."""
    marker = metafunc.definition.get_closest_marker("family")
    if marker is None or "requirement" not in metafunc.fixturenames:
        return
    requirements = conformance_of(metafunc.config).of_family(marker.args[0])
    metafunc.parametrize("requirement", requirements, ids=[each.id for each in requirements])


def pytest_collection_finish(session: pytest.Session) -> None:
    """Take note of which requirements are left after deselection, so that nothing else is planned."""
    if _CONFORMANCE in session.config.stash:
        wanted = session.config.stash[_CONFORMANCE].wanted
        for item in session.items:
            requirement = _requirement_of(item)
            if requirement is not None:
                item.add_marker("conformance")
                wanted.add(requirement.id)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Run before the first item, so that a target that cannot be reached ends the session with one sentence."""
    if _CONFORMANCE in session.config.stash and not session.config.option.collectonly:
        found = session.config.stash[_CONFORMANCE]
        if found.wanted:
            with _one_sentence():
                found.prepare()


def _requirement_of(item: pytest.Item) -> Requirement | None:
    from asdocumented.requirement import Requirement

    callspec: Any = getattr(item, "callspec", None)
    found = callspec.params.get("requirement") if callspec is not None and item.get_closest_marker("family") else None
    return found if isinstance(found, Requirement) else None  # a family without requirements has one empty item


@pytest.fixture(scope="session")
def conformance(request: pytest.FixtureRequest) -> Conformance:
    """Give a suite the run of this session."""
    return conformance_of(request.config)


@pytest.fixture
def holds(conformance: Conformance, request: pytest.FixtureRequest) -> Any:
    """Give a suite a function that turns a requirement's verdict into the outcome of its item."""

    def check(requirement: Requirement) -> None:
        from asdocumented.suite import report_outcome

        # Properties are put on the item itself: pytest's own fixture for them warns under the usual family of JUnit XML.
        report_outcome(conformance, requirement, lambda name, value: request.node.user_properties.append((name, value)))

    return check


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """End with a failure when nothing was judged, the run ended early or left something, or a known deviation is stale."""
    if _CONFORMANCE not in session.config.stash or exitstatus != pytest.ExitCode.OK:
        return
    found = session.config.stash[_CONFORMANCE]
    if session.config.option.collectonly or not found.wanted:
        return
    from asdocumented.verdicts import judged

    results = [found.run.results[key] for key in found.wanted]
    if not judged(results):
        session.exitstatus = NOTHING_JUDGED
    elif found.stale or found.run.left or found.run.execution.interrupted:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Look through what pytest itself wrote, JUnit XML and Allure results; a secret there is taken out and ends it with 3."""
    if _CONFORMANCE not in config.stash or _SESSION not in config.stash:
        return
    from asdocumented.report.inspecting import clean_files

    option = config.option
    given = [
        Path(each) for each in (getattr(option, "xmlpath", None), getattr(option, "allure_report_dir", None)) if each
    ]
    told = clean_files(config.stash[_CONFORMANCE].redactor, given)
    if told:
        sys.stderr.write(f"asdocumented: The session is invalid, since secrets had leaked: {told}. [secret-leaked]\n")
        config.stash[_SESSION].exitstatus = _LEAKED


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember the session, whose end may have to be another."""
    session.config.stash[_SESSION] = session


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what makes a run worth less: stale cases, an early end, what is left on its target, deviations to remove."""
    if _CONFORMANCE in config.stash:
        for warning in config.stash[_CONFORMANCE].target.warnings:
            terminalreporter.write_line(f"asdocumented: WARNING: {warning}", red=True)
        from asdocumented.corpus.store import regenerate

        for operation in config.stash[_CONFORMANCE].options.corpora.stale:
            terminalreporter.write_line(f"asdocumented: {regenerate(operation)}", yellow=True)
        if ended := config.stash[_CONFORMANCE].ended_early:
            terminalreporter.write_line(f"asdocumented: the run ended early: {ended}", red=True)
        for sentence in config.stash[_CONFORMANCE].left:
            terminalreporter.write_line(f"asdocumented: {sentence}; undo it with: asdoc cleanup", red=True)
        for seen in config.stash[_CONFORMANCE].stale:
            said = f"asdocumented: the known deviation {seen.deviation.requirement!r} is {seen.sentence}."
            terminalreporter.write_line(said, red=True)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is judged, when the suites were asked for."""
    if _CONFORMANCE not in config.stash and not any("suites" in str(each) for each in config.args):
        return []
    words = f"asdocumented: target {config.getoption('--target')}, profile {config.getoption('--profile')}"
    if config.getoption("--target") == "emulator":
        words += " (SELF-TEST: no evidence about a service)"
    return [words]
