"""Write a record as compact GitHub Markdown: for a pull request, a job summary or a committed report.

Values come from a target: they stand in code spans, and nothing of them is read as Markdown.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from asdocumented.report import digest, mutants
from asdocumented.report.acknowledged import known_until, told
from asdocumented.report.catching import caught
from asdocumented.report.causes import Cause, causes, contested, failed_elsewhere, sentence, source, what
from asdocumented.report.escaping import visible
from asdocumented.report.github import NUMBERS, code, fenced, plain, table
from asdocumented.report.matrix import matrix_table, rows
from asdocumented.report.outcome import outcome
from asdocumented.report.stream import Recorded
from asdocumented.requirement import PROFILES

__all__ = ["render_markdown"]


def render_markdown(recorded: Recorded) -> str:
    """Return the summary of a record as Markdown, ending with one line break."""
    parts = [
        *_heading(recorded),
        *_verdicts(recorded),
        *_matrix(recorded),
        *_failures(recorded),
        *_known(recorded),
        *_left(recorded),
        *_unjudged(recorded),
        *_readings(recorded),
        *_observations(recorded),
        *_answers(recorded),
        *_strength(recorded),
        *_outcome(recorded),
    ]
    return "\n\n".join(parts) + "\n"


def _heading(recorded: Recorded) -> Iterator[str]:
    yield f"# {plain(digest.title(recorded))}: {outcome(recorded).state}"
    short = digest.cut_short(recorded)
    if short:
        yield f"> **{plain(short)}**"
    if recorded.header["target"]["selfTest"]:
        yield f"> **{digest.SELF_TEST}**"
    yield f"{plain(' · '.join(digest.conditions(recorded)))}\\\n{plain(', '.join(digest.tally(recorded)))}"


def _verdicts(recorded: Recorded) -> Iterator[str]:
    states = digest.states(recorded)
    if states:
        yield "## Selected requirements" if digest.is_narrow(recorded) else "## Verdict"
        own = recorded.header["profile"]
        head = ["API", *(f"**{profile}** (this run)" if profile == own else profile for profile in PROFILES)]
        yield table(head, ([code(api), *(by[profile] for profile in PROFILES)] for api, by in states.items()))


def _matrix(recorded: Recorded) -> Iterator[str]:
    families, rows = digest.matrix(recorded)
    if rows:
        yield "## Requirements"
        align = ["---", *[NUMBERS] * len(families)]
        yield table(["", *families], _counts(families, rows), align)
    legend = digest.legend(recorded)
    if legend:
        yield " &nbsp; ".join(plain(each) for each in legend)


def _counts(families: list[str], rows: dict[str, dict[str, digest.Cell]]) -> Iterator[list[str]]:
    """Yield a row of sums for each API, and below it one for each operation."""
    for api in dict.fromkeys(name.partition("/")[0] for name in rows):
        own = {name: row for name, row in rows.items() if name.partition("/")[0] == api}
        cells = {each: [row[each] for row in own.values() if each in row] for each in families}
        yield [f"**{plain(api)}**", *(f"**{digest.total(cells[each])}**" if cells[each] else "" for each in families)]
        for name, row in own.items():
            yield [code(name.partition("/")[2]), *(str(row.get(each, "")) for each in families)]


def _failures(recorded: Recorded) -> Iterator[str]:
    found = causes(recorded)
    failed = [each for each in found if each.is_must]
    warned = [each for each in found if not each.is_must]
    if failed:
        yield "## Failed"
        yield from (_in_full(number, cause) for number, cause in enumerate(failed, start=1))
    if warned:
        yield "## Warnings"
        yield "\n".join(f"- {code(each.first['id'])}: {_said(each)}; {_rests_on(each)}" for each in warned)
    for profiles, records in failed_elsewhere(recorded).items():
        names = dict.fromkeys(code(what(record)) for record in records)
        yield f"{len(records)} more in {' and '.join(profiles)}: {', '.join(names)}"


def _in_full(number: int, cause: Cause) -> str:
    """Return one cause as an item of a numbered list, with its curl line in a block that can be copied whole."""
    indent = " " * (len(str(number)) + 2)
    blocks = f"Blocks {cause.blocks}: inconclusive until it is met." if cause.blocks else ""
    facts = [f"{_said(cause)}.", _rests_on(cause), blocks]
    lines = [f"{code(cause.first['id'])}\\", *(f"{fact}\\" for fact in facts if fact)]
    lines[-1] = lines[-1].removesuffix("\\")
    if "curl" in cause.finding:
        lines += ["", *fenced(cause.finding["curl"])]
    return f"{number}. " + "\n".join(f"{indent}{line}" if line else "" for line in lines).lstrip()


def _said(cause: Cause) -> str:
    known = plain(known_until(cause.first))
    said = f"{cause.first['level']}: {code(sentence(cause.finding))}"
    parts = [said, cause.reach, plain(contested(cause.finding)), f"**{known}**" if known else ""]
    return ", ".join(part for part in parts if part)


def _rests_on(cause: Cause) -> str:
    """Return what the requirement rests on, then which others are alike."""
    names = (f"{code(name)}{f' ({count})' * (count > 1)}" for name, count in cause.others.items())
    alike = f" And {len(cause.records) - 1} alike in {', '.join(names)}." if cause.others else ""
    return f"{plain(source(cause.first))}.{alike}"


def _known(recorded: Recorded) -> Iterator[str]:
    """Yield what is known of the target beforehand, and what the run says of each; what has to go stands out."""
    found = told(recorded)
    if found:
        yield "## Known deviations"
        rows = (
            [code(each.requirement), f"**{plain(each.said)}**" if each.remove else plain(each.said), plain(each.reason)]
            for each in found
        )
        yield table(["requirement", "in this run", "known as"], rows)


def _left(recorded: Recorded) -> Iterator[str]:
    """Yield what the run could not put back as it was."""
    found = digest.leftovers(recorded)
    if found:
        yield "## Left behind"
        yield "\n".join(f"- {plain(each)}" for each in found)


def _unjudged(recorded: Recorded) -> Iterator[str]:
    found = digest.unjudged(recorded)
    if found:
        yield "## Not judged"
        rows = ([str(each.count), each.words, plain(each.reason), code(each.example)] for each in found)
        yield table(["count", "verdict", "reason", "for example"], rows, [NUMBERS, "---", "---", "---"])


def _readings(recorded: Recorded) -> Iterator[str]:
    found = digest.followed(recorded)
    if found:
        yield "## Readings followed"
        head = ["entry", "of what the page leaves open", "reading", "in", "accepted"]
        yield table(head, (_reading(each, recorded.header["profile"]) for each in found))


def _reading(each: digest.Followed, profile: str) -> list[str]:
    operations = ", ".join(code(name.partition("/")[2]) for name in each.operations)
    acceptance = each.acceptance.removeprefix("accepted ")
    marked = acceptance if profile in each.accepted_in else f"**{acceptance}**"
    return [plain(each.ambiguity), plain(each.about), code(each.reading), operations, marked]


def _observations(recorded: Recorded) -> Iterator[str]:
    found = sorted(recorded.of("observation"), key=lambda each: -each["count"])
    if found:
        yield "## Observations"
        rows = ([str(each["count"]), code(each["text"]), code(each["operation"])] for each in found)
        yield table(["count", "seen", "in"], rows, [NUMBERS, "---", "---"])


def _answers(recorded: Recorded) -> Iterator[str]:
    """Yield the error matrix, one table an API, folded away where GitHub folds."""
    found = rows(recorded)
    if found:
        yield "## Answers to requests with a cause for refusal"
    for api, own in found.items():
        folded = f"<details><summary>{escape(visible(api))}: {digest.amount(len(own), 'row')}</summary>"
        yield f"{folded}\n\n{matrix_table(own)}\n\n</details>"


def _strength(recorded: Recorded) -> Iterator[str]:
    found = digest.strength(recorded)
    if found:
        yield "## Strength: exchanges behind what passed"
        head = ["rests on", "passes", "for example"]
        yield table(
            head, ([each.words, str(each.count), code(each.example)] for each in found), ["---", NUMBERS, "---"]
        )
    yield from _mutants(recorded)


def _mutants(recorded: Recorded) -> Iterator[str]:
    """Yield how many known mutants the run would have caught, by API and level."""
    own = [each for each in digest.counted(recorded) if "mutation" in each]
    if not own:
        yield from (plain(each).capitalize() + "." for each in mutants.told(recorded))
        return
    yield "## Strength: known mutants that this run would have caught"
    rows = {"MUST": [each for each in own if each["level"] == "MUST"], "all": own}
    by_api = {api: [each for each in own if each["api"] == api] for api in sorted({each["api"] for each in own})}
    named = [*((code(api), each) for api, each in by_api.items()), *rows.items()]
    found = [(name, caught(each)) for name, each in named]
    head = ["of what counts", "this run", "a full run on the emulator", "there are"]
    cells = ([name, str(each.as_run), str(each.killed), str(each.counted)] for name, each in found)
    yield table(head, cells, ["---", NUMBERS, NUMBERS, NUMBERS])
    measured = [each for each in mutants.told(recorded) if each.startswith("measured with")]
    yield plain("; ".join([mutants.NOTE, *measured])).capitalize() + "."


def _outcome(recorded: Recorded) -> Iterator[str]:
    ended = outcome(recorded)
    yield f"**{plain(ended.words)}**"
    if ended.command:
        yield f"{plain(ended.advice)}:\n\n```sh\n{ended.command}\n```"
    else:
        yield plain(ended.advice)
