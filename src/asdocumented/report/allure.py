"""Write a record as Allure results: a result for each requirement, with the exchanges it rests on.

Allure's own model gives the shape. Its file logger names files at random, so rendering a record twice would show every
requirement as retried; here a file is named after the run and the requirement, and is written over.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from allure_commons.model2 import (
    ATTACHMENT_PATTERN,
    TEST_CASE_PATTERN,
    Attachment,
    Label,
    Link,
    Status,
    StatusDetails,
    TestResult,
    TestStepResult,
)
from allure_commons.types import LabelType, LinkType, Severity
from attr import asdict

from asdocumented.report import digest
from asdocumented.report.acknowledged import known_until
from asdocumented.report.causes import Standing, contested, decisive, sentence, source, standing, what
from asdocumented.report.curl import curl_line
from asdocumented.report.escaping import visible
from asdocumented.report.mutants import of_requirement
from asdocumented.report.outcome import outcome
from asdocumented.report.records import Record, credential_from
from asdocumented.report.stream import Recorded
from asdocumented.traces import Exchange, Headers

__all__ = ["write_allure"]

_NAMES = uuid.UUID("5f0c2a5e-3c0b-5d5e-9a57-6f2d1b0f8a11")
"""The namespace of our ids: any fixed UUID, so that a record gives the same ids each time."""

_SEVERITIES = {"MUST": Severity.CRITICAL, "SHOULD": Severity.NORMAL, "MAY": Severity.MINOR}
_STATUSES = {
    Standing.PASSED: Status.PASSED,
    Standing.FAILED: Status.FAILED,
    Standing.BROKEN: Status.BROKEN,
    Standing.SKIPPED: Status.SKIPPED,
}
_CATEGORIES: list[dict[str, Any]] = [
    {"name": "Known deviations", "matchedStatuses": [Status.FAILED], "messageRegex": "(?s)known deviation until .*"},
    {
        "name": "Not as documented",
        "matchedStatuses": [Status.FAILED],
        "messageRegex": "(?s)(?!known deviation until ).*",
    },
    {"name": "Warnings", "matchedStatuses": [Status.SKIPPED], "messageRegex": "(?s)warning: .*"},
    {"name": "Inconclusive", "matchedStatuses": [Status.SKIPPED], "messageRegex": "(?s)inconclusive: .*"},
    {"name": "Skipped", "matchedStatuses": [Status.SKIPPED], "messageRegex": "(?s)skipped: .*"},
    {"name": "Not observed", "matchedStatuses": [Status.SKIPPED], "messageRegex": "(?s)not observed: .*"},
    {"name": "The harness broke", "matchedStatuses": [Status.BROKEN]},
]


def write_allure(recorded: Recorded, folder: Path) -> None:
    """Write the Allure results of a record into a folder; results of other runs in it stay."""
    folder.mkdir(parents=True, exist_ok=True)
    requirements = recorded.of("requirement")
    used = {number for record in requirements for number in _shown(recorded, record)}
    curls = _recorded_curls(requirements)
    exchanges = {each.id: each for each in recorded.trace.exchanges if each.id in used}
    attached = {each.id: _attach(recorded, each, curls.get(each.id, ""), folder) for each in exchanges.values()}
    for place, record in enumerate(requirements):
        result = _result(recorded, record)
        # Allure sorts by time, and our exchanges have none: a millisecond each keeps the order of the record.
        result.start = result.stop = _moment(recorded) + place
        result.steps = [
            _step(exchanges[number], attached[number], result)
            for number in _shown(recorded, record)
            if number in exchanges
        ]
        _write_result(folder, result)
    if digest.cut_short(recorded):
        _write_result(folder, _broken(recorded, "the run reached its end", digest.cut_short(recorded)))
    if digest.leftovers(recorded):
        left = " ".join(digest.leftovers(recorded))
        _write_result(folder, _broken(recorded, "the target is as it was before the run", left))
    _write(folder / "categories.json", _json(_CATEGORIES))
    _write(folder / "environment.properties", _environment(recorded))


def _result(recorded: Recorded, record: Record) -> TestResult:
    came_to, message = standing(recorded, record)
    result = TestResult(
        uuid=_id(recorded, record["id"]),
        historyId=_digest(record["id"]),
        testCaseId=_digest(record["id"]),
        fullName=record["id"],
        name=what(record),
        titlePath=[record["api"], record["operation"], record["family"]],
        description="\n\n".join([visible(record["text"]), source(record), *of_requirement(record)]),
        status=_STATUSES[came_to],
        stage="finished",
        labels=_labels(record),
        start=_moment(recorded),
        stop=_moment(recorded),
    )
    if message:
        known = True if "known" in record else None
        result.statusDetails = StatusDetails(message=message, trace=_trace(recorded, record), known=known)
    if record.get("url"):
        result.links = [Link(type=LinkType.LINK, url=record["url"], name=visible(record["page"]))]
    return result


def _step(exchange: Exchange, attachments: list[Attachment], result: TestResult) -> TestStepResult:
    """Return an exchange as a step: what was sent and what came in one line, with the texts attached."""
    answer = f"HTTP {exchange.response.status}" if exchange.response is not None else "no response"
    name = visible(f"exchange {exchange.id}: {exchange.request.method} {exchange.request.target} -> {answer}")
    status = Status.FAILED if result.status == Status.FAILED else Status.PASSED
    return TestStepResult(
        name=name, status=status, stage="finished", attachments=attachments, start=result.start, stop=result.stop
    )


def _labels(record: Record) -> list[Label]:
    values = {
        LabelType.EPIC: record["api"],
        LabelType.FEATURE: record["operation"],
        LabelType.STORY: what(record),
        LabelType.PARENT_SUITE: record["api"],
        LabelType.SUITE: record["operation"],
        LabelType.SUB_SUITE: record["family"],
        LabelType.SEVERITY: _SEVERITIES[record["level"]].value,
        LabelType.FRAMEWORK: "asdocumented",
        "evidence": record["basis"]["evidence"],
        "family": record["family"],
        "verdict": record["verdict"],
    }
    return [Label(name=name, value=value) for name, value in values.items()]


def _trace(recorded: Recorded, record: Record) -> str:
    """Return the facts of a failure one a line; nothing for what has no finding."""
    if record["verdict"] != "fail":
        return ""
    finding = decisive(recorded, record)
    said = (known_until(record), sentence(finding), contested(finding), source(record))
    lines = (record["id"], *said, visible(finding.get("curl", "")))
    return "\n".join(line for line in lines if line)


def _shown(recorded: Recorded, record: Record) -> list[int]:
    """Return the exchanges to attach: the first of each finding, the decisive one leading; of a pass the first."""
    findings = record.get("findings", [])
    if record["verdict"] != "fail" or not findings:
        return list(record["exchanges"][:1])
    leading = decisive(recorded, record)
    return list(dict.fromkeys(number for each in (leading, *findings) for number in each["exchanges"][:1]))


def _recorded_curls(requirements: list[Record]) -> dict[int, str]:
    """Return the curl lines of findings by exchange: these name the variables in which a live target's tokens are."""
    findings = [finding for record in requirements for finding in record.get("findings", []) if "curl" in finding]
    return {finding["exchanges"][0]: finding["curl"] for finding in findings}


def _attach(recorded: Recorded, exchange: Exchange, curl: str, folder: Path) -> list[Attachment]:
    """Write an exchange as three texts and return how a result refers to them; many results share one exchange."""
    request, response = exchange.request, exchange.response
    answer = f"no response: {exchange.failure}"
    if response is not None:
        answer = _message(f"HTTP {response.status}", response.headers, response.body)
    texts = {
        "request": _message(f"{request.method} {exchange.server}{request.target}", request.headers, request.body),
        "response": answer,
        "curl": curl or curl_line(exchange, credential_from(recorded.header)),
    }
    found = []
    for name, text in texts.items():
        file = ATTACHMENT_PATTERN.format(prefix=_id(recorded, f"exchange {exchange.id} {name}"), ext="txt")
        _write(folder / file, text)
        found.append(Attachment(name=name, source=file, type="text/plain"))
    return found


def _message(start: str, headers: Headers, body: bytes) -> str:
    head = "\n".join([start, *(f"{name}: {value}" for name, value in headers)])
    return f"{head}\n\n{body.decode('utf-8', errors='backslashreplace')}"


def _broken(recorded: Recorded, name: str, why: str) -> TestResult:
    """Return a broken result: a run that was cut short, or left something, must not look green for want of failures."""
    return TestResult(
        uuid=_id(recorded, name),
        historyId=_digest(name),
        testCaseId=_digest(name),
        fullName=name,
        name=name,
        status=Status.BROKEN,
        statusDetails=StatusDetails(message=why),
        stage="finished",
        labels=[Label(name=LabelType.EPIC, value="asdocumented")],
        start=_moment(recorded),
        stop=_moment(recorded),
    )


def _moment(recorded: Recorded) -> int:
    """Return the start of the run in milliseconds; exchanges have no clock, so that reports can be compared."""
    return int(datetime.fromisoformat(recorded.header["started"]).timestamp() * 1000)


def _write_result(folder: Path, result: TestResult) -> None:
    _write(folder / TEST_CASE_PATTERN.format(prefix=result.uuid), _json(asdict(result, filter=_is_given)))


def _environment(recorded: Recorded) -> str:
    header = recorded.header
    values = {
        "Implementation": digest.title(recorded),
        "Outcome": outcome(recorded).words,
        "Profile": header["profile"],
        "Requests.up.to": header["allowed"],
        "Seed": header["seed"],
        "Edition": header["edition"],
        "Harness": header["harness"],
    }
    if header["target"]["selfTest"]:
        values["Note"] = digest.SELF_TEST
    return "".join(f"{name}={visible(str(value))}\n" for name, value in values.items())


def _id(recorded: Recorded, name: str) -> str:
    return str(uuid.uuid5(_NAMES, f"{recorded.header['run']} {name}"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _is_given(_: object, value: object) -> bool:
    """Tell whether a field has a value; Allure leaves out those without."""
    return bool(value) or value is False


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    """Write a file that is there whole or not at all; half a surrogate pair becomes an escape."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8", errors="backslashreplace")
    partial.replace(path)
