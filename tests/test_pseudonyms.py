"""Pseudonyms: of the same shape, the same everywhere, nothing of what they stand for, and no verdict changes."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from asdocumented.contracts.model import Tier
from asdocumented.leaks import files_below
from asdocumented.pseudonyms import Pseudonyms
from asdocumented.report.pseudonymising import pseudonymised
from asdocumented.report.stream import Recorded, read_report
from asdocumented.running import Options, run
from tests.independent.server import running
from tests.support import asdoc, catalogue, emulator_run, failing, independent_target, report_of
from tests.test_mutants import MUTANTS

_KEY = b"a key of a test"
_NAME = "Contoso-prod_01"
_PUBLIC = {"workspaces", "running", "contoso-production"}
_WAYS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent-encoded": lambda text: "".join(f"%{ord(char):02X}" for char in text),
    "percent-encoded twice": lambda text: "".join(f"%25{ord(char):02X}" for char in text),
    "in \\u": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "in HTML": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "within a path": lambda text: f"/workspaces/{text}/items",
    "within base64": lambda text: base64.b64encode(f'{{"after":"{text}","n":1}}'.encode()).decode(),
    "within base64url": lambda text: (
        base64.urlsafe_b64encode(f'{{"after":"{text}","n":1}}???>'.encode()).decode().rstrip("=")
    ),
}


def _pseudonyms(*names: str, key: bytes = _KEY) -> Pseudonyms:
    return Pseudonyms(key, names or (_NAME,), _PUBLIC)


@pytest.mark.parametrize("way", _WAYS)
def test_name_is_the_same_everywhere(way: str) -> None:
    """A name has one pseudonym, which stands in each form as the name did."""
    pseudonyms = _pseudonyms()
    other = pseudonyms.text(_NAME)

    assert _WAYS[way](other) == pseudonyms.text(_WAYS[way](_NAME))
    assert other.lower() not in _NAME.lower()


@given(st.text(st.characters(categories=("L", "N", "P")), min_size=3, max_size=30))
def test_name_keeps_its_shape(name: str) -> None:
    """A pseudonym has the length of its name, in bytes too, and letters, digits and signs where the name has them."""
    assume(not re.fullmatch("[0-9a-fA-F-]{32,36}", name))
    other = _pseudonyms(name).text(name)
    shape = "".join("a" if char.isalpha() else "0" if char.isdigit() else char for char in name)

    assert len(name) == len(other)
    assert (
        shape == "".join("a" if char.isalpha() else "0" if char.isdigit() else char for char in other)
        or not name.isascii()
    )


@given(st.uuids(), st.sampled_from([str.lower, str.upper]))
def test_guid_stays_a_guid(guid: uuid.UUID, case: Callable[[str], str]) -> None:
    """A GUID becomes another of its version and variant, in its letter case, with and without dashes alike."""
    assume(guid.int not in (0, 2**128 - 1))
    pseudonyms = _pseudonyms()
    other = pseudonyms.text(case(str(guid)))
    kept = (14, 19)

    assert [str(guid)[place] for place in kept] == [other.lower()[place] for place in kept]
    assert other.lower() == pseudonyms.text(str(guid))
    assert other.replace("-", "").lower() == pseudonyms.text(guid.hex)
    assert other == case(other)
    assert str(guid) != other.lower()


def test_nil_guid_stays() -> None:
    """The nil GUID is nobody's."""
    expected = "00000000-0000-0000-0000-000000000000"

    assert expected == _pseudonyms().text(expected)


def test_letter_case_goes_with_the_text() -> None:
    """Two ways to write a name that differ in case alone still do."""
    pseudonyms = _pseudonyms()
    one, other = pseudonyms.text(_NAME.upper()), pseudonyms.text(_NAME.swapcase())

    assert one.lower() == other.lower() == pseudonyms.text(_NAME).lower()
    assert (True, False) == (one.isupper(), other.isupper())


def test_public_words_stay() -> None:
    """A word of the contracts is no name, and a short name within one is replaced as a whole word alone."""
    pseudonyms = _pseudonyms("running", "run1", "tin", "contoso")
    text = pseudonyms.text("Running run1 running2run1 tin tint workspaces/contoso")

    assert re.fullmatch(
        r"Running (?!run1)[a-z]{3}\d running2run1 (?!tin)[a-z]{3} tint workspaces/(?!contoso)[a-z]{7}", text
    )


def test_another_key_gives_others() -> None:
    """Nobody can find out by trying which name a pseudonym stands for: it follows from a key that nobody keeps."""
    assert _pseudonyms().text(_NAME) != _pseudonyms(key=b"another").text(_NAME)


def test_names_stay_apart() -> None:
    """Different names have different pseudonyms, and none of them is a name."""
    names = [f"ab{number}" for number in range(10)] + ["abc", "abd", "xyz"]
    others = {_pseudonyms(*names).text(name) for name in names}

    assert len(names) == len(others)
    assert set() == others & set(names)


# Whole records.


def _values(recorded: Recorded) -> set[str]:
    """Return every id that a record names of its target, but those that are words."""
    pools = [ids for each in recorded.of("facts") for api in each["existing"].values() for ids in api.values()]
    found = {step.lower() for ids in pools for each in ids for step in each.split("/")}
    return {
        each
        for each in found
        if len(each) > 7 and each not in ("workspaces", "bigdatapools", "linkedservices", "integrationruntimes")
    }


def _survivors(recorded: Recorded, done: Recorded) -> list[str]:
    text = json.dumps(done.records, ensure_ascii=False).lower()
    return [each for each in sorted(_values(recorded)) if each in text or quote(each, safe="") in text]


def test_emulator_run_is_judged_alike(tmp_path: Path) -> None:
    """A run with much broken holds no id of the target with pseudonyms, and the same requirements fail."""
    chosen = {mutant.switch: mutant for mutant in MUTANTS}
    switches = [
        mutant for name, mutant in sorted(chosen.items()) if name.startswith(("case", "filter", "page", "echo"))
    ]
    done = emulator_run(*switches)
    recorded = read_report(report_of(done, tmp_path))
    changed = pseudonymised(recorded)  # which judges it again, and raises where a verdict differs

    assert len(failing(done)) > 3
    assert len(_values(recorded)) > 10
    assert [] == _survivors(recorded, changed)
    assert [each["id"] for each in recorded.of("requirement")] == [each["id"] for each in changed.of("requirement")]


@pytest.mark.parametrize("deviations", [(), ("case-sensitive-filter", "echo-wrong-scope", "page-item-lost")])
def test_independent_run_is_judged_alike(deviations: tuple[str, ...], tmp_path: Path) -> None:
    """A run over sockets on a server of another hand is judged alike, with and without deviations."""
    with running(deviations=deviations) as server:
        target = independent_target(server)
        done = run(catalogue(), target, Options(allowed=Tier.DISRUPTIVE))
        recorded = read_report(report_of(done, tmp_path))
    changed = pseudonymised(recorded)

    assert bool(deviations) == bool(failing(done))
    assert [] == _survivors(recorded, changed)


def test_command_writes_pseudonyms_alone(tmp_path: Path) -> None:
    """`asdoc run --pseudonymise` and `asdoc report pseudonymise` leave no id in any artefact, and a report that judges alike."""
    narrow = ("--api", "microsoft-fabric-mirroring", "--no-corpus", "--profile", "interoperable", "--quiet")
    ids = catalogue().apis["microsoft-fabric-mirroring"].resources["fabric-workspace"].values
    plain = asdoc("run", *narrow, "--output", "plain", cwd=tmp_path)
    direct = asdoc("run", *narrow, "--output", "direct", "--allure", "--pseudonymise", cwd=tmp_path)
    later = asdoc("report", "pseudonymise", "plain", "--output", "later", cwd=tmp_path)
    again = asdoc("report", "judge", "later", cwd=tmp_path)
    files = {name: files_below(tmp_path / name) for name in ("plain", "direct", "later")}
    held = {
        folder: any(each.encode() in file.read_bytes() for each in ids for file in own) for folder, own in files.items()
    }

    assert [0, 0, 0, 0] == [plain.code, direct.code, later.code, again.code]
    assert {"plain": True, "direct": False, "later": False} == held
    assert read_report(tmp_path / "direct").header["pseudonymised"] is True
