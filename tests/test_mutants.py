"""Broken emulators: each fails the requirement that it breaks, and nothing that has nothing to do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

import pytest

from asdocumented.behaviours import behaviour
from asdocumented.contracts import Level
from asdocumented.families import families
from asdocumented.mutant import Mutant
from asdocumented.mutants import derive_mutants
from asdocumented.requirement import PROFILES
from asdocumented.requirements import derive
from asdocumented.running import Run
from asdocumented.selection import Selection
from asdocumented.verdicts import Result, Verdict
from tests.support import FIVE, WIDEST, catalogue, clean_run, emulator_run, failing, of_api, verdicts

ACCESS = "azure-synapse-access-control"
CREATE = f"{ACCESS}/create-role-assignment"
LIST = f"{ACCESS}/list-role-assignments"
START = "vmware-vcenter-hvc/start-sync-provider"


MUTANTS = tuple(
    mutant
    for operation in catalogue().operations
    for mutant in derive_mutants(catalogue().apis[operation.api], operation)
)


def test_mutants_break_known_requirements() -> None:
    """Every mutant names a requirement that there is."""
    assert set() == {each.breaks for each in MUTANTS} - clean_run().results.keys()


def test_mutants_have_ids_of_their_own() -> None:
    """No two mutants have one id, and no two put the same lines on to break the same requirement."""
    lines = {(each.breaks, repr(each.lines)) for each in MUTANTS}

    assert len(MUTANTS) == len({each.id for each in MUTANTS}) == len(lines)


def test_clean_emulator_survives_mutants() -> None:
    """Without a switch, every requirement that a mutant breaks passes, or was not observed where only a target can show it."""
    results = [clean_run().results[each.breaks] for each in MUTANTS]
    unseen = {Verdict.NOT_OBSERVED}

    assert set() == {each.requirement.id for each in results if each.profiles[WIDEST] not in {Verdict.PASS, *unseen}}
    assert all(each.requirement.conditional for each in results if each.profiles[WIDEST] in unseen)


def test_every_answer_has_mutants() -> None:
    """Every MUST and SHOULD about requests, answers and errors has a mutant, but for what makes an answer a gateway's.

    A 503 that is no error in the API's own form is the environment's, so that nothing of it can be held against a target.
    """
    broken = {each.breaks for each in MUTANTS}
    declared = {
        each.id
        for each in derive(catalogue()).values()
        if each.family in {"request", "response", "error"} and each.level is not Level.MAY
    }

    assert set() == {each for each in declared - broken if not fnmatchcase(each, "*/response/503/*")}
    assert any("/response/503/" in each for each in broken)


def of_behaviours() -> set[str]:
    """Return the requirements of every behaviour that an operation declares."""
    return {
        requirement.id
        for operation in catalogue().operations
        for declaration in operation.behaviours
        for requirement in behaviour(declaration.name).requirements(
            catalogue().apis[operation.api], operation, declaration
        )
    }


def of_conventions() -> set[str]:
    """Return the requirements that every operation has whatever its page says: of the families, and of robustness."""
    return {each.id for each in derive(catalogue()).values() if each.family == "convention"}


@pytest.mark.parametrize("declared", [of_behaviours, of_conventions])
def test_every_requirement_has_mutants(declared: Callable[[], set[str]]) -> None:
    """Every requirement of a behaviour and of a convention has a mutant, but for what the target may never show."""
    broken = {each.breaks for each in MUTANTS}
    conditional = {key for key in declared() if clean_run().results[key].requirement.conditional}

    assert declared()
    assert set() == declared() - broken - conditional


def test_every_family_has_mutants() -> None:
    """Every family breaks something, and every probe of one that is always judged names what breaks the emulator."""
    for family in families():
        probes = [
            each
            for operation in catalogue().operations
            for each in family.probes(catalogue().apis[operation.api], operation)
        ]

        assert probes
        assert set() == {each.what for each in probes if not each.switch and not each.conditional}


@dataclass(frozen=True)
class Broken:
    """One broken emulator of the issue: how it is broken, what fails of it, and the words of the finding."""

    mutant: Mutant
    fails: tuple[str, ...]
    expected: str
    got: str


_FIELD = "response/200/schema/RoleAssignmentDetails/roleDefinitionId"
_ENVELOPE = "response/other/schema/ErrorContract/error/presence"
BROKEN: Mapping[str, Broken] = {
    "field-dropped-from-put": Broken(
        Mutant("response.drop", CREATE, f"{CREATE}/{_FIELD}/presence", {"pointer": "/roleDefinitionId"}),
        (f"{CREATE}/{_FIELD}/presence",),
        "the field roleDefinitionId",
        "nothing",
    ),
    "flat-error-body": Broken(
        Mutant("error.flat", f"{ACCESS}/*", f"{CREATE}/{_ENVELOPE}"),
        (f"{ACCESS}/*/response/*/schema/ErrorContract/error/presence", f"{ACCESS}/*/error/*/code"),
        "the field error",
        "nothing",
    ),
    "role-filter-ignored": Broken(
        Mutant("filter.ignored", LIST, f"{LIST}/filter/roleId/selects", {"parameter": "roleId"}),
        (f"{LIST}/filter/roleId/*",),
        "only items whose /roleDefinitionId is *",
        "one with *",
    ),
    "put-answers-201": Broken(
        Mutant("response.status", CREATE, f"{CREATE}/response/status", {"status": 201}),
        (f"{CREATE}/response/status", f"{CREATE}/response/listed-status"),
        "200",
        "201",
    ),
    "busy-never-reported": Broken(
        Mutant("exclusive.never-busy", START, f"{START}/exclusive/sync-running/status"),
        (f"{START}/exclusive/sync-running/status",),
        "500 resource_busy",
        "200",
    ),
}
each_broken = pytest.mark.parametrize("name", BROKEN)


@cache
def broken_run(name: str) -> Run:
    """Return the run on one of the broken emulators, which is made once."""
    return emulator_run(BROKEN[name].mutant)


def blocked_by(results: Mapping[str, Result], identifier: str) -> str:
    """Return the requirement at the end of a chain of blockers."""
    seen = {identifier}
    while (blocker := results[identifier].blocker) and blocker not in seen:
        seen.add(blocker)
        identifier = blocker
    return identifier


@each_broken
def test_broken_requirement_is_explained(name: str) -> None:
    """The broken requirement fails in every profile, in words that a stranger understands."""
    case = BROKEN[name]
    result = broken_run(name).results[case.mutant.breaks]
    finding = result.findings[0].finding

    assert {Verdict.FAIL} == set(result.profiles.values())
    assert finding is not None
    assert fnmatchcase(finding.expected, case.expected), finding.expected
    assert fnmatchcase(finding.got, case.got), finding.got


@each_broken
@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_else_fails(name: str, profile: str) -> None:
    """Nothing fails that has nothing to do with what is broken."""
    failed = failing(broken_run(name), profile)

    assert set() == {each for each in failed if not any(fnmatchcase(each, glob) for glob in BROKEN[name].fails)}


@each_broken
def test_blocked_requirements_name_blocker(name: str) -> None:
    """A verdict that changed without failing is inconclusive, and its blockers lead to what is broken.

    A reading of the register that no answer shows any more may be not observed instead.
    """
    results = broken_run(name).results
    clean = verdicts(clean_run().results)
    strays = {
        key: (clean[key], found, results[key].reason)
        for key, found in verdicts(results).items()
        if found != clean[key]
        and key not in failing(broken_run(name))
        and not ("/ambiguity/" in key and {"not-observed"} == set(found.values()))
        and not ({"inconclusive"} == set(found.values()) and blocked_by(results, key) in failing(broken_run(name)))
    }

    assert {} == strays


@each_broken
def test_broken_run_exits_nonconformant(name: str) -> None:
    """A broken MUST makes the run nonconformant."""
    assert 1 == broken_run(name).exit_code


ERROR_BODIES = {
    "empty-object": ("error.empty-object", {}),
    "html": ("error.html", {}),
    "other-api": ("error.other-api", {}),
}
_OTHER = {
    "azure-synapse-access-control": "microsoft-fabric-mirroring",
    "azure-synapse-management": "microsoft-fabric-mirroring",
    "microsoft-fabric-mirroring": "vmware-vcenter-hvc",
    "vmware-vcenter-hvc": "azure-synapse-management",
}


def _operation(identifier: str) -> str:
    return "/".join(identifier.split("/")[:2])


_BODY_ASPECTS = ("*/response/*/schema/*/presence", "*/response/*/media-type")


def wrong_errors(api: str, body: str) -> Mutant:
    """Return the mutant whose errors of one API have a wrong body."""
    switch, arguments = ERROR_BODIES[body]
    other = {"api": _OTHER[api]} if body == "other-api" else {}
    return Mutant(switch, f"{api}/*", "", {**arguments, **other})


@pytest.mark.parametrize("body", ERROR_BODIES)
@pytest.mark.parametrize("api", _OTHER)
def test_wrong_error_body_fails(api: str, body: str) -> None:
    """An error body of another form fails as a body, in every operation of the API."""
    failed = failing(emulator_run(wrong_errors(api, body), selection=of_api(api)))
    operations = {each.id for each in catalogue().apis[api].operations.values()}

    assert operations == {_operation(each) for each in failed if any(fnmatchcase(each, glob) for glob in _BODY_ASPECTS)}


@pytest.mark.parametrize("body", ERROR_BODIES)
@pytest.mark.parametrize("name", sorted(FIVE))
def test_wrong_error_body_counts(name: str, body: str) -> None:
    """An error body of another form makes each operation of the issue nonconformant in the profile of its page."""
    done = emulator_run(wrong_errors(name.partition("/")[0], body), selection=Selection(operations=(name,)))
    failed = failing(done, "documented")

    assert 1 == done.exit_code
    assert {name} == {_operation(each) for each in failed if any(fnmatchcase(each, glob) for glob in _BODY_ASPECTS)}


@pytest.mark.parametrize("body", ERROR_BODIES)
@pytest.mark.parametrize("api", _OTHER)
def test_wrong_error_body_alone(api: str, body: str) -> None:
    """A wrong error body fails no requirement about statuses, valid requests or behaviours."""
    failed = failing(emulator_run(wrong_errors(api, body), selection=of_api(api)))

    assert set() == {each for each in failed if "/response/" not in each and not fnmatchcase(each, "*/error/*/code")}


def test_vcenter_framework_refusals_conform() -> None:
    """On vCenter, bad requests are answered 400, 401 and 405, none of them on the page, and nothing fails."""
    done = clean_run()
    statuses = {
        each.response.status
        for each in done.execution.trace.exchanges
        if each.api == "vmware-vcenter-hvc" and each.response is not None
    }

    assert {400, 401, 405} <= statuses
    assert set() == {each for each in failing(done) if each.startswith("vmware-vcenter-hvc/")}
