"""The page on targets.toml shows what the schema says, and examples that can be used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from asdocumented.targets.file import check_targets
from asdocumented.targets.reference import between_marks, tables
from asdocumented.targets.wording import schema
from tests.support import ROOT, catalogue

PAGE = ROOT / "docs" / "targets.md"
_EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def test_tables_are_those_of_the_schema() -> None:
    """The tables of the page are what the schema gives now; `python -m asdocumented.targets.reference` renews them."""
    assert tables() == between_marks(PAGE.read_text("utf-8"))[1]


def test_every_key_is_in_a_table() -> None:
    """Each key of each kind of table has a row with its meaning."""
    rows = re.findall(r"(?m)^\| `([a-z-]+)`[^|]*\| [^|]+ \| [^|]{3,} \|$", tables())

    assert sorted(key for each in schema()["$defs"].values() for key in each.get("properties", {})) == sorted(rows)


@pytest.mark.parametrize("example", _EXAMPLES, ids=[str(each) for each in range(len(_EXAMPLES))])
def test_example_has_no_mistakes(example: str, tmp_path: Path) -> None:
    """Every example of the page is a file without mistakes."""
    (tmp_path / "targets.toml").write_text(example, encoding="utf-8")

    assert ["acme"] == list(check_targets(catalogue(), tmp_path / "targets.toml"))


def test_readme_points_at_the_page() -> None:
    """The README names the page, and its own example has no mistakes."""
    assert "docs/targets.md" in (ROOT / "README.md").read_text("utf-8")


def test_readme_example_has_no_mistakes(tmp_path: Path) -> None:
    """The example of the README is a file without mistakes."""
    text = (ROOT / "README.md").read_text("utf-8")
    block = next(each for each in re.findall(r"(?m)(?:^    .*\n|^\n)+", text) if "[targets." in each)
    (tmp_path / "targets.toml").write_text(re.sub(r"(?m)^    ", "", block), encoding="utf-8")

    assert 1 == len(check_targets(catalogue(), tmp_path / "targets.toml"))
