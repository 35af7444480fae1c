"""Known deviations by themselves: which findings they fit, what they excuse, which are refused, and what ships."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from asdocumented.contracts.locating import bundled
from asdocumented.errors import ContractError, UsageError
from asdocumented.excuses import Excuses, State, assess
from asdocumented.judge import Judgement
from asdocumented.known import FILE, KnownDeviation, Terms, concerning, fits, shipped, today, too_wide
from asdocumented.plans import Gap
from asdocumented.reads.marks import Mark, blocked, broken, crashed, met
from asdocumented.report.knowing import terms_from, terms_record
from asdocumented.report.records import Record
from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import read_report
from asdocumented.requirement import PROFILES
from asdocumented.requirements import derive
from asdocumented.targets.description import ApiDescription, Description
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.targets.knowing import terms_for
from asdocumented.targets.remote import RemoteTarget
from asdocumented.verdicts import Result, Verdict, conformance, excused, exit_code, give
from tests.judge.traces import CREATE, LIST, catalogue, requirements
from tests.support import clean_run, report_of

DAY = date(2026, 6, 15)
STATUS = f"{CREATE}/response/status"
ECHO = f"{CREATE}/echo/id"
ENVELOPE = f"{LIST}/response/other/schema/ErrorContract/error/presence"  # a flat body fits another reading of B19
WARNED = f"{CREATE}/upsert/replaces"
IDS = (STATUS, ECHO, ENVELOPE, WARNED)
GOTS = ("201", "204", "nothing", "[1, 2]", "*")
FLAT = ("B19", "flat")


def deviation(requirement: str = STATUS, observed: str = "201", **changes: Any) -> KnownDeviation:
    """Return a deviation that is known until the day that tests go by."""
    return replace(KnownDeviation(requirement, observed, "ticket 4711", DAY), **changes)


def finding(requirement: str = STATUS, got: str = "201", reading: tuple[str, str] | None = None) -> Mark:
    """Return a finding."""
    return broken(requirement, 1, expected="200", got=got, where="status", reading=reading)


def results(*marks: Mark, gaps: Iterable[Gap] = ()) -> dict[str, Result]:
    """Return the results of the four requirements by these marks."""
    wanted = {key: requirements()[key] for key in IDS}
    return give(catalogue(), wanted, Judgement(marks, (), ()), gaps)


def assessed(
    *marks: Mark, known: Iterable[KnownDeviation], profile: str = "documented", accept: bool = True, **more: Any
) -> tuple[Excuses, int]:
    """Return what deviations come to, and how a run with these marks ends."""
    found = results(*marks)
    excuses = assess(catalogue(), found, profile, Terms(tuple(known), DAY, accept), **more)
    return excuses, exit_code(found.values(), profile, accepted=excuses.accepted, stale=bool(excuses.stale))


def all_met(*but: str) -> list[Mark]:
    """Return that everything is met but these."""
    return [met(each, 1) for each in IDS if each not in but]


DEVIATIONS = st.builds(
    KnownDeviation,
    st.sampled_from([*IDS, f"{CREATE}/*", "*/status", "*/echo/*"]),
    st.sampled_from([*GOTS, "2*", "?0?"]),
    st.sampled_from(["ticket 1", "ticket 2"]),
    st.sampled_from([DAY - timedelta(1), DAY, DAY + timedelta(1)]),
    st.sampled_from(["", "B19/flat"]),
)
MARKS = st.one_of(
    st.builds(finding, st.sampled_from(IDS), st.sampled_from(GOTS), st.sampled_from([None, FLAT])),
    st.builds(met, st.sampled_from(IDS), st.just(2)),
    st.builds(lambda one, two: blocked(one, 3, blocker=two), st.sampled_from(IDS), st.sampled_from(["", *IDS])),
)


@given(st.lists(MARKS, max_size=6), st.lists(DEVIATIONS, max_size=4), st.sampled_from(list(PROFILES)))
def test_only_what_fits_throughout_is_covered(marks: list[Mark], known: list[KnownDeviation], profile: str) -> None:
    """A failure is known where every finding that counts fits an unexpired deviation from the requirement, and only there."""
    found = results(*marks)
    expected = set()
    for key, each in found.items():
        lens = profile if each.counts_in(profile) else "conventions"
        counting = [mark for mark in each.findings if not excused(catalogue(), each.requirement, mark, lens)]
        valid = [one for one in known if one.expires >= DAY and fnmatchcase(key, one.requirement)]
        if counting and all(any(fits(one, mark) for one in valid) for mark in counting):
            expected.add(key)

    excuses, _ = assessed(*marks, known=known, profile=profile)

    assert expected == set(excuses.covered)


@given(st.lists(MARKS, max_size=6), st.lists(DEVIATIONS, max_size=4), st.sampled_from(list(PROFILES)))
def test_zero_means_that_nothing_unknown_fails(marks: list[Mark], known: list[KnownDeviation], profile: str) -> None:
    """Only the flag turns 1 into 0; with it, 0 means that what fails is known and nothing is to be removed."""
    found = results(*marks)
    plain = exit_code(found.values(), profile)
    excuses, code = assessed(*marks, known=known, profile=profile)
    unasked, without = assessed(*marks, known=known, profile=profile, accept=False)
    failing = {
        key for key, each in found.items() if each.requirement.level == "MUST" and each.profiles.get(profile) == "fail"
    }

    assert without == (1 if unasked.stale else plain)
    assert code == plain or code in (0, 4) or excuses.stale
    if code == 0:
        assert failing <= set(excuses.covered)
        assert not excuses.stale


@given(st.lists(MARKS, max_size=6), st.lists(DEVIATIONS, max_size=4), st.sampled_from(list(PROFILES)))
def test_claim_stays_honest(marks: list[Mark], known: list[KnownDeviation], profile: str) -> None:
    """Whatever is known, what fails fails, and its API is nonconformant."""
    found = results(*marks)
    before = conformance(found.values(), profile)

    excuses, _ = assessed(*marks, known=known, profile=profile)

    assert all(found[key].verdict(profile) is Verdict.FAIL for key in excuses.covered)
    assert before == conformance(found.values(), profile)


@given(st.text(min_size=1))
@example("[1, 2]")
@example("a[!b]*?")
@example("line\nbreak")
def test_text_fits_itself(got: str) -> None:
    """What a report shows as got can be copied as it is: brackets are no wildcards."""
    assert fits(deviation(observed=got), finding(got=got))


@pytest.mark.parametrize(
    ("observed", "got", "expected"),
    [
        ("201", "201", True),
        ("201", "2011", False),
        ("20?", "204", True),
        ("nothing", "nothing at all", False),
        ("[12]", "1", False),
        ("str*", "string\nof two lines", True),
        ("Nothing", "nothing", False),
    ],
)
def test_signature(observed: str, got: str, expected: bool) -> None:  # noqa: FBT001 - an expected value
    """A signature is the whole text, letter by letter, but for its wildcards."""
    assert expected is fits(deviation(observed=observed), finding(got=got))


def test_reading_narrows() -> None:
    """A deviation with a reading fits what depends on that reading, and nothing that only looks like it."""
    flat = deviation(ENVELOPE, "nothing", reading="B19/flat")

    assert fits(flat, finding(ENVELOPE, "nothing", FLAT))
    assert not fits(flat, finding(ENVELOPE, "nothing"))
    assert not fits(flat, finding(ENVELOPE, "nothing", ("B18", "flat")))


def test_known_failure() -> None:
    """A failure that is known ends with 1, and with 0 where that was asked for."""
    marks = [finding(), *all_met(STATUS)]

    assert (1, 0) == tuple(assessed(*marks, known=[deviation()], accept=each)[1] for each in (False, True))


def test_last_day_counts() -> None:
    """A deviation is accepted on its last day, and not on the day after."""
    marks = [finding(), *all_met(STATUS)]
    codes = [assessed(*marks, known=[deviation(expires=DAY + timedelta(each))])[1] for each in (1, 0, -1)]

    assert [0, 0, 1] == codes


def test_other_finding_is_not_known() -> None:
    """One finding that does not fit makes the failure an unknown one."""
    excuses, code = assessed(finding(), finding(got="500"), *all_met(STATUS), known=[deviation()])

    assert (1, {}, State.OBSERVED) == (code, excuses.covered, excuses.seen[0].state)


def test_two_signatures_share_a_requirement() -> None:
    """Several deviations may cover the findings of one requirement together."""
    known = [deviation(), deviation(observed="204")]

    assert 0 == assessed(finding(), finding(got="204"), *all_met(STATUS), known=known)[1]


def test_other_requirement_is_not_excused() -> None:
    """What is known of one requirement excuses no other one with the same finding."""
    assert 1 == assessed(finding(), finding(ECHO), *all_met(STATUS, ECHO), known=[deviation()])[1]


@pytest.mark.parametrize("accept", [False, True])
def test_gone_ends_with_1(accept: bool) -> None:  # noqa: FBT001 - one of two values
    """What is no longer observed must go, whether or not known failures are accepted."""
    excuses, code = assessed(*all_met(), known=[deviation()], accept=accept)

    assert (1, [State.GONE]) == (code, [each.state for each in excuses.seen])
    assert "remove it from the targets file" in excuses.seen[0].sentence


def test_expired_and_gone_must_go() -> None:
    """One that is expired must go even where nothing of it is left."""
    excuses, code = assessed(*all_met(), known=[deviation(expires=DAY - timedelta(1))])

    assert (1, State.EXPIRED) == (code, excuses.seen[0].state)
    assert "renew" not in excuses.seen[0].sentence


@pytest.mark.parametrize("expires", [DAY, DAY - timedelta(1)], ids=["valid", "expired"])
def test_unjudged_changes_nothing(expires: date) -> None:
    """One whose requirement was not judged in this run says so, and changes nothing."""
    excuses, code = assessed(*all_met(), known=[deviation("vmware-vcenter-hvc/*/response/status", expires=expires)])

    assert (0, State.UNJUDGED) == (code, excuses.seen[0].state)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"gaps": [Gap((STATUS,), "no such identity")]}, id="something was left out"),
        pytest.param({"interrupted": True}, id="the run was cut short"),
    ],
)
def test_nothing_is_gone_by_half_a_look(more: Mapping[str, Any]) -> None:
    """Where some of what could show a deviation was not sent, it is not said to be gone."""
    excuses, code = assessed(*all_met(), known=[deviation()], **more)

    assert (0, State.UNJUDGED) == (code, excuses.seen[0].state)


def test_what_a_reading_excuses_is_still_observed() -> None:
    """Where the run's profile accepts the reading, nothing fails; the deviation is observed all the same."""
    known = [deviation(ENVELOPE, "nothing", reading="B19/flat")]
    marks = [finding(ENVELOPE, "nothing", FLAT), *all_met()]

    for profile, covered in (("documented", {ENVELOPE}), ("interoperable", set())):
        excuses, code = assessed(*marks, known=known, profile=profile)
        assert (0, covered, State.OBSERVED) == (code, set(excuses.covered), excuses.seen[0].state)


def test_what_waits_for_a_known_failure_is_passed_over() -> None:
    """What is inconclusive because of known failures alone is accepted with them; for another reason it is not."""
    marks = [finding(), *all_met(STATUS, ECHO)]

    assert 0 == assessed(*marks, blocked(ECHO, 2, blocker=STATUS), known=[deviation()])[1]
    assert 4 == assessed(*marks, blocked(ECHO, 2, reason="no control"), known=[deviation()])[1]
    both = (blocked(ECHO, 2, blocker=STATUS), blocked(ECHO, 3, blocker=WARNED))
    assert 4 == assessed(*marks, *both, known=[deviation()])[1]


def test_broken_harness_is_not_excused() -> None:
    """A check of ours that broke ends with 3, whatever is known."""
    assert 3 == assessed(crashed(STATUS, "x"), *all_met(STATUS), known=[deviation()])[1]


def test_what_ships_cannot_be_removed() -> None:
    """A deviation that ships is told when it is gone or expired; the exit code does not ask a user to edit our data."""
    ours = deviation(hosts=("service.example",), reference="issue 1")
    excuses, code = assessed(*all_met(), known=[ours])
    late, expired = assessed(finding(), *all_met(STATUS), known=[replace(ours, expires=DAY - timedelta(1))])

    assert (0, State.GONE, f"no longer observed: remove it from {FILE}") == (
        code,
        excuses.seen[0].state,
        excuses.seen[0].sentence,
    )
    assert (1, State.EXPIRED) == (expired, late.seen[0].state)


@given(st.lists(DEVIATIONS, max_size=3), st.booleans(), st.dates())
def test_terms_come_back(known: list[KnownDeviation], accept: bool, day: date) -> None:  # noqa: FBT001 - drawn
    """A header gives back the terms that it was made from, so that a run can be judged again."""
    ours = [replace(each, hosts=("a.example", "*.b.example"), reference="issue 1") for each in known[:1]]
    terms = Terms((*known, *ours), day, accept)
    expected = terms if terms.deviations or accept else None

    assert expected == terms_from(terms_record(terms))


@cache
def known_ids() -> tuple[str, ...]:
    """Return the ids of all requirements."""
    return tuple(derive(catalogue(), strict_fields=True))


@given(st.text("*?", min_size=1).filter(lambda text: "*" in text and text.count("?") < 10))
@example("*")
def test_silly_globs_are_refused(glob: str) -> None:
    """What would excuse everything is refused: as a requirement and as what is observed."""
    wide = list(too_wide(glob, glob, known_ids()))

    assert 2 == len(wide)
    assert ["requirement", "observed"] == [said.split()[1] for said in wide]


@pytest.mark.parametrize(
    ("requirement", "observed", "wrong"),
    [
        pytest.param("*", "201", 1, id="every requirement"),
        pytest.param("*/*/*", "201", 1, id="every requirement by its parts"),
        pytest.param("azure-*", "201", 1, id="two APIs"),
        pytest.param(f"{CREATE}/*", "201", 1, id="a whole operation"),
        pytest.param(f"{CREATE}/[a-z]*", "201", 1, id="a whole operation by its letters"),
        pytest.param(STATUS, "*", 1, id="every finding"),
        pytest.param(STATUS, " ** ", 1, id="every finding with blanks"),
        pytest.param(STATUS, "???", 1, id="every finding of three letters"),
        pytest.param("*", "*", 2, id="everything"),
        pytest.param(STATUS, "201", 0, id="one requirement"),
        pytest.param("*/response/status", "20*", 0, id="one requirement of each operation"),
        pytest.param(f"{CREATE}/echo/*", "nothing", 0, id="one behaviour"),
    ],
)
def test_too_wide(requirement: str, observed: str, wrong: int) -> None:
    """A deviation names what fails and what is seen; a glob over a whole operation does not."""
    assert wrong == len(list(too_wide(requirement, observed, known_ids())))


def remote(url: str, *own: KnownDeviation) -> RemoteTarget:
    """Return a target with all APIs at one URL."""
    apis = {api: ApiDescription(url) for api in catalogue().apis}
    return RemoteTarget(catalogue(), Description("t", apis, known_deviations=own))


def test_what_ships_is_about_public_services() -> None:
    """Each shipped deviation names a requirement, a public source and hosts that no server of a test has."""
    found = shipped(catalogue())

    assert found
    for each in found:
        assert each.requirement in known_ids()
        assert each.reference
        assert all("." in host and not host.endswith(("localhost", ".1", "example")) for host in each.hosts)


@pytest.mark.parametrize(
    ("url", "apis"),
    [
        ("https://management.azure.com", {"azure-synapse-management"}),
        ("https://MANAGEMENT.azure.com.:443/", {"azure-synapse-management"}),
        ("https://contoso.dev.azuresynapse.net", {"azure-synapse-access-control"}),
        ("https://dev.azuresynapse.net", set()),
        ("https://evil-dev.azuresynapse.net", set()),
        ("https://contoso.dev.azuresynapse.net.acme.example", set()),
        ("https://management.azure.com@acme.example", set()),
        ("https://acme.example/management.azure.com", set()),
        ("http://127.0.0.1:8080", set()),
        ("http://localhost", set()),
    ],
)
def test_nobody_else_is_excused(url: str, apis: set[str]) -> None:
    """Only the host of the public service is, for its own API."""
    urls = dict.fromkeys(catalogue().apis, url)

    assert apis == {each.requirement.split("/")[0] for each in concerning(shipped(catalogue()), urls)}


def test_emulator_has_no_known_deviations() -> None:
    """The emulator is never excused, and a server of one's own by its own file alone."""
    own = deviation()

    assert () == terms_for(catalogue(), EmulatorTarget(catalogue()), day=DAY).deviations
    assert (own,) == terms_for(catalogue(), remote("https://acme.example", own), day=DAY).deviations
    public = terms_for(catalogue(), remote("https://management.azure.com", own), day=DAY).deviations
    assert (
        own,
        *concerning(shipped(catalogue()), {"azure-synapse-management": "https://management.azure.com"}),
    ) == public


RECORDED = {
    "azure-synapse-management": (
        404,
        {
            "code": "NotFound",
            "message": "The document could not be retrieved because it does not exist.",
            "target": "/subscriptions/x/providers/Microsoft.DataFactory/factories/w/integrationruntimes/i",
            "details": None,
            "error": None,
        },
    ),
    "azure-synapse-access-control": (
        401,
        {"code": "AuthenticationFailed", "message": "Token Authentication failed - x"},
    ),
}
"""What is recorded of the public services: a status of each, with the body that it has there."""


def as_recorded(record: Record) -> Record:
    """Return a record of a run on the emulator as it would be on the public services."""
    status, body = RECORDED.get(record.get("api", ""), (0, None))
    response = record.get("response", {})
    if response.get("status") != status or not response.get("body"):
        return record
    return {**record, "response": {**response, "body": json.dumps(body)}}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({}, 0, id="as it is recorded"),
        pytest.param({"today": date(2030, 1, 1)}, 1, id="after the last day"),
        pytest.param({"accept": False}, 1, id="not accepted"),
        pytest.param({"deviations": ()}, 1, id="another server"),
    ],
)
def test_shipped_deviations_are_those_that_are_recorded(tmp_path: Path, change: Mapping[str, Any], code: int) -> None:
    """On the bodies that are recorded of the public services, what ships covers all that fails, and each of it is observed."""
    before = read_report(report_of(clean_run(), tmp_path))
    terms = replace(Terms(shipped(catalogue()), DAY, accept=True), **change)
    header = {**before.header, **terms_record(terms)}
    again = rejudged(replace(before, header=header, records=(header, *map(as_recorded, before.records[1:]))))

    assert code == again.of("footer")[0]["exitCode"]
    assert {"nonconformant"} == {again.of("footer")[0]["conformance"][api]["documented"] for api in RECORDED}
    states = {each["state"] for each in again.of("known-deviation")}
    assert states == ({"expired"} if "today" in change else {"observed"} if terms.deviations else set())


_SERVICE = {
    "service": "Acme",
    "hosts": ["acme.example"],
    "deviations": [
        {
            "requirement": STATUS,
            "observed": "201",
            "reason": "so it is",
            "reference": "issue 1",
            "expires": "2027-01-31",
        }
    ],
}


def _planted(folder: Path, document: object) -> tuple[KnownDeviation, ...]:
    api = STATUS.split("/", maxsplit=1)[0]
    (folder / api).mkdir()
    (folder / api / FILE).write_text(yaml.safe_dump(document), encoding="utf-8")
    return shipped(catalogue(), folder)


def test_shipped_file_is_read(tmp_path: Path) -> None:
    """A file of a folder of contracts is read as it stands."""
    expected = KnownDeviation(
        STATUS, "201", "so it is", date(2027, 1, 31), reference="issue 1", hosts=("acme.example",)
    )

    assert (expected,) == _planted(tmp_path, {"services": [_SERVICE]})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"requirement": f"{STATUS}es"}, "no requirement of", id="unknown requirement"),
        pytest.param(
            {"requirement": "vmware-vcenter-hvc/list-links/response/status"}, "no requirement of", id="other API"
        ),
        pytest.param({"requirement": "*/response/status"}, "does not begin with", id="other APIs too"),
        pytest.param({"requirement": "*"}, "would excuse every", id="everything"),
        pytest.param({"observed": "*"}, "would excuse every finding", id="every finding"),
        pytest.param({"reading": "B99/flat"}, "has no reading", id="unknown reading"),
        pytest.param({"expires": "2027-02-30"}, "is no day", id="no day"),
        pytest.param({"expires": "soon"}, "does not match", id="no date"),
        pytest.param({"ticket": "4711"}, "unknown key 'ticket'", id="unknown key"),
        pytest.param({"reference": None}, "is not of type", id="no reference"),
    ],
)
def test_mistakes_in_a_shipped_file(tmp_path: Path, change: Mapping[str, Any], said: str) -> None:
    """Each mistake is told with its file; none is passed over."""
    entry = {**_SERVICE["deviations"][0], **change}  # type: ignore[dict-item]

    with pytest.raises(ContractError, match=FILE) as caught:
        _planted(tmp_path, {"services": [{**_SERVICE, "deviations": [entry]}]})

    assert said in str(caught.value)


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    """Mistakes of several entries are told together."""
    entry = {**_SERVICE["deviations"][0], "requirement": "*", "observed": "*", "expires": "2027-02-30"}  # type: ignore[dict-item]

    with pytest.raises(ContractError) as caught:
        _planted(tmp_path, {"services": [{**_SERVICE, "deviations": [entry, entry]}]})

    assert {
        f"/services/0/deviations/{number}/{key}" for number in (0, 1) for key in ("requirement", "observed", "expires")
    } == {each.pointer for each in caught.value.mistakes}


@pytest.mark.parametrize("host", ["*", "*.*", "localhost", "*.com*", "https://acme.example", "ACME.example"])
def test_wide_hosts_are_refused(tmp_path: Path, host: str) -> None:
    """A pattern of hosts has a domain: nothing excuses whoever comes along."""
    with pytest.raises(ContractError, match="hosts"):
        _planted(tmp_path, {"services": [{**_SERVICE, "hosts": [host]}]})


def test_file_without_its_api(tmp_path: Path) -> None:
    """A file beside no API is a mistake."""
    (tmp_path / "acme").mkdir()
    shutil.copy(bundled("contracts") / "azure-synapse-management" / FILE, tmp_path / "acme")

    with pytest.raises(ContractError, match="no API is named 'acme'"):
        shipped(catalogue(), tmp_path)


def test_day_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """ASDOC_TODAY stands in for the system's day; what is no day is told."""
    monkeypatch.setenv("ASDOC_TODAY", "2027-01-31")
    assert date(2027, 1, 31) == today()
    monkeypatch.setenv("ASDOC_TODAY", "tomorrow")
    with pytest.raises(UsageError, match="bad-day"):
        today()
