"""Put a run into the records of `report.jsonl`: header, facts, events, what was done beside the plan, verdicts, footer.

Every record but the header is a pure function of what was sent and answered, so that two reports can be compared with
`diff`. The published JSON Schema is `report.schema.json` beside this module.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from asdocumented import __version__, measured
from asdocumented.contracts.grounds import Basis
from asdocumented.contracts.locating import bundled
from asdocumented.contracts.model import Catalogue
from asdocumented.excuses import Excuses
from asdocumented.judge import Judgement
from asdocumented.plans import Gap
from asdocumented.reads.classify import classify
from asdocumented.reads.marks import Mark, Seen
from asdocumented.report.answers import Answer, answers
from asdocumented.report.catching import catching, mutation_of
from asdocumented.report.curl import Credential, curl_line
from asdocumented.report.knowing import known_records, marked, terms_record
from asdocumented.report.strength import Strength, strengths
from asdocumented.requirement import EDITION, PROFILES, accepts
from asdocumented.running import Options, Run
from asdocumented.selection import Selection
from asdocumented.targets.emulated import token_command
from asdocumented.targets.model import Target
from asdocumented.traces import (
    Arrangement,
    Exchange,
    Housekeeping,
    Leftover,
    Trace,
    arrangement_record,
    exchange_record,
    facts_record,
    housekeeping_record,
    leftover_record,
)
from asdocumented.verdicts import Result, Verdict, conformance, excused, judged

_LINE_BREAKS = "\x85\u2028\u2029"  # JSON leaves them as they are, and many readers of lines end a line there
FORMAT = 1
"""The version of the record format; it changes when a reader of the old one would misread the new."""

Record = dict[str, Any]


def header_record(
    target: Target, options: Options, *, started: str, run_id: str, given: Mapping[str, str] | None = None
) -> Record:
    """Return the header: what was judged, by what, and how. The one record in which time and place may stand.

    `given` are the options of `asdoc run` that only say where something is, such as the file that names the target.
    """
    selection = options.selection
    record: Record = {
        "kind": "header",
        "format": FORMAT,
        "run": run_id,
        "started": started,
        "harness": __version__,
        "edition": EDITION,
        "contracts": contracts_digest(bundled("contracts")),
        "target": {
            "name": target.name,
            "implementation": target.implementation,
            "version": target.version,
            "selfTest": target.is_emulator,
        },
        "profile": options.profile,
        "allowed": str(options.reach(target)),
        "seed": options.seed,
        "failOn": options.fail_on,
        "selection": {
            "apis": list(selection.apis),
            "operations": list(selection.operations),
            "requirements": list(selection.requirements),
            "strictFields": selection.strict_fields,
            "inScope": sorted(target.operations),
        },
    }
    warnings = {"warnings": list(target.warnings)} if target.warnings else {}
    salt = options.salt_on(target)
    if salt:
        record["salt"] = salt
    return record | warnings | terms_record(options.known) | ({"given": dict(given)} if given else {})


def selection_from(header: Mapping[str, Any]) -> Selection:
    """Return the selection that a header tells of."""
    selection = header["selection"]
    return Selection(
        tuple(selection["apis"]),
        tuple(selection["operations"]),
        tuple(selection["requirements"]),
        selection["strictFields"],
    )


def credential_from(header: Mapping[str, Any]) -> Credential:
    """Return how a curl line made from a record gets its token; the variables of a live target are not recorded."""
    if header["target"]["selfTest"]:
        return token_command
    return lambda api, identity, security: "$TOKEN"


def contracts_digest(folder: Path) -> str:
    """Return the SHA-256 of the contracts in a folder, without what was measured with them."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in (".yaml", ".json") and file.name != measured.NAME:
            digest.update(str(file.relative_to(folder)).encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def event_record(event: Exchange | Arrangement | Housekeeping | Leftover) -> Record:
    """Return the record of an exchange, of an arranged state, of a request beside the plan, or of what could not be put back."""
    match event:
        case Exchange():
            return exchange_record(event)
        case Arrangement():
            return arrangement_record(event)
        case Housekeeping():
            return housekeeping_record(event)
        case Leftover():
            return leftover_record(event)


def gap_record(gap: Gap) -> Record:
    """Return the record of what a run could not do."""
    record = {"kind": "gap", "reason": gap.reason, "skipped": gap.skipped, "requirements": list(gap.serves)}
    return record | ({"declared": True} if gap.declared else {})


def gap_from_record(record: Mapping[str, Any]) -> Gap:
    """Return what `gap_record` wrote."""
    return Gap(tuple(record["requirements"]), record["reason"], record["skipped"], record.get("declared", False))


def run_records(run: Run, header: Record) -> Iterator[Record]:
    """Yield every record of a finished run in the order of the report."""
    yield {**header, "seconds": round(run.seconds, 3), "corpus": _corpus(run)}
    yield {"kind": "facts", **facts_record(run.execution.facts)}
    for event in run.execution.events:
        yield event_record(event)
    for kept in run.execution.housekeeping:
        yield event_record(kept)
    for sentence in (*run.execution.leftovers, *run.left):
        yield event_record(Leftover(run.redactor.text(sentence)))
    for gap in run.execution.gaps:
        yield gap_record(gap)
    records = list(
        judgement_records(
            run.catalogue,
            run.results,
            run.judgement,
            run.execution.trace,
            run.options.profile,
            run.target.curl_credential,
            run.excuses,
        )
    )
    yield from records
    footer = footer_record(
        run.results.values(),
        run.options.profile,
        run.exit_code,
        run.execution.interrupted,
        len(run.execution.trace.exchanges),
        narrow=run.options.selection.is_narrow,
    )
    yield footer | mutation_of(records)


def _corpus(run: Run) -> Record:
    """Return what came of the stored cases, whose exchanges figures count apart."""
    return {
        "cases": len(run.replayed),
        "exchanges": sum(len(each.exchanges) for each in run.replayed),
        "leftOut": len(run.left_out),
        "stale": run.stale,
    }


def judgement_records(
    catalogue: Catalogue,
    results: Mapping[str, Result],
    judgement: Judgement,
    trace: Trace,
    profile: str,
    credential: Credential,
    excuses: Excuses,
) -> Iterator[Record]:
    """Yield the records that the judge gives: readings, observations, the error matrix, known deviations, requirements."""
    reads = classify(catalogue, trace)
    exchanges = {each.id: each for each in trace.exchanges}
    requirements = {each: result.requirement for each, result in results.items()}
    strong = strengths(requirements, reads, judgement.marks)
    caught = catching(catalogue, results, judgement, trace, reads)
    yield from _readings(catalogue, judgement.seen)
    yield from _observations(judgement)
    yield from (_answer(each) for each in answers(reads, _broken(catalogue, results, profile), requirements))
    yield from known_records(excuses)
    for identifier, result in sorted(results.items()):
        record = _requirement(catalogue, result, exchanges, profile, credential, excuses.leading(result))
        record |= marked(excuses.covered.get(identifier, ()), accepted=identifier in excuses.accepted)
        mutation = {"mutation": caught[identifier]} if identifier in caught else {}
        yield record | {"strength": _strength(strong.get(identifier, Strength()))} | mutation


def _observations(judgement: Judgement) -> Iterator[Record]:
    grouped: dict[tuple[str, str], list[int]] = defaultdict(list)
    for each in judgement.observations:
        grouped[each.operation, each.text].append(each.exchange)
    for (operation, text), numbers in sorted(grouped.items()):
        yield {
            "kind": "observation",
            "operation": operation,
            "text": text,
            "exchanges": numbers[:5],
            "count": len(numbers),
        }


def _broken(catalogue: Catalogue, results: Mapping[str, Result], profile: str) -> dict[int, list[str]]:
    """Return what each exchange broke, in the profile or, for what it does not count, in the widest one."""
    found: dict[int, list[str]] = defaultdict(list)
    for identifier, result in results.items():
        lens = profile if result.counts_in(profile) else list(PROFILES)[-1]
        for mark in result.findings:
            if mark.exchanges and not excused(catalogue, result.requirement, mark, lens):
                found[mark.exchanges[0]].append(identifier)
    return found


def _answer(answer: Answer) -> Record:
    return {
        "kind": "answer",
        "operation": answer.operation,
        "causes": list(answer.causes),
        "expected": answer.expected,
        "evidence": answer.evidence,
        "status": answer.status,
        "code": answer.code,
        "body": answer.body,
        "exchanges": list(answer.exchanges[:5]),
        "count": len(answer.exchanges),
        "breaks": list(answer.breaks),
    }


def _strength(strength: Strength) -> Record:
    return {"positive": strength.positive, "negative": strength.negative, "stateful": strength.stateful}


def _readings(catalogue: Catalogue, seen: Iterable[Seen]) -> Iterator[Record]:
    grouped: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for each in seen:
        grouped[each.operation, each.ambiguity, each.reading].append(each.exchange)
    for (operation, ambiguity, reading), numbers in sorted(grouped.items()):
        owner = catalogue.operation(operation)
        entry = owner.ambiguities.get(ambiguity) or catalogue.apis[owner.api].ambiguities[ambiguity]
        yield {
            "kind": "reading",
            "operation": operation,
            "ambiguity": ambiguity,
            "about": entry.about,
            "reading": reading,
            "acceptedIn": [profile for profile in PROFILES if accepts(profile, entry, reading)],
            "exchanges": numbers[:5],
            "count": len(numbers),
        }


def basis_record(basis: Basis) -> Record:
    """Return where a requirement stands: evidence, place on the page, lines of its text, other reference."""
    return {
        "evidence": str(basis.evidence),
        "place": basis.place,
        "lines": [list(each) for each in basis.lines],
        "reference": basis.reference,
    }


def _requirement(
    catalogue: Catalogue,
    result: Result,
    exchanges: Mapping[int, Exchange],
    profile: str,
    credential: Credential,
    findings: tuple[Mark, ...],
) -> Record:
    requirement = result.requirement
    operation = catalogue.operation(f"{requirement.api}/{requirement.operation}")
    record: Record = {
        "kind": "requirement",
        "id": requirement.id,
        "api": requirement.api,
        "operation": requirement.operation,
        "family": requirement.family,
        "level": str(requirement.level),
        "text": requirement.text,
        "page": operation.source.page,
        "url": operation.source.url,
        "basis": basis_record(requirement.basis),
        "verdict": str(result.verdict(profile)),
        "counts": result.counts_in(profile),
        "profiles": {name: str(verdict) for name, verdict in result.profiles.items()},
        "bearing": len(result.bearing),
        "exchanges": list(result.bearing[:10]),
    }
    if result.reason:
        record["reason"] = result.reason
    if result.blocker:
        record["blocker"] = result.blocker
    if findings:
        record["failing"] = len({mark.exchanges[0] for mark in findings if mark.exchanges})
        record["findings"] = [_finding(mark, exchanges, credential) for mark in findings[:10]]
    return record


def _finding(mark: Mark, exchanges: Mapping[int, Exchange], credential: Credential) -> Record:
    finding = mark.finding
    record: Record = {"exchanges": list(mark.exchanges)}
    if finding is not None:
        record |= {"expected": finding.expected, "got": finding.got, "where": finding.where}
    if mark.exchanges and mark.exchanges[0] in exchanges:
        record["curl"] = curl_line(exchanges[mark.exchanges[0]], credential)
    if mark.reading is not None:
        record["reading"] = {"ambiguity": mark.reading[0], "reading": mark.reading[1]}
    return record


def footer_record(
    results: Iterable[Result], profile: str, code: int, interrupted: str, exchanges: int, *, narrow: bool
) -> Record:
    """Return the footer: counts by verdict, the conformance of each API in each profile, and how the run ended."""
    everything = list(results)
    by_api: dict[str, list[Result]] = defaultdict(list)
    for result in everything:
        by_api[result.requirement.api].append(result)
    counted = [result for result in everything if result.counts_in(profile)]
    record: Record = {
        "kind": "footer",
        "exchanges": exchanges,
        "requirements": len(everything),
        "judged": judged(everything),
        "verdicts": {str(each): sum(1 for result in counted if result.profiles[profile] is each) for each in Verdict},
        "conformance": {
            api: {name: _state(own, name, narrow=narrow) for name in PROFILES} for api, own in sorted(by_api.items())
        },
        "exitCode": code,
    }
    if interrupted:
        record["interrupted"] = interrupted
    return record


def _state(results: list[Result], profile: str, *, narrow: bool) -> str:
    state = conformance(results, profile)
    if state is None:
        return "not-counted"
    return f"selected-{state}" if narrow else str(state)


def line(record: Record) -> str:
    """Return a record as its line: compact, with sorted keys but `kind` first, and without raw control characters."""
    ordered = {"kind": record["kind"], **{key: record[key] for key in sorted(record) if key != "kind"}}
    text = json.dumps(ordered, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for each in _LINE_BREAKS:
        text = text.replace(each, f"\\u{ord(each):04x}")
    return text + "\n"
