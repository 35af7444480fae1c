"""Read and write the corpora that lie beside the contracts: `<api>/<operation>/corpus.json`.

A corpus belongs to the request part of its operation as it was when the cases were generated. Once that part has changed
the corpus is stale: it is not replayed, and whoever reads it is told so.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from asdocumented.contracts.locating import bundled
from asdocumented.contracts.model import Catalogue, Operation
from asdocumented.corpus.cases import Case, case_from, record_of
from asdocumented.corpus.digests import request_digest
from asdocumented.corpus.machines import Walk
from asdocumented.corpus.walks import FILE as WALKS
from asdocumented.corpus.walks import read_walks
from asdocumented.errors import UsageError, suggest

FILE = "corpus.json"
FORMAT = 1
_MOST = 3
"""How many names a sentence has at most."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The stored cases of one operation. `examples` are those that once broke a requirement; they are never thrown away."""

    operation: str
    request: str
    generator: str
    seed: int
    cases: tuple[Case, ...] = ()
    examples: tuple[Case, ...] = ()

    @property
    def all(self) -> tuple[Case, ...]:
        """Return every case once, examples first."""
        return tuple({case.id: case for case in (*self.cases, *self.examples)}.values())


@dataclass(frozen=True, slots=True)
class Corpora:
    """The cases of all operations that are fit to be replayed, and the operations whose corpus is stale."""

    cases: Mapping[str, tuple[Case, ...]] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    walks: Mapping[str, tuple[Walk, ...]] = field(default_factory=dict)

    def of(self, operation: str) -> tuple[Case, ...]:
        """Return the cases of one operation."""
        return self.cases.get(operation, ())

    def lacking_in(self, operations: Iterable[str]) -> tuple[str, ...]:
        """Return those of some operations that have no corpus, not even a stale one."""
        return tuple(each for each in operations if each not in self.cases and each not in self.stale)

    def all_of(self, operation: str) -> tuple[Case | Walk, ...]:
        """Return the cases of one operation, and the walks of the machine that turns around it."""
        return (*self.of(operation), *self.walks.get(operation, ()))

    def only(self, identifiers: tuple[str, ...]) -> Corpora:
        """Return the cases with these ids alone; raises UsageError for an id that no case has."""
        known: dict[str, Case | Walk] = {
            each.id: each for operation in {*self.cases, *self.walks} for each in self.all_of(operation)
        }
        for identifier in identifiers:
            if identifier not in known:
                raise UsageError(
                    "unknown-case", f"No case is named {identifier!r}.", remedy=_about(identifier, known, self.stale)
                )
        chosen = [known[identifier] for identifier in dict.fromkeys(identifiers)]
        cases, walks = (
            {
                name: tuple(each for each in chosen if isinstance(each, kind) and each.operation == name)
                for name in {each.operation for each in chosen}
            }
            for kind in (Case, Walk)
        )
        return Corpora(cases, self.stale, walks)  # type: ignore[arg-type] # each dictionary holds its kind alone


def _about(identifier: str, known: Mapping[str, object], stale: tuple[str, ...]) -> str:
    own = [each for each in stale if identifier.startswith(f"{each.partition('/')[2]}-")]
    return (
        f"{regenerate(own[0])}" if own else f"{suggest(identifier, known, most=_MOST)} `asdoc corpus list` shows all."
    )


def regenerate(operation: str) -> str:
    """Return the sentence that says why a corpus is not replayed and how to renew it."""
    return (
        f"Stored cases of {operation} are stale and not replayed, since the request part of its contract, or of one that its"
        f" walks take in, has changed: `asdoc corpus generate {operation}` renews them."
    )


def lacking(operations: Collection[str], among: int, folder: Path | None = None) -> str:
    """Return the sentence that says how many operations have no corpus, and how to make them."""
    names = f" {' '.join(sorted(operations))}" if len(operations) <= _MOST else ""
    place = f" --contracts {shlex.quote(str(folder))}" if folder else ""
    command = f"asdoc corpus generate{names}{place}"
    return f"No stored cases for {len(operations)} of {among} operations: `{command}` makes them."


def holds_corpus(catalogue: Catalogue, folder: Path) -> bool:
    """Tell whether a folder has stored cases or walks of any operation, stale or not."""
    names = (*(f"{each.id}/{FILE}" for each in catalogue.operations), *(f"{api}/{WALKS}" for api in catalogue.apis))
    return any((folder / name).is_file() for name in names)


def load_corpora(catalogue: Catalogue, *folders: Path | None) -> Corpora:
    """Return the corpora of some folders of contracts (None: the bundled one); later folders add to earlier ones.

    Raises UsageError for a file that is no corpus.
    """
    found: dict[str, tuple[Case, ...]] = {}
    walks: dict[str, tuple[Walk, ...]] = {}
    stale = []
    for place in folders or (None,):
        folder = place or bundled("contracts")
        for api in catalogue.apis.values():
            for machine, is_stale, stored in read_walks(folder, api):
                name = f"{api.name}/{machine.name}"
                stale += [name] if is_stale else []
                known_walks = {each.id: each for each in (*walks.get(name, ()), *(() if is_stale else stored))}
                walks[name] = tuple(known_walks.values())
        for operation, corpus in _read_all(catalogue, folder):
            if corpus.request != request_digest(catalogue.apis[operation.api], operation):
                stale.append(operation.id)
            else:
                known = {case.id: case for case in (*found.get(operation.id, ()), *corpus.all)}
                found[operation.id] = tuple(known.values())
    return Corpora(found, tuple(sorted(set(stale))), walks)


def _read_all(catalogue: Catalogue, folder: Path) -> Iterator[tuple[Operation, Corpus]]:
    for operation in catalogue.operations:
        corpus = read_corpus(folder, operation)
        if corpus is not None:
            yield operation, corpus


def read_corpus(folder: Path, operation: Operation) -> Corpus | None:
    """Return the stored corpus of an operation, stale or not; None where there is none.

    Raises UsageError for a file that is no corpus.
    """
    file = folder / operation.api / operation.name / FILE
    if not file.is_file():
        return None
    try:
        return _corpus_from(operation, json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise UsageError(
            "not-a-corpus",
            f"{str(file)!r} is no corpus: {type(error).__name__}: {error}.",
            remedy=f"`asdoc corpus generate {operation.id}` writes it anew once the file is gone.",
        ) from error


def _corpus_from(operation: Operation, record: Mapping[str, Any]) -> Corpus:
    if record["format"] != FORMAT:
        raise ValueError(f"its format is {record['format']}, and this version reads {FORMAT}")
    cases, examples = (tuple(case_from(operation.id, each) for each in record[name]) for name in ("cases", "examples"))
    return Corpus(operation.id, record["request"], record["generator"], record["seed"], cases, examples)


def write_corpus(folder: Path, corpus: Corpus) -> Path:
    """Write a corpus beside its contract and return the file; each case stands on one line, in the order of ids."""
    file = folder / corpus.operation / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    head = {
        "format": FORMAT,
        "operation": corpus.operation,
        "request": corpus.request,
        "generator": corpus.generator,
        "seed": corpus.seed,
    }
    lines = [f'"{name}": {json.dumps(value)}' for name, value in head.items()]
    lines += [f'"{name}": {_lines(cases)}' for name, cases in (("cases", corpus.cases), ("examples", corpus.examples))]
    file.write_text("{\n" + ",\n".join(f"  {each}" for each in lines) + "\n}\n", encoding="utf-8")
    return file


def _lines(cases: tuple[Case, ...]) -> str:
    if not cases:
        return "[]"
    ordered = sorted(cases, key=lambda case: case.id)
    records = ({"id": case.id, **record_of(case)} for case in ordered)
    return "[\n" + ",\n".join(f"    {json.dumps(each, ensure_ascii=True)}" for each in records) + "\n  ]"


def keep_example(catalogue: Catalogue, folder: Path, case: Case) -> Path:
    """Add a case that broke a requirement to the examples of its operation's corpus and return the file."""
    operation = catalogue.operation(case.operation)
    digest = request_digest(catalogue.apis[operation.api], operation)
    known = read_corpus(folder, operation) or Corpus(operation.id, digest, "", 0)
    examples = {each.id: each for each in (*known.examples, case)}
    return write_corpus(folder, replace(known, examples=tuple(examples.values())))
