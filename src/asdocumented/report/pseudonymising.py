"""Write a run's record with pseudonyms in place of the names and ids of its target; its verdicts stay what they were.

Replaced are the ids in the target's pools, the hosts of its base URLs, its name, what stands in e-mail addresses, and every GUID.
What the contracts name stays: words of paths, properties, values of enumerations.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from asdocumented.contracts.locating import bundled
from asdocumented.errors import HarnessError
from asdocumented.pseudonyms import Pseudonyms
from asdocumented.report.records import Record, line
from asdocumented.report.rejudging import rejudged
from asdocumented.report.stream import JOURNAL, Recorded, read_report

_AS_IT_IS = frozenset(
    {
        "kind",
        "id",
        "api",
        "operation",
        "requirements",
        "method",
        "family",
        "level",
        "page",
        "url",
        "basis",
        "text",
        "verdict",
    }
    | {
        "profiles",
        "blocker",
        "selection",
        "started",
        "harness",
        "edition",
        "contracts",
        "profile",
        "conformance",
        "verdicts",
        "why",
    }
    | {"ambiguity", "about", "acceptedIn", "causes", "breaks", "allowed", "failOn", "state"}
)
"""Members of records that say nothing of a target."""

_EXAMPLES = "resources"  # what a contract's API has for examples, which is nobody's name
_WORD = re.compile(r"[^\W_]+(?:[-_][^\W_]+)*")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_GUIDS = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_DIFFERENT = 3


def pseudonymised(recorded: Recorded) -> Recorded:
    """Return a record with pseudonyms, under a key that nobody keeps.

    Raises HarnessError where it would be judged otherwise than the record itself.
    """
    pseudonyms = pseudonyms_of(recorded.records)
    records = tuple(_record(record, pseudonyms) for record in recorded.records)
    done = Recorded(recorded.path, records[0], records, recorded.complete)
    if recorded.complete:
        _check(recorded, done)
    return done


def pseudonyms_of(records: Iterable[Record]) -> Pseudonyms:
    """Return what replaces the names of a run's target; all that one process tells of it has the same names."""
    return Pseudonyms(_key(), _names(records), public_words())


@cache
def _key() -> bytes:
    return secrets.token_bytes(32)


def pseudonymise_journal(folder: Path) -> None:
    """Put pseudonyms into the journal of a run that was cut short."""
    journal = folder / JOURNAL
    records = pseudonymised(read_report(journal)).records
    partial = folder / f".{JOURNAL}.partial"
    partial.write_text("".join(map(line, records)), encoding="utf-8", errors="surrogatepass")
    partial.replace(journal)


def _check(recorded: Recorded, done: Recorded) -> None:
    """Raise HarnessError where pseudonyms change a verdict: they must not tell a reader anything that is not so."""
    again = _verdicts(rejudged(done))
    if again == _verdicts(recorded):
        return
    before = _verdicts(rejudged(recorded))  # an old record may be judged otherwise by now
    changed = sorted(key for key in before.keys() | again.keys() if before.get(key) != again.get(key))
    if changed:
        raise HarnessError(
            "pseudonyms-change-verdicts",
            f"With pseudonyms the run would be judged otherwise in {len(changed)} requirements,"
            f" such as {', '.join(changed[:_DIFFERENT])}; nothing was written.",
            remedy="Report this as a defect of asdocumented.",
        )


def _verdicts(recorded: Recorded) -> dict[str, Any]:
    return {record["id"]: record["profiles"] for record in recorded.of("requirement")}


def _names(records: Iterable[Record]) -> set[str]:
    """Return the pieces of everything that a record names of its target."""
    found: set[str] = set()
    for record in records:
        match record["kind"]:
            case "header" if not record["target"]["selfTest"]:
                name = record["target"]["name"]
                found |= {name} if "://" not in name else _of_host(name)
            case "facts":
                for pools in record["existing"].values():
                    found |= _of_pools(pools)
            case "arrangement":
                found |= _of_pools(record["resources"])
            case "exchange" | "housekeeping":
                found |= _of_host(record["server"])
                for text in _texts(record):
                    found |= {piece for mail in _MAIL.findall(text) for piece in _pieces(mail)}
    return found


def _of_pools(pools: Mapping[str, Iterable[str]]) -> set[str]:
    return {piece for ids in pools.values() for identifier in ids for piece in _pieces(identifier)}


def _pieces(identifier: str) -> Iterator[str]:
    """Yield the names in an id: a scope is a path of them, and a user's name is one at a domain, whose last label is no name."""
    for step in _GUIDS.sub("/", identifier).split("/"):
        user, at, domain = step.rpartition("@")
        yield from (piece for piece in (user, *domain.split(".")[:-1]) if at and piece)
        yield from [] if at or not step else [step]


def _of_host(url: str) -> set[str]:
    """Return the labels of a URL's host that are names; those of this machine are none, and an address is one as a whole."""
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")
        return set() if labels[-1] == "localhost" else set(labels[:-1] or labels)
    return set() if address.is_loopback else {host}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _record(record: Record, pseudonyms: Pseudonyms) -> Record:
    changed = {key: each if key in _AS_IT_IS else _changed(each, pseudonyms, key) for key, each in record.items()}
    if record["kind"] == "header":
        changed.pop("given", None)  # places on the machine that ran
        changed["pseudonymised"] = True
    if record["kind"] == "observation":
        changed["text"] = pseudonyms.text(record["text"])
    return changed


def _changed(value: Any, pseudonyms: Pseudonyms, key: str = "") -> Any:
    if isinstance(value, str):
        if key == "base64":
            return base64.b64encode(pseudonyms.body(base64.b64decode(value))).decode("ascii")
        return pseudonyms.text(value)
    if isinstance(value, dict):
        return {name: each if name in _AS_IT_IS else _changed(each, pseudonyms, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_changed(each, pseudonyms) for each in value]
    return value


@cache
def public_words() -> frozenset[str]:
    """Return, in lower case, every word that contracts use as a name: keys, and values that are no prose and no example."""
    found: set[str] = set()
    for file in sorted(bundled("contracts").rglob("*.yaml")):
        for word in _words(yaml.safe_load(file.read_text(encoding="utf-8"))):
            found |= {word, *_WORD.findall(word), *re.findall(r"[^\W_]+", word)}
    return frozenset(word.lower() for word in found if len(word) > 1)


def _words(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield str(name)
            if key != _EXAMPLES or name not in ("values", "examples"):
                yield from _words(each, _EXAMPLES if _EXAMPLES in (key, name) else str(name))
    elif isinstance(value, list):
        for each in value:
            yield from _words(each, key)
    elif isinstance(value, str) and not re.search(r"\s", value):
        yield value
