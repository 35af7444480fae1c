"""Write a record as JUnit XML: a test suite for each API, a test case for each requirement.

CI servers know passed, failed, in error and skipped alone: `causes.standing` says which a requirement is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree as ET

from asdocumented.report import digest
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
    for api, records in sorted(by_api.items()):
        root.append(_suite(recorded, api, [_case(recorded, record) for record in records]))
    if digest.cut_short(recorded):
        root.append(_suite(recorded, "asdocumented", [_unfinished(recorded)]))
    _sum_up(root, root.iter("testcase"))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    ET.indent(root)
    ET.ElementTree(root).write(partial, encoding="utf-8", xml_declaration=True)
    partial.replace(path)
