"""Say how a run ended and what its reader can do next."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from asdocumented.contracts.model import Tier
from asdocumented.report.acknowledged import told
from asdocumented.report.causes import causes
from asdocumented.report.digest import counted, footer_of, is_narrow, leftovers, states
from asdocumented.report.escaping import visible
from asdocumented.report.records import selection_from
from asdocumented.report.stream import Recorded
from asdocumented.requirement import PROFILES
from asdocumented.verdicts import UNSHOWN

__all__ = ["Outcome", "outcome"]

_WORST_FIRST = ("nonconformant", "failed", "undecided", "partial", "not all judged", "conformant", "passed")
_ENDINGS = {3: "HARNESS ERROR", 5: "TARGET UNREACHABLE OR IN DISTRESS"}
_ADVICE = {
    None: "Run it again: this record stays as far as it came.",
    3: "A verdict 'error' is a mistake of asdoc, not of the target: report it.",
    5: "See that the target answers and is not overloaded, then run it again.",
}
"""What to do next after exit codes that leave one thing to do; None is that of a run that was cut short."""


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
    known = sum(1 for each in counted(recorded) if each["level"] == "MUST" and "known" in each)
    counts = {
        f"MUST failed{f' ({_all(known, verdicts)} known)' * bool(known)}": verdicts["fail"],
        "not judged": unclear,
    }
    counts["left behind"] = len(leftovers(recorded))
    stale = sum(each.remove for each in told(recorded))
    counts["known deviation to remove" if stale == 1 else "known deviations to remove"] = stale
    parts = [f"{count} {meaning}" for meaning, count in counts.items() if count]
    state = _state(recorded, footer.get("exitCode"))
    words = ": ".join(part for part in (f"{state} in {recorded.header['profile']}", ", ".join(parts)) if part)
    ending = "No exit code: the run did not end."
    if footer:
        ending = f"Run exit code {footer['exitCode']}{_because(recorded, verdicts)}."
    return Outcome(state, f"{words}. {ending}", *_next(recorded, verdicts))


def _all(known: int, verdicts: Mapping[str, int]) -> str:
    """Return how many of the failures are known, in words where it is all of them."""
    return str(known) if known < verdicts["fail"] else "all"


def _because(recorded: Recorded, verdicts: Mapping[str, int]) -> str:
    """Return the options without which a run would not have ended with 0."""
    if footer_of(recorded)["exitCode"] != 0:
        return ""
    options = ["--accept-known"] if verdicts["fail"] else []
    known = bool(verdicts["fail"])  # what waits for a known failure is passed over with it
    if verdicts["inconclusive"] + verdicts["skipped"] and (recorded.header["failOn"] == "nonconformant" or not known):
        options.append("--fail-on nonconformant")
    return f" ({', '.join(options)})" if options else ""


def _state(recorded: Recorded, code: int | None) -> str:
    """Return the outcome over all APIs as its words in capitals."""
    if code in _ENDINGS:
        return _ENDINGS[code]
    if not any(each["verdict"] in ("pass", "fail") for each in counted(recorded)):
        return "NOTHING JUDGED"
    own = {by_profile[recorded.header["profile"]] for by_profile in states(recorded).values()}
    worst = next((state for state in _WORST_FIRST if state in own), "undecided")
    return f"{'selected requirements ' * is_narrow(recorded)}{worst}".upper()


def _of_open(recorded: Recorded) -> tuple[str, str]:
    """Return the advice on what could not be judged: what the reasons name, or, where they name nothing, what would show it."""
    waiting = [each for each in counted(recorded) if each["verdict"] in ("inconclusive", "skipped")]
    if waiting and all(each.get("reason") == UNSHOWN for each in waiting):
        return "No answer led to what is inconclusive; see what would show it with", f"asdoc explain {waiting[0]['id']}"
    return "Supply what the reasons under 'Not judged' name, then run it again.", ""


def _next(recorded: Recorded, verdicts: Mapping[str, int]) -> tuple[str, str]:
    """Return advice of one line and a command for whoever reads the summary."""
    code = footer_of(recorded).get("exitCode")
    first = next((each for each in causes(recorded) if "known" not in each.first), None)
    undoing = _undoing(recorded)
    if undoing:
        return undoing, _cleanup(recorded)
    if code in _ADVICE:
        return _ADVICE[code], ""
    if first is not None and first.is_must:
        advice = "Paste a curl line into a shell to see it fail; judge one alone with"
        if recorded.header["target"]["selfTest"]:
            advice = "`asdoc serve --port 8080` answers the curl lines; judge one alone with"
        return advice, _again(recorded, first.first["id"])
    if not verdicts.get("pass") and not any(each["verdict"] in ("pass", "fail") for each in counted(recorded)):
        return _nothing_judged(recorded)
    if code == 1 or (code == 0 and verdicts["fail"]):
        return _of_known(recorded, code), ""
    tier = _more_allowed(recorded)
    if tier:
        advice = "If a change there harms nobody, let the run send more with"
        return advice, visible(
            shlex.join(["asdoc", "run", *_options(recorded, recorded.header["profile"], tier), *_selected(recorded)])
        )
    if code == 4 or verdicts.get("inconclusive") or verdicts.get("skipped"):
        return _of_open(recorded)
    return "Keep the report: it holds every exchange and can be judged again.", ""


def _undoing(recorded: Recorded) -> str:
    """Return advice for a target that is not as it was, or may not be; the empty string for any other."""
    if leftovers(recorded):
        return "The target is not as it was before the run. Where it can be reached, undo what is left with"
    if not footer_of(recorded) and _may_have_left(recorded):
        return f"{_ADVICE[None]} Undo first what it may have left with"
    return ""


def _may_have_left(recorded: Recorded) -> bool:
    """Tell whether a run that was cut short may have changed a target that is not reset."""
    header = recorded.header
    return not header["target"]["selfTest"] and Tier(header["allowed"]).rank > Tier.READ.rank


def _cleanup(recorded: Recorded) -> str:
    """Return the command that undoes what a run left."""
    header = recorded.header
    given = [word for name, value in header.get("given", {}).items() for word in (f"--{name}", value)]
    return visible(shlex.join(["asdoc", "cleanup", "--target", header["target"]["name"], *given]))


def _of_known(recorded: Recorded, code: int) -> str:
    """Return advice where nothing fails but what is known."""
    if any(each.remove for each in told(recorded)):
        return "Change the targets file as 'Known deviations' says, then run it again."
    if code == 1:
        return "Every failure is known: --accept-known passes them over."
    return "Have what is known mended before it expires; see 'Known deviations'."


def _nothing_judged(recorded: Recorded) -> tuple[str, str]:
    """Return why nothing was judged, as far as the record tells, and what judges more."""
    selected, own = recorded.of("requirement"), recorded.header["profile"]
    wider = next((name for name in PROFILES if any(name in each["profiles"] for each in selected)), "")
    if not selected:
        return "The target's `operations` leave out what was selected: name it there, or select more.", ""
    if not counted(recorded) and wider:
        advice = f"None of what was selected counts in {own}; it does with"
        return advice, visible(shlex.join(["asdoc", "run", *_options(recorded, wider), *_selected(recorded)]))
    return "The reasons stand under 'Not judged': supply what they name, or select more.", ""


def _selected(recorded: Recorded) -> list[str]:
    """Return the selection of the run as options."""
    chosen = selection_from(recorded.header)
    options = {"--api": chosen.apis, "--operation": chosen.operations, "--requirement": chosen.requirements}
    return [word for option, values in options.items() for value in values for word in (option, value)]


def _again(recorded: Recorded, identifier: str) -> str:
    """Return the command that looks at one requirement of the same target in the same way."""
    return visible(
        shlex.join(["asdoc", "run", *_options(recorded, recorded.header["profile"]), "--requirement", identifier])
    )


def _more_allowed(recorded: Recorded) -> str:
    """Return the next tier, where that of the run kept it from judging something; nothing where none is higher."""
    tiers = [str(tier) for tier in Tier]
    higher = tiers[tiers.index(recorded.header["allowed"]) + 1 :]
    skipped = any(each["verdict"] == "skipped" for each in counted(recorded))
    return higher[0] if skipped and higher else ""


def _options(recorded: Recorded, profile: str, allowed: str = "") -> list[str]:
    """Return the options that make a run look at the same target in the same way, without those that are the default."""
    header = recorded.header
    given = [word for name, value in header.get("given", {}).items() for word in (f"--{name}", value)]
    return [
        *("--target", header["target"]["name"]),
        *given,
        *("--profile", profile),
        *([] if header["target"]["selfTest"] else ["--allow", allowed or header["allowed"]]),
        *(["--seed", str(header["seed"])] if header["seed"] else []),
        *(["--strict-fields"] if header["selection"]["strictFields"] else []),
        *(["--fail-on", header["failOn"]] if header["failOn"] != "partial" else []),
        *(["--accept-known"] if header.get("known", {}).get("accepted") else []),
    ]
