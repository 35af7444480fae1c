"""Tests of the HTML report of Allure 3: what is said where it cannot be built, and the page where it can."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from asdocumented.errors import UsageError
from asdocumented.report.allure_html import build_allure, find_allure
from asdocumented.report.stream import Recorded


def put(folder: Path, name: str, script: str = "exit 0") -> Path:
    """Write a command into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def installed() -> bool:
    """Tell whether Allure 3 can be called here."""
    try:
        return bool(find_allure())
    except UsageError:
        return False


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that alone is on the PATH, and a working folder without node_modules above it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


posix = pytest.mark.skipif(sys.platform == "win32", reason="the commands of these tests are shell scripts")


@posix
def test_missing_node_is_told(commands: Path) -> None:
    """Without Node, one sentence says what to install, and the exit code is that of usage."""
    with pytest.raises(UsageError, match="Install Node 20 or later") as told:
        find_allure()

    assert 2 == told.value.exit_code


@posix
@pytest.mark.parametrize("version", ["", "2.34.0"], ids=["none", "allure 2"])
def test_missing_package_is_told(commands: Path, version: str) -> None:
    """Without the package, or with Allure 2, which has the same name, one sentence says what to install; nothing is fetched."""
    put(commands, "node")
    put(commands, "npx", "echo fetched > fetched")
    if version:
        put(commands, "allure", f"echo {version}")

    with pytest.raises(UsageError, match="npm install -g allure"):
        find_allure()
    assert not Path("fetched").exists()


@posix
def test_npx_needs_permission(commands: Path) -> None:
    """Only with `install` is npx told to fetch the package."""
    put(commands, "node")
    npx = put(commands, "npx")

    assert [str(npx), "--yes", "allure@3"] == find_allure(install=True)


@posix
def test_local_package_is_found(commands: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A package in node_modules of a folder above is found before one on the PATH."""
    put(commands, "node")
    put(commands, "allure", "echo 3.1.0")
    local = put(tmp_path / "project" / "node_modules" / ".bin", "allure", "echo 3.2.0")
    (tmp_path / "project" / "below").mkdir()
    monkeypatch.chdir(tmp_path / "project" / "below")

    assert [str(local)] == find_allure()


@posix
def test_failure_of_allure_is_told(commands: Path, healthy: Recorded, tmp_path: Path) -> None:
    """When Allure fails, its last line is told, and no page is left."""
    put(commands, "node")
    put(commands, "allure", 'if [ "$1" = --version ]; then echo 3.9.9; else echo "no such thing" >&2; exit 7; fi')

    with pytest.raises(UsageError, match="Allure ended with 7: no such thing"):
        build_allure(healthy, tmp_path / "page")
    assert not (tmp_path / "page").exists()


@pytest.mark.skipif(not installed(), reason="the npm package 'allure' is not installed")
def test_page_is_built(eventful: Recorded, tmp_path: Path) -> None:
    """Where Allure 3 is installed, it builds one page from our results, which names the run."""
    page = build_allure(eventful, tmp_path / "page")

    assert ["index.html"] == [each.name for each in (tmp_path / "page").iterdir()]
    assert "Acme Shop 4.2 (target nightly): NONCONFORMANT" in page.read_text(encoding="utf-8")
