"""Write a record as JUnit XML: a test suite for each API, a test case for each requirement.

CI servers know passed, failed, in error and skipped alone: `causes.standing` says which a requirement is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

from asdocumented.report import digest
from asdocumented.report.acknowledged import known_until
from asdocumented.report.catching import caught
from asdocumented.report.causes import Standing, contested, decisive, sentence, source, standing, what
from asdocumented.report.records import Record
from asdocumented.report.stream import Recorded

__all__ = ["write_junit"]

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RESULTS = {Standing.FAILED: "failure", Standing.BROKEN: "error", Standing.SKIPPED: "skipped"}


def write_junit(recorded: Recorded, path: Path) -> None:
    """Write the JUnit XML of a record to a file, which is there whole or not at all."""
    root = ET.Element("testsuites", {"name": _text(digest.title(recorded))})
    by_api: dict[str, list[Record]] = defaultdict(list)
    for record in recorded.of("requirement"):
        by_api[record["api"]].append(record)
    root.extend(_suite(recorded, api, [_case(recorded, each) for each in by_api[api]]) for api in sorted(by_api))
    own = []
    if digest.cut_short(recorded):
        own.append(_broken("the run reached its end", digest.cut_short(recorded)))
    if digest.leftovers(recorded):
        own.append(_broken("the target is as it was before the run", " ".join(digest.leftovers(recorded))))
    if own:
        root.append(_suite(recorded, "asdocumented", own))
    _count(root)
    if "seconds" in recorded.header:
        root.set("time", str(recorded.header["seconds"]))
    ET.indent(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    ET.ElementTree(root).write(partial, encoding="utf-8", xml_declaration=True)
    partial.replace(path)


def _suite(recorded: Recorded, name: str, cases: list[ET.Element]) -> ET.Element:
    header = recorded.header
    suite = ET.Element("testsuite", {"name": _text(name), "timestamp": _text(header["started"])})
    shown = {"profile": header["profile"], "allowed": header["allowed"], "seed": header["seed"], "run": header["run"]}
    shown |= _mutants(each for each in digest.counted(recorded) if each["api"] == name)
    if header["target"]["selfTest"]:
        shown["note"] = digest.SELF_TEST
    suite.append(_properties(shown))
    suite.extend(cases)
    _count(suite)
    return suite


def _mutants(records: Iterable[Record]) -> dict[str, object]:
    """Return how many known mutants the run would have caught, of how many there are; nothing where none are known."""
    found = caught(records)
    return {"mutants-caught": found.as_run, "mutants-known": found.counted} if found.counted else {}


def _case(recorded: Recorded, record: Record) -> ET.Element:
    """Return the test case of a requirement, with its verdict in each profile as a property."""
    case = ET.Element("testcase", _named(f"{record['api']}.{record['operation']}", what(record)))
    profiles = " ".join(f"{name}={verdict}" for name, verdict in record["profiles"].items())
    shown = {"verdict": record["verdict"], "level": record["level"], "evidence": record["basis"]["evidence"]}
    known = {"known": record["known"]["expires"]} if "known" in record else {}
    case.append(_properties({**shown, "profiles": profiles, **known, **_mutants([record])}))
    came_to, message = standing(recorded, record)
    if came_to in _RESULTS:
        result = ET.SubElement(case, _RESULTS[came_to], {"message": _text(message)})
        if came_to is Standing.FAILED:
            result.set("type", record["level"])
        if record["verdict"] == "fail":
            result.text = _text(_explained(recorded, record))
    return case


def _explained(recorded: Recorded, record: Record) -> str:
    """Return the decisive finding in full, one fact a line: a reader of a CI server has nothing else at hand."""
    finding = decisive(recorded, record)
    said = (known_until(record), sentence(finding), contested(finding), source(record))
    lines = [record["id"], record["text"], *said, record.get("url", "")]
    return "\n".join(line for line in (*lines, finding.get("curl", "")) if line)


def _broken(name: str, why: str) -> ET.Element:
    """Return a test case in error: a run that was cut short, or left something, must not look green for want of failures."""
    case = ET.Element("testcase", _named("asdocumented", name))
    ET.SubElement(case, "error", {"message": _text(why)})
    return case


def _named(classname: str, name: str) -> dict[str, str]:
    return {"classname": _text(classname), "name": _text(name)}


def _properties(values: dict[str, object]) -> ET.Element:
    properties = ET.Element("properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", {"name": name, "value": _text(str(value))})
    return properties


def _count(element: ET.Element) -> None:
    """Set how many test cases stand below an element, and how many of them have which result."""
    element.set("tests", str(sum(1 for _ in element.iter("testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(1 for _ in element.iter(tag))))


def _text(text: str) -> str:
    """Return text with each character that XML 1.0 cannot hold as its escape."""
    return _NOT_XML.sub(lambda found: ascii(found.group())[1:-1], text)
