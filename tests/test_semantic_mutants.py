"""The broken emulators of behaviours, identities and parameters: none of the ways to go wrong is left out."""

from __future__ import annotations

from functools import cache

import pytest

from asdocumented.emulator import KNOWN
from asdocumented.emulator.tokens import FAULTS
from asdocumented.families import families
from asdocumented.mutant import Kind, Mutant
from asdocumented.mutants import derive_mutants, derive_variants
from tests.support import catalogue

_BEHAVIOURS = (
    "page",
    "filter",
    "read-after-write",
    "echo",
    "upsert",
    "delete",
    "idempotent",
    "conditional",
    "exclusive",
    "transition",
    "throttled",
    "secret",
    "identity",
    "empty-body",
    "case-insensitive",
)
_LEGAL = "Legal."


@cache
def _mutants() -> tuple[Mutant, ...]:
    return tuple(
        mutant
        for operation in catalogue().operations
        for mutant in derive_mutants(catalogue().apis[operation.api], operation)
    )


def _of_variants() -> set[str]:
    """Return the switches of permitted differences, which are no deviation by themselves."""
    apis = catalogue().apis
    variants = (each for one in catalogue().operations for each in derive_variants(apis[one.api], one))
    return {line.switch for each in variants for line in each.lines}


def _broken(operation: str, kind: Kind, switch: str, argument: str) -> set[object]:
    """Return the values of an argument in the mutants of an operation."""
    found = (each for each in _mutants() if (each.kind, each.switch, each.operation) == (kind, switch, operation))
    return {each.arguments.get(argument) for each in found}


def test_every_way_of_a_behaviour_is_used() -> None:
    """Every switch that breaks a behaviour, and is not legal, has a mutant."""
    ways = {name for name, known in KNOWN.items() if name.partition(".")[0] in _BEHAVIOURS}
    broken = {name for name in ways if not KNOWN[name].description.endswith(_LEGAL)} - _of_variants()

    assert len(broken) > 35
    assert set() == broken - {each.switch for each in _mutants()}


def test_no_legal_switch_is_a_mutant() -> None:
    """What is legal breaks nothing, so that no mutant is made of it alone: two readings that alternate are two."""
    steady = [each for each in _mutants() if not each.arguments.get("alternates")]

    assert set() == {each.switch for each in steady if KNOWN[each.switch].description.endswith(_LEGAL)}


def test_ids_of_mutants_differ() -> None:
    """Two mutants never have one id."""
    ids = [each.id for each in _mutants()]

    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("api", [name for name, each in catalogue().apis.items() if each.credential["audience"]])
def test_every_fault_of_a_token_is_let_in(api: str) -> None:
    """Each operation that needs a token has an emulator that lets each faulty one in, as far as the API has signed tokens."""
    known = catalogue().apis[api]
    signed = "wrong-audience" in known.identities
    wanted = {*FAULTS} if signed else {"anonymous", "malformed", "expired"}
    checked = [each for each in known.operations.values() if each.permission != "none"]

    assert checked
    assert {} == {
        each.name: missing
        for each in checked
        if (missing := wanted - _broken(each.id, Kind.IDENTITY, "identity.accepted", "identity"))
    }


def test_every_fault_of_a_request_is_accepted_and_crashes() -> None:
    """Each fault that a request of an operation can have is accepted by one emulator, and crashes another."""
    for operation in catalogue().operations:
        probes = [each for family in families() for each in family.probes(catalogue().apis[operation.api], operation)]
        faults = {each.what for each in probes if each.what.startswith("refusal/") and each.what.count("/") > 1}
        for switch in ("fault.accepted", "fault.crash"):
            mine = {
                each.arguments["fault"]
                for each in _mutants()
                if (each.operation, each.switch) == (operation.id, switch)
            }

            assert set() == faults - mine


def test_every_field_is_echoed_wrong_and_stored_wrong() -> None:
    """Each field that a write sends comes back wrong from one emulator, and is read wrong from another."""
    for operation in catalogue().operations:
        for echo in operation.behaviour("echo"):
            pointers = set(echo.parameters["fields"])

            assert pointers == _broken(operation.id, Kind.SEMANTIC, "echo.wrong", "pointer")
        for declared in operation.behaviour("read-after-write"):
            write = catalogue().apis[operation.api].operations[declared.parameters["write"]]
            fields = {field for echo in write.behaviour("echo") for field in echo.parameters["fields"]}
            prefix = f"{declared.parameters['items']}/*" if "items" in declared.parameters else ""
            wanted = {f"{prefix}{field}" for field in fields - {declared.parameters["id"]}}

            assert wanted <= _broken(operation.id, Kind.SEMANTIC, "echo.wrong", "pointer")
