"""A sweep on a terminal and as a page."""

from __future__ import annotations

import copy
import io
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from asdocumented.sweeping.page import page
from asdocumented.sweeping.records import SAYS, Document
from asdocumented.sweeping.summary import render
from asdocumented.sweeping.wording import again, ending
from tests.support import slow
from tests.sweeping.support import STOP, small_document

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"


@cache
def troubled() -> Document:
    """Return a document in which everything went wrong that can, with texts that try to act on their reader."""
    found = copy.deepcopy(small_document())
    survivor, without, error, equivalent, stale = found["mutants"][:5]
    survivor.update(outcome="survived", because=HOSTILE, fails=[f"{STOP}/x/{number}" for number in range(20)])
    survivor["finding"] = {"expected": HOSTILE, "got": HOSTILE, "where": ""}
    without.update(outcome="without-effect", because="it answers as the clean emulator does")
    error.update(outcome="error", because="the run broke")
    equivalent.update(outcome="equivalent", because="nobody can see it")
    stale["stale"] = True
    found["score"].update(survived=1, equivalent=1, error=1, killed=found["score"]["killed"] - 4)
    found["score"]["without-effect"] = 1
    found["variants"] = [
        {
            "id": f"{STOP}:odd-{outcome}",
            "operation": STOP,
            "outcome": outcome,
            "profiles": ["documented"],
            "permittedBy": HOSTILE,
            "lines": [],
            "because": f"{outcome} it is",
            "fails": [f"{STOP}/one", f"{STOP}/two"],
        }
        for outcome in ("false-alarm", "weakened", "without-effect", "error")
    ]
    found["legal"].update({each["outcome"]: 1 for each in found["variants"]})
    found["missing"] = [{"requirement": f"{STOP}/response/lonely", "level": "MUST", "text": "It is lonely."}]
    found["unfit"] = [{"owner": STOP, "mutant": "glob-of-nothing", "because": "it is not there any more"}]
    found["sample"][0]["disagreement"] = "something fails over all operations alone"
    found["clean"] = {
        "alarms": [{"requirement": f"{STOP}/clean-alarm", "profiles": ["documented"]}],
        "errors": [{"requirement": f"{STOP}/clean-error", "reason": "it broke"}],
    }
    found["exitCode"] = 3
    return found


def shown(found: Document, width: int = 80) -> str:
    """Return the summary for a terminal of a width."""
    file = io.StringIO()
    render(found, place="out/mutation.json", page="out/mutation.html", file=file, width=width)
    return file.getvalue()


def words(document: Document) -> list[str]:
    """Return what has to be told of everything that went wrong."""
    bad = [each["id"] for each in document["mutants"] if each["outcome"] != "killed" or each.get("stale")]
    return [
        *bad,
        *(each["id"] for each in document["variants"]),
        "response/lonely",
        "glob-of-nothing",
        "something fails over all operations alone",
        "clean-alarm",
        "clean-error",
        "nobody can see it",
    ]


@pytest.mark.parametrize("width", [80, 160])
def test_everything_wrong_is_on_the_terminal(width: int) -> None:
    """Each thing that is to be mended is told, with the command that shows it again."""
    text = shown(troubled(), width)

    assert [] == [each for each in words(troubled()) if each not in text]
    assert again(troubled()["mutants"][0]["id"], 0) in text
    assert f"\n{ending(troubled()).state}: " in text


@pytest.mark.parametrize("width", [80, 160])
def test_prose_fits_the_terminal(width: int) -> None:
    """Nothing but what is there to be copied is wider than the terminal."""
    wide = [line for line in shown(troubled(), width).splitlines() if len(line) > width]

    assert [] == [line for line in wide if not re.search(r"/|asdoc mutate", line)]


@pytest.mark.parametrize("found", [small_document, troubled])
def test_score_is_not_overstated(found: object) -> None:
    """Wherever a score is shown it is said what it does not say."""
    document = found()  # type: ignore[operator]

    assert " ".join(SAYS.split()) in " ".join(shown(document).split())
    assert SAYS in page(document)


def test_all_killed_is_told() -> None:
    """A sweep of some mutants that caught all of them says so, and no more."""
    assert "SELECTED AS WANTED: " in shown(small_document())


def test_page_has_everything_wrong() -> None:
    """The page names each thing that is to be mended."""
    text = page(troubled())

    assert [] == [each for each in words(troubled()) if each != "response/lonely" and each not in text]


def test_page_is_one_file() -> None:
    """The page loads nothing."""
    assert [] == re.findall(r"(?:src|href)=|url\(|@import|https?://", page(small_document()))


@pytest.mark.parametrize("show", [shown, page])
def test_hostile_text_is_harmless(show: object) -> None:
    """What came from answers is shown, and acts on nobody."""
    text = show(troubled())  # type: ignore[operator]

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[31m" in text
    assert show is shown or "<script>alert" not in text


@slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no Chromium on this machine")
@pytest.mark.parametrize("width", [1280, 400])
def test_browser_shows_page(tmp_path: Path, width: int) -> None:
    """A browser runs the filter, which counts the requirements that it shows, and nothing is wider than its window."""
    file = tmp_path / "page.html"
    probe = (
        "<script>document.body.dataset.wide = document.documentElement.scrollWidth > innerWidth;"
        'filter.value = "no-such-thing"; apply(); document.body.dataset.none = count.textContent;'
        'filter.value = "KILLED identity"; apply(); document.body.dataset.some = count.textContent;</script>'
    )
    file.write_text(page(small_document()).replace("</body>", f"{probe}</body>"), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    dumped = subprocess.run(
        ["chromium", *options, f"--window-size={width},900", "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    ).stdout
    rows = len({each["breaks"] for each in small_document()["mutants"]})

    assert 'data-wide="false"' in dumped
    assert f'data-none="0 of {rows} requirements"' in dumped
    assert f'data-some="{rows} of {rows} requirements"' in dumped
