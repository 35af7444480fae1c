"""Put a record into the few facts that a reader wants first: what was judged, how it ended, what is missing.

All of it is a pure function of the record, also of one whose run was cut short.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from asdocumented.report.causes import causes
from asdocumented.report.escaping import visible
from asdocumented.report.records import Record, selection_from
from asdocumented.report.stream import Recorded
from asdocumented.requirement import FAMILIES, PROFILES

__all__ = [
    "BROKEN",
    "FAILED",
    "MARKS",
    "NOTHING",
    "SELF_TEST",
    "WARNED",
    "Cell",
    "Followed",
    "Strong",
    "Unjudged",
    "amount",
    "conditions",
    "counted",
    "cut_short",
    "followed",
    "footer_of",
    "is_narrow",
    "leftovers",
    "legend",
    "matrix",
    "narrowed",
    "states",
    "strength",
    "tally",
    "title",
    "total",
    "unjudged",
]

SELF_TEST = "SELF-TEST: no evidence about a service"
FAILED, WARNED, INCONCLUSIVE, SKIPPED, BROKEN = "✗", "!", "?", "-", "E"
NOTHING = "·"
MARKS: Mapping[str, str] = {
    FAILED: "MUST failed",
    WARNED: "SHOULD failed",
    INCONCLUSIVE: "inconclusive",
    SKIPPED: "skipped",
    BROKEN: "the harness broke",
}
"""The marks of a cell, worst first, and what they mean."""

_WORDS = {
    "selected-conformant": "passed",
    "selected-partial": "not all judged",
    "selected-nonconformant": "failed",
    "not-counted": "none counts",
}
_HOUSEKEEPING = {"login": "login", "look": "look", "undo": "undo request", "logout": "logout"}
_UNJUDGED = ("error", "inconclusive", "skipped", "not-observed")


@dataclass(slots=True)
class Cell:
    """The requirements of one family of an operation: how many passed, of how many that could be judged, and marks."""

    passed: int = 0
    judgeable: int = 0
    marks: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        """Return `12` where all passed, else `10/12 ✗?`; NOTHING where the target showed nothing to judge."""
        if not self.judgeable:
            return NOTHING
        marks = "".join(mark for mark in MARKS if mark in self.marks)
        return f"{self.passed}/{self.judgeable} {marks}" if marks else f"{self.passed}"


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Requirements of one verdict without a pass or a fail, for one reason."""

    verdict: str
    reason: str
    count: int
    example: str

    @property
    def words(self) -> str:
        """Return the verdict as words."""
        return self.verdict.replace("-", " ")


@dataclass(frozen=True, slots=True)
class Strong:
    """Passes that rest on as much: a number of exchanges, or one kind of them alone."""

    words: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Followed:
    """A reading of the register that the target follows, with the operations where it was seen."""

    ambiguity: str
    about: str
    reading: str
    operations: tuple[str, ...]
    accepted_in: tuple[str, ...]

    @property
    def acceptance(self) -> str:
        """Return in words which profiles accept it."""
        if len(self.accepted_in) == len(PROFILES):
            return "accepted in every profile"
        return f"accepted in {' and '.join(self.accepted_in)} alone" if self.accepted_in else "accepted in no profile"


def amount(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is not one."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def counted(recorded: Recorded) -> list[Record]:
    """Return the requirements that count in the run's profile."""
    return [each for each in recorded.of("requirement") if each["counts"]]


def footer_of(recorded: Recorded) -> Record:
    """Return the footer, empty for a run that was cut short."""
    return next(iter(recorded.of("footer")), {})


def title(recorded: Recorded) -> str:
    """Return what was judged: the implementation with its version, and the name of the target where it differs."""
    target = recorded.header["target"]
    name = f"{target['implementation']} {target['version']}".strip() or target["name"]
    return visible(name if target["name"] == target["implementation"] else f"{name} (target {target['name']})")


def conditions(recorded: Recorded) -> list[str]:
    """Return under what conditions it was judged, most telling first."""
    header = recorded.header
    exchanges = len(recorded.of("exchange"))
    seconds = f" in {header['seconds']:.1f} s" if "seconds" in header else ""
    return [
        *(f"WARNING: {visible(each)}" for each in header.get("warnings", ())),
        f"profile {header['profile']}",
        f"requests up to {header['allowed']}",
        f"seed {header['seed']}",
        f"{amount(exchanges, 'exchange')}{seconds}",
        *_beside(recorded),
        visible(f"begun {header['started']}"),
        f"edition {header['edition']}",
        f"asdoc {header['harness']}",
        *_corpus(header),
        *narrowed(recorded),
    ]


def _beside(recorded: Recorded) -> Iterator[str]:
    """Yield how many requests were sent beside the plan, and what for."""
    counts = Counter(each["why"] for each in recorded.of("housekeeping"))
    if counts:
        each = ", ".join(amount(counts[why], noun) for why, noun in _HOUSEKEEPING.items() if counts[why])
        yield f"{amount(counts.total(), 'request')} beside them ({each})"


def leftovers(recorded: Recorded) -> list[str]:
    """Return what the run could not put back as it was, a sentence each."""
    return [visible(f"{each['said'][:1].upper()}{each['said'][1:]}") for each in recorded.of("leftover")]


def _corpus(header: Record) -> Iterator[str]:
    """Yield how many exchanges came of stored cases, and whose cases were not replayed."""
    corpus = header.get("corpus", {})
    if corpus.get("exchanges"):
        yield f"{corpus['exchanges']} of the exchanges are of the corpus"
    if corpus.get("stale"):
        yield f"corpus stale and not replayed: {', '.join(map(visible, corpus['stale']))}"


def narrowed(recorded: Recorded) -> Iterator[str]:
    """Yield what the run was narrowed to, as it was typed."""
    chosen = selection_from(recorded.header)
    options = {"--api": chosen.apis, "--operation": chosen.operations, "--requirement": chosen.requirements}
    for option, values in options.items():
        yield from (visible(f"{option} {shlex.quote(value)}") for value in values)


def cut_short(recorded: Recorded) -> str:
    """Return a sentence that says that the run did not reach its end, and why; nothing for one that did."""
    exchanges = amount(len(recorded.of("exchange")), "exchange")
    if not recorded.complete:
        return f"CUT SHORT: the record ends without its footer, after {exchanges}; no claim follows from it"
    interrupted = footer_of(recorded).get("interrupted", "")
    return visible(f"CUT SHORT after {exchanges}: {interrupted}") if interrupted else ""


def is_narrow(recorded: Recorded) -> bool:
    """Tell whether only selected requirements were looked at."""
    return selection_from(recorded.header).is_narrow


def tally(recorded: Recorded) -> list[str]:
    """Return how many requirements that count in the profile have which verdict, as parts of one sentence."""
    own = counted(recorded)
    verdicts = Counter(str(each["verdict"]) for each in own)
    order = ("pass", "fail", *_UNJUDGED)
    parts = [f"{verdicts[name]} {name.replace('-', ' ')}" for name in order if verdicts[name]]
    everything = amount(len(recorded.of("requirement")), "requirement")
    first, *rest = parts or ["no verdict"]
    return [f"{len(own)} of {everything} count: {first}", *rest]


def states(recorded: Recorded) -> Mapping[str, Mapping[str, str]]:
    """Return the conformance of each API in each profile in words; a narrow run only says how its selection did."""
    conformance = footer_of(recorded).get("conformance")
    if conformance is None:
        conformance = _states_so_far(recorded)
    return {
        api: {profile: _WORDS.get(state, state) for profile, state in by_profile.items()}
        for api, by_profile in conformance.items()
    }


def matrix(recorded: Recorded) -> tuple[list[str], dict[str, dict[str, Cell]]]:
    """Return the families that count in the run's profile, and by operation its cells by family."""
    rows: dict[str, dict[str, Cell]] = defaultdict(lambda: defaultdict(Cell))
    for record in counted(recorded):
        cell = rows[f"{record['api']}/{record['operation']}"][record["family"]]
        if record["verdict"] != "not-observed":
            cell.judgeable += 1
            cell.passed += record["verdict"] == "pass"
            cell.marks |= {_mark(record)} - {""}
    return [family for family in FAMILIES if any(family in row for row in rows.values())], dict(rows)


def total(cells: Iterable[Cell]) -> Cell:
    """Return several cells as one."""
    found = list(cells)
    marks = {mark for each in found for mark in each.marks}
    return Cell(sum(each.passed for each in found), sum(each.judgeable for each in found), marks)


def legend(recorded: Recorded) -> list[str]:
    """Return what the marks mean that the matrix has; nothing where it has none."""
    cells = [cell for row in matrix(recorded)[1].values() for cell in row.values()]
    found = {mark for cell in cells for mark in cell.marks} | {NOTHING for cell in cells if not cell.judgeable}
    known = {**MARKS, NOTHING: "nothing observed"}
    meanings = [f"{mark} {meaning}" for mark, meaning in known.items() if mark in found]
    return ["passed/all", *meanings] if found - {NOTHING} else meanings


def unjudged(recorded: Recorded) -> list[Unjudged]:
    """Return what counts in the profile and has neither passed nor failed, by verdict and reason, the most first."""
    by_id = {each["id"]: each for each in recorded.of("requirement")}
    told = _told(recorded)
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in counted(recorded):
        if record["verdict"] in _UNJUDGED:
            blocker = by_id.get(record.get("blocker", ""))
            grouped[record["verdict"], _reason(record, blocker, told)].append(record["id"])
    found = [Unjudged(verdict, visible(reason), len(ids), ids[0]) for (verdict, reason), ids in grouped.items()]
    return sorted(found, key=lambda each: (_UNJUDGED.index(each.verdict), -each.count, each.reason))


def _told(recorded: Recorded) -> dict[str, str]:
    """Return, for what fails in the run's profile, where the summary tells of its cause."""
    failed = [each for each in causes(recorded) if each.is_must]
    warned = [each for each in causes(recorded) if not each.is_must]
    named = {f"failure {number} above": cause for number, cause in enumerate(failed, 1)}
    found = {
        each["id"]: f"{name} ({_short(cause.first['id'])})" for name, cause in named.items() for each in cause.records
    }
    return found | {
        each["id"]: f"the warning {_short(cause.first['id'])}" for cause in warned for each in cause.records
    }


def _short(identifier: str) -> str:
    """Return a requirement's id without its API."""
    return identifier.partition("/")[2]


def _reason(record: Record, blocker: Record | None, told: Mapping[str, str]) -> str:
    """Return why a requirement was not judged, and which failure it is that blocks it."""
    if blocker is not None and "fail" in blocker["profiles"].values():
        if blocker["id"] in told:
            return f"blocked by {told[blocker['id']]}"
        return f"blocked by {_short(blocker['id'])}, which fails in other profiles alone"
    reason = str(record.get("reason", "no reason is recorded"))
    if record["family"] == "ambiguity":
        operation = f"{record['api']}/{record['operation']}/"
        own = next((each for each in told if each.startswith(operation)), "")
        return f"{reason}; perhaps none did because of {told[own]}" if own else reason
    return reason


def strength(recorded: Recorded) -> list[Strong]:
    """Return how many passes of the profile rest on how much, weakest first; nothing for a record that does not tell."""
    passed = [each for each in counted(recorded) if each["verdict"] == "pass" and "strength" in each]
    kinds: Mapping[str, Callable[[Record], bool]] = {
        "one exchange": lambda each: bool(each["bearing"] == 1),
        "2 to 4 exchanges": lambda each: bool(2 <= each["bearing"] <= 4),
        "5 or more exchanges": lambda each: bool(each["bearing"] >= 5),
        "valid requests alone": lambda each: not each["strength"]["negative"],
        "requests to be refused alone": lambda each: not each["strength"]["positive"],
        "an arranged state or a sequence too": lambda each: bool(each["strength"]["stateful"]),
    }
    found = {words: [each["id"] for each in passed if rests(each)] for words, rests in kinds.items()}
    return [Strong(words, len(ids), ids[0]) for words, ids in found.items() if ids]


def followed(recorded: Recorded) -> list[Followed]:
    """Return the readings that the target follows, by entry of the register."""
    grouped: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for record in recorded.of("reading"):
        grouped[record["ambiguity"], record["about"], record["reading"]].append(record)
    return [
        Followed(*key, tuple(each["operation"] for each in records), tuple(records[0]["acceptedIn"]))
        for key, records in sorted(grouped.items(), key=lambda each: (_natural(each[0][0]), each[0]))
    ]


def _states_so_far(recorded: Recorded) -> dict[str, dict[str, str]]:
    """Return what can be said without a footer: a failure stays one, all else is undecided."""
    found: dict[str, dict[str, str]] = {}
    broken = "selected-nonconformant" if is_narrow(recorded) else "nonconformant"
    for record in recorded.of("requirement"):
        own = found.setdefault(record["api"], dict.fromkeys(PROFILES, "undecided"))
        if record["level"] == "MUST":
            own |= {profile: broken for profile, verdict in record["profiles"].items() if verdict == "fail"}
    return found


def _mark(record: Record) -> str:
    if record["verdict"] == "fail":
        return FAILED if record["level"] == "MUST" else WARNED
    return {"inconclusive": INCONCLUSIVE, "skipped": SKIPPED, "error": BROKEN}.get(record["verdict"], "")


def _natural(text: str) -> list[tuple[int, str]]:
    """Return a key that sorts B7 before B11."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", text)]
