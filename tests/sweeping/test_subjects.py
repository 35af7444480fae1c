"""Which emulators a sweep judges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asdocumented.contracts.grounds import Equivalent
from asdocumented.contracts.model import Catalogue
from asdocumented.errors import UsageError
from asdocumented.mutant import Line
from asdocumented.sweeping.subjects import choose, claims, of_mutant, of_variant, sample, unfit
from tests.support import catalogue
from tests.sweeping.support import STOP, variant

API = "microsoft-fabric-mirroring"


def test_everything_is_chosen() -> None:
    """Without a limit every mutant of every operation is chosen, and none has the id of another."""
    chosen = choose(catalogue(), (), ())

    assert chosen.everything
    assert {each.id for each in catalogue().operations} == {of_mutant(each).operations[0] for each in chosen.mutants}


def test_id_chooses_itself() -> None:
    """The id of a mutant, as a survivor is told with it, chooses that mutant alone."""
    first = choose(catalogue(), (), ()).mutants[0]

    assert (first,) == choose(catalogue(), (), (), first.id).mutants


def test_unknown_glob_is_refused() -> None:
    """A glob that fits nothing is a mistake, answered with what is close."""
    with pytest.raises(UsageError, match="No mutant or variant in scope fits") as error:
        choose(catalogue(), (), (STOP,), "nothing-*")

    assert "unknown-mutant" == error.value.code


def test_sample_has_every_operation() -> None:
    """One mutant and one variant of each operation are drawn, the same for the same seed."""
    chosen = choose(catalogue(), (), ())
    drawn = sample(catalogue(), chosen, 1)

    assert 2 * len(catalogue().operations) == len(drawn)
    assert drawn == sample(catalogue(), chosen, 1)
    assert drawn != sample(catalogue(), chosen, 2)
    assert {len(catalogue().operations)} == {len(each.operations) for each in drawn}


@pytest.mark.parametrize(("switch", "needed"), [("wire.bom", True), ("connection.dropped", True), ("page.size", False)])
def test_socket_is_needed_for_bytes(switch: str, needed: bool) -> None:  # noqa: FBT001 - a case of the test
    """What bends bytes on a connection is judged over a socket."""
    subject = of_variant(replace(variant(), lines=(Line(switch, STOP),)))

    assert needed is subject.needs_socket


def claiming(*globs: str, of_api: bool = False) -> Catalogue:
    """Return the catalogue with claims of equivalence by one operation, or by its API."""
    said = tuple(Equivalent(glob, "nothing can tell it") for glob in globs)
    api = catalogue().apis[API]
    if of_api:
        changed = replace(api, equivalents=said)
    else:
        name = STOP.partition("/")[2]
        operations = {**api.operations, name: replace(api.operations[name], equivalents=said)}
        changed = replace(api, operations=operations)
    return Catalogue({**catalogue().apis, API: changed})


@pytest.mark.parametrize("of_api", [False, True])
def test_claim_about_nothing_is_told(*, of_api: bool) -> None:
    """A claim that fits no mutant of its owner is told; one that fits some is not."""
    known = claiming(f"{STOP}/identity/*", "azure-*", of_api=of_api)
    said = claims(known, [STOP])

    assert 2 == len(said)
    assert ["azure-*"] == [each.equivalent.mutant for each in unfit(known, said)]


def test_claims_of_contracts_fit() -> None:
    """Every claim of equivalence in the contracts that come with asdoc is about a mutant that there is."""
    said = claims(catalogue(), [each.id for each in catalogue().operations])

    assert [] == unfit(catalogue(), said)
