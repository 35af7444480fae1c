"""Tests of witnesses: what the exchanges were that caught a mutant, held against what another run showed."""

from __future__ import annotations

import pytest

from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.witnesses import Rule, Shown, Witness, kinds_of, shown, witness_of, would_catch
from tests.support import catalogue, clean_run

NAME = "api/operation/what"
KINDS = {1: "a", 2: "b", 3: "c", 4: "a"}


def finding(*exchanges: int) -> Mark:
    """Return a mark on a broken requirement."""
    return broken(NAME, *exchanges, expected="x", got="y", where="status")


def seen(*marks: Mark, kinds: dict[int, str] | None = None) -> Shown:
    """Return what a run showed of which nothing kept the requirement from being judged."""
    return shown(marks, KINDS if kinds is None else kinds, {NAME})


@pytest.mark.parametrize(
    ("caught", "clean", "expected"),
    [
        pytest.param([finding(1, 2)], seen(met(NAME, 1, 2)), Witness(Rule.MARK, (("a", "b"),)), id="one mark"),
        pytest.param([finding(1, 2), finding(1)], seen(met(NAME, 1, 2)), Witness(Rule.MARK, (("a",),)), id="the least"),
        pytest.param([finding(1, 3)], seen(met(NAME, 1)), Witness(Rule.BESIDE, (("a", "c"),)), id="beside"),
        pytest.param([finding(3)], seen(met(NAME, 1)), Witness(Rule.ALL, (("a",),)), id="all that a right one has"),
        pytest.param([finding(1, 2)], seen(), Witness(Rule.SENT, (("a", "b"),)), id="never shown"),
        pytest.param([finding(3)], seen(kinds={1: "a"}), Witness(), id="never sent"),
        pytest.param([finding(9)], seen(), Witness(), id="in doubt"),
    ],
)
def test_strictest_rule_is_kept(caught: list[Mark], clean: Shown, expected: Witness) -> None:
    """A witness goes by the strictest rule by which a run on a right server shows it."""
    assert expected == witness_of(NAME, caught, KINDS, clean)


@pytest.mark.parametrize(
    ("witness", "run", "expected"),
    [
        pytest.param(Witness(Rule.MARK, (("a", "b"),)), seen(met(NAME, 1, 3, 2)), True, id="more than that"),
        pytest.param(Witness(Rule.MARK, (("a", "b"),)), seen(finding(1, 2)), True, id="a finding tells too"),
        pytest.param(Witness(Rule.MARK, (("a", "b"),)), seen(met(NAME, 2, 1)), False, id="another decides"),
        pytest.param(Witness(Rule.MARK, (("a", "a"),)), seen(met(NAME, 1)), False, id="once is not twice"),
        pytest.param(Witness(Rule.MARK, (("a",), ("c",))), seen(met(NAME, 3)), True, id="any"),
        pytest.param(Witness(Rule.MARK, (("a",),)), seen(blocked(NAME, 1, reason="x")), False, id="blocked"),
        pytest.param(Witness(Rule.BESIDE, (("a", "c"),)), seen(met(NAME, 1)), True, id="beside"),
        pytest.param(Witness(Rule.BESIDE, (("a", "z"),)), seen(met(NAME, 1)), False, id="not beside"),
        pytest.param(Witness(Rule.ALL, (("a",), ("c",))), seen(met(NAME, 3)), False, id="not all"),
        pytest.param(Witness(Rule.ALL, (("a",), ("c",))), seen(met(NAME, 3), met(NAME, 4)), True, id="all"),
        pytest.param(Witness(Rule.SENT, (("a", "b"),)), seen(), True, id="sent"),
        pytest.param(Witness(Rule.SENT, (("a", "b"),)), shown((), KINDS), False, id="kept from being judged"),
        pytest.param(Witness(), seen(met(NAME, 1)), False, id="none"),
    ],
)
def test_run_is_held_against_it(witness: Witness, run: Shown, *, expected: bool) -> None:
    """A run would have caught a mutant where it showed what the rule asks for."""
    assert expected is would_catch(witness, NAME, run)


def test_kinds_are_told_apart() -> None:
    """Who calls, in which state, with which options and with what reason for refusal are of another kind each."""
    found = set(kinds_of(catalogue(), clean_run().execution.trace).values())

    assert {
        "list-role-assignments as admin",
        "list-role-assignments as admin in two-pages with x-ms-continuation",
        "list-role-assignments as admin with principalId, roleId",
        "list-role-assignments as expired: identity/expired",
        "stop-mirroring as admin in mirroring-running",
        "stop-mirroring as viewer: permission-missing",
    } <= found
