"""Which lines of the vendors' pages the requirements cite."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from asdocumented.contracts import load_catalogue
from asdocumented.contracts.locating import bundled
from asdocumented.coverage import PageCoverage, cover
from asdocumented.errors import UsageError
from asdocumented.requirements import derive

_PAGES = Path(__file__).resolve().parent.parent.parent / "shared" / "docs"
_DOCUMENTED = [operation.id for operation in load_catalogue().operations if operation.source.sha256]
_STOP = "microsoft-fabric-mirroring/stop-mirroring"

needs_pages = pytest.mark.skipif(not _PAGES.is_dir(), reason="the texts of the pages are not part of the project")


@pytest.fixture
def invented(tmp_path: Path) -> Path:
    """Return contracts whose only page is a text made up for a test, as long as the real one."""
    shutil.copytree(
        bundled("contracts") / "microsoft-fabric-mirroring", tmp_path / "contracts" / "microsoft-fabric-mirroring"
    )
    (tmp_path / "docs").mkdir()
    _write_page(tmp_path, 92)
    return tmp_path


def _write_page(folder: Path, lines: int) -> None:
    """Write the page's text and pin it in the contract."""
    page = folder / "docs" / "page.txt"
    page.write_text("".join(f"line {number}\n" for number in range(1, lines + 1)), encoding="utf-8")
    contract = folder / "contracts" / _STOP / "contract.yaml"
    pinned = load_catalogue().operation(_STOP).source.sha256
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace(pinned, hashlib.sha256(page.read_bytes()).hexdigest()), encoding="utf-8")


def _covered(folder: Path) -> PageCoverage:
    catalogue = load_catalogue(folder / "contracts")
    return cover(catalogue, derive(catalogue), folder / "docs")[0]


@needs_pages
@pytest.mark.parametrize("operation", _DOCUMENTED)
def test_every_line_is_covered(operation: str) -> None:
    """Each line of a real page is cited by a requirement or has a reason, never both and never neither."""
    catalogue = load_catalogue()
    expected: tuple[list[int], bool] = ([], True)

    page = next(each for each in cover(catalogue, derive(catalogue), _PAGES) if each.operation == operation)

    assert expected == ([line.number for line in page.lines if not line.is_covered], page.is_complete)


@needs_pages
def test_all_pages_are_found() -> None:
    """All pages that contracts pin are covered, each by its own text."""
    catalogue = load_catalogue()
    expected = 5

    assert expected == len({page.file for page in cover(catalogue, derive(catalogue), _PAGES)})


def test_uncited_line_is_incomplete(invented: Path) -> None:
    """A line that no requirement cites and that has no reason makes its page incomplete."""
    contract = invented / "contracts" / _STOP / "contract.yaml"
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace("resourceType: [59-61]", "resourceType: [59-60]"), encoding="utf-8")
    expected = ([61], False)

    page = _covered(invented)

    assert expected == ([line.number for line in page.lines if not line.is_covered], page.is_complete)


def test_cited_line_needs_no_reason(invented: Path) -> None:
    """A line that is cited and called not normative too is not accounted for."""
    contract = invented / "contracts" / _STOP / "contract.yaml"
    text = contract.read_text(encoding="utf-8")
    contract.write_text(
        text.replace("{lines: [41], reason: sample}", "{lines: [15, 41], reason: sample}"), encoding="utf-8"
    )
    expected = ([15], False)

    page = _covered(invented)

    assert expected == ([line.number for line in page.lines if not line.is_covered], page.is_complete)


def test_invented_page_is_complete(invented: Path) -> None:
    """A page whose every line is accounted for is complete."""
    expected = (92, True)

    page = _covered(invented)

    assert expected == (page.covered, page.is_complete)


def test_shorter_page_is_incomplete(invented: Path) -> None:
    """Requirements that cite beyond the end of the page are named, and the page is incomplete."""
    (invented / "docs" / "page.txt").write_text("one line\n", encoding="utf-8")
    contract = invented / "contracts" / _STOP / "contract.yaml"
    known = load_catalogue(invented / "contracts").operation(_STOP).source.sha256
    found = hashlib.sha256(b"one line\n").hexdigest()
    shutil.copytree(invented / "contracts", invented / "short" / "contracts")
    shutil.copytree(invented / "docs", invented / "short" / "docs")
    contract = invented / "short" / "contracts" / _STOP / "contract.yaml"
    contract.write_text(contract.read_text(encoding="utf-8").replace(known, found), encoding="utf-8")
    expected = (True, False)

    page = _covered(invented / "short")

    assert expected == (f"{_STOP}/response/status" in page.beyond, page.is_complete)


def test_longer_page_is_incomplete(invented: Path) -> None:
    """A page with a line more than the contract accounts for is incomplete."""
    page = invented / "docs" / "page.txt"
    known = hashlib.sha256(page.read_bytes()).hexdigest()
    page.write_text(page.read_text(encoding="utf-8") + "one more\n", encoding="utf-8")
    contract = invented / "contracts" / _STOP / "contract.yaml"
    found = hashlib.sha256(page.read_bytes()).hexdigest()
    contract.write_text(contract.read_text(encoding="utf-8").replace(known, found), encoding="utf-8")
    expected = ([93], False)

    covered = _covered(invented)

    assert expected == ([line.number for line in covered.lines if not line.is_covered], covered.is_complete)


@pytest.mark.parametrize("folder", ["nowhere", "."], ids=["no folder", "no page in it"])
def test_missing_pages_are_told(tmp_path: Path, folder: str) -> None:
    """A folder that is not there or holds no page is a usage error."""
    catalogue = load_catalogue()
    expected = "no-pages"

    with pytest.raises(UsageError) as caught:
        cover(catalogue, derive(catalogue), tmp_path / folder)

    assert expected == caught.value.code


def test_changed_page_is_not_found(invented: Path) -> None:
    """A page whose text changed since it was read is no longer the contract's page."""
    (invented / "docs" / "page.txt").write_text("changed\n", encoding="utf-8")
    expected = "no-pages"

    with pytest.raises(UsageError) as caught:
        _covered(invented)

    assert expected == caught.value.code
