"""Say how a run ended and what its reader can do next."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from asdocumented.report.causes import causes
from asdocumented.report.digest import counted, footer_of, is_narrow, states
from asdocumented.report.escaping import visible
from asdocumented.report.stream import Recorded

__all__ = ["Outcome", "outcome"]

_WORST_FIRST = ("nonconformant", "failed", "undecided", "partial", "not all judged", "conformant", "passed")
_ENDINGS = {3: "HARNESS ERROR", 5: "TARGET UNREACHABLE OR IN DISTRESS"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, in words, and what its reader can do next: a sentence, then at most one command."""

    state: str
    words: str
    advice: str
    command: str = ""


def outcome(recorded: Recorded) -> Outcome:
    """Return how the run ended and what to do next."""
    footer = footer_of(recorded)
    verdicts = Counter(str(each["verdict"]) for each in counted(recorded) if each["level"] == "MUST")
    unclear = verdicts["inconclusive"] + verdicts["skipped"]
    counts = {"MUST failed": verdicts["fail"], "not judged": unclear}
    parts = [f"{count} {meaning}" for meaning, count in counts.items() if count]
    state = _state(recorded, footer.get("exitCode"))
    words = ": ".join(part for part in (f"{state} in {recorded.header['profile']}", ", ".join(parts)) if part)
    ending = "No exit code: the run did not end."
    if footer:
        lenient = " (--fail-on nonconformant)" if footer["exitCode"] == 0 and unclear else ""
        ending = f"Exit code {footer['exitCode']}{lenient}."
    return Outcome(state, f"{words}. {ending}", *_next(recorded, verdicts))


def _state(recorded: Recorded, code: int | None) -> str:
    """Return the outcome over all APIs as its words in capitals."""
    if code in _ENDINGS:
        return _ENDINGS[code]
    if not any(each["verdict"] in ("pass", "fail") for each in counted(recorded)):
        return "NOTHING JUDGED"
    own = {by_profile[recorded.header["profile"]] for by_profile in states(recorded).values()}
    worst = next((state for state in _WORST_FIRST if state in own), "undecided")
    return f"{'selected requirements ' * is_narrow(recorded)}{worst}".upper()


def _next(recorded: Recorded, verdicts: Mapping[str, int]) -> tuple[str, str]:
    """Return advice of one line and a command for whoever reads the summary."""
    code = footer_of(recorded).get("exitCode")
    first = next(iter(causes(recorded)), None)
    if code is None:
        return "Run it again: this record stays as far as it came.", ""
    if code == 3:
        return "A verdict 'error' is a mistake of asdoc, not of the target: report it.", ""
    if code == 5:
        return "See that the target answers and is not overloaded, then run it again.", ""
    if first is not None and first.is_must:
        advice = "Paste a curl line into a shell to see it fail; judge one alone with"
        return advice, _again(recorded, first.first["id"])
    if code == 4 or verdicts.get("inconclusive") or verdicts.get("skipped"):
        return "Supply what the reasons under 'Not judged' name, then run it again.", ""
    return "Keep the report: it holds every exchange and can be judged again.", ""


def _again(recorded: Recorded, identifier: str) -> str:
    """Return the command that looks at one requirement of the same target in the same way."""
    header = recorded.header
    allow = [] if header["target"]["selfTest"] else ["--allow", header["allowed"]]
    parts = ["--target", header["target"]["name"], "--profile", header["profile"], *allow, "--requirement", identifier]
    return visible(shlex.join(["asdoc", "run", *parts]))
