"""Hold a parsed body against the definitions of a contract, one mark for each keyword of each field.

The walk follows properties, items and references itself and leaves single keywords to a compiled validator, so that every
finding belongs to exactly one requirement and everything that was looked at is known to have been looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import JSON, Api, Operation, Response
from asdocumented.reads.case import shown
from asdocumented.reads.marks import Mark, Observation, blocked, broken, met
from asdocumented.reads.validating import validators
from asdocumented.requirement import schema
from asdocumented.requirements import ASSERTIONS, presence_of

_MOST = 3  # findings of one requirement in one body; more of the same help nobody


@dataclass(slots=True)
class BodyWalk:
    """One walk over one body. `marks` are merged by requirement: one that was met in ten items is met once."""

    api: Api
    operation: Operation
    rule: Response
    exchange: int
    strict: bool = False  # a field that no definition has is a finding
    findings: dict[str, list[Mark]] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    blocked: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    _inside: list[str] = field(default_factory=list)  # the definitions that are being walked, the outermost first

    def judge(self, value: JSON) -> Iterator[Mark | Observation]:
        """Yield the marks for the whole body, then its unknown fields as observations."""
        self._node(value, self.rule.schema, self.rule.definition or "body", (), "$")
        for marks in self.findings.values():
            yield from marks[:_MOST]
        for requirement in sorted(self.met - set(self.findings)):
            yield met(requirement, self.exchange)
        for requirement, blocker in self.blocked.items():
            if requirement not in self.met and requirement not in self.findings:
                yield blocked(requirement, self.exchange, blocker=blocker)
        yield from self._unknown()

    def _unknown(self) -> Iterator[Mark | Observation]:
        requirement = f"{self.operation.id}/response/{self.rule.key}/unknown-fields"
        for name, where in self.unknown.items():
            yield Observation(
                self.operation.id, f"field {name} of a {self.rule.key} is in no definition", self.exchange
            )
            if self.strict:
                got = f"the field {name}"
                yield broken(requirement, self.exchange, expected="documented fields alone", got=got, where=where)
        if self.strict and not self.unknown:
            yield met(requirement, self.exchange)

    def _id(self, name: str, path: tuple[str, ...], aspect: str) -> str:
        return f"{self.operation.id}/{schema(self.rule.key, name, path, aspect)}"

    def _finding(self, requirement: str, expected: str, got: JSON, where: str) -> None:
        mark = broken(requirement, self.exchange, expected=expected, got=shown(got), where=where)
        self.findings.setdefault(requirement, []).append(mark)

    def _node(self, value: JSON, of: JSON, name: str, path: tuple[str, ...], where: str) -> None:
        definition = referenced(of)
        if definition:
            self._inside.append(definition)
            self._resolved(value, self.api.definitions[definition], definition, (), where)
            self._inside.pop()
        else:
            self._resolved(value, of, name, path, where)

    def _resolved(self, value: JSON, of: JSON, name: str, path: tuple[str, ...], where: str) -> None:
        if "type" in of and not self._keyword(value, of, name, path, where, "type"):
            self._block_below(of, name, path, self._id(name, path, "type"), set())
            return
        for keyword in ASSERTIONS:
            if keyword in of and keyword != "type":
                self._keyword(value, of, name, path, where, keyword)
        if isinstance(value, dict):
            self._members(value, of, name, path, where)
        elif isinstance(value, list) and isinstance(of.get("items"), dict):
            for index, item in enumerate(value):
                self._node(item, of["items"], name, (*path, "items"), f"{where}[{index}]")

    def _keyword(self, value: JSON, of: JSON, name: str, path: tuple[str, ...], where: str, keyword: str) -> bool:
        requirement = self._id(name, path, keyword)
        if validators(self.api).valid({keyword: of[keyword]}, value):
            self.met.add(requirement)
            return True
        wanted = of[keyword] if isinstance(of[keyword], str | int | list) else "what the definition says"
        self._finding(requirement, f"{keyword} {wanted}", value, where)
        return False

    def _members(self, value: JSON, of: JSON, name: str, path: tuple[str, ...], where: str) -> None:
        properties = of.get("properties", {})
        for field_name, inner in properties.items():
            place = (*path, field_name)
            if field_name in value:
                if not path:
                    self.met.add(self._id(name, place, "presence"))
                self._node(value[field_name], inner, name, place, f"{where}.{field_name}")
            else:
                self._absent(inner, name, place, f"{where}.{field_name}")
        additional = of.get("additionalProperties", True)
        for field_name in value:
            if field_name in properties:
                continue
            if isinstance(additional, dict):
                self._node(
                    value[field_name], additional, name, (*path, "additionalProperties"), f"{where}.{field_name}"
                )
            elif properties:
                self.unknown.setdefault(f"{name}.{field_name}", f"{where}.{field_name}")

    def _absent(self, inner: JSON, name: str, path: tuple[str, ...], where: str) -> None:
        if self._inside.count(name) > 1:
            return  # a sample shows what the outermost has; what stands inside itself (details of an error) may have less
        requirement = self._id(name, path, "presence")
        stated = presence_of(self.rule, name, path[0]) if len(path) == 1 else None
        optional = stated.level is Level.MAY if stated is not None else self.rule.is_error
        if len(path) == 1 and not optional:
            mark = broken(requirement, self.exchange, expected=f"the field {path[0]}", got="nothing", where=where)
            self.findings.setdefault(requirement, []).append(mark)
            if stated is not None and stated.level is Level.MUST:
                self._block_node(inner, name, path, requirement, set())

    def _block_node(self, of: JSON, name: str, path: tuple[str, ...], blocker: str, done: set[str]) -> None:
        """Say of everything at and below a place that it could not be looked at."""
        definition = referenced(of)
        if definition:
            if definition in done:
                return
            done.add(definition)
            of, name, path = self.api.definitions[definition], definition, ()
        for keyword in ASSERTIONS:
            if keyword in of:
                self.blocked.setdefault(self._id(name, path, keyword), blocker)
        self._block_below(of, name, path, blocker, done)

    def _block_below(self, of: JSON, name: str, path: tuple[str, ...], blocker: str, done: set[str]) -> None:
        for field_name, inner in of.get("properties", {}).items():
            self.blocked.setdefault(self._id(name, (*path, field_name), "presence"), blocker)
            self._block_node(inner, name, (*path, field_name), blocker, done)
        for key in ("items", "additionalProperties"):
            if isinstance(of.get(key), dict):
                self._block_node(of[key], name, (*path, key), blocker, done)
