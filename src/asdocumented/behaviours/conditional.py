"""`conditional`: a read with the entity tag that the client has already is answered without content (RFC 9110 13.1.2).

How the tag of a body is written in the request's header is for no source to say, so that a run tries it as it stands and in
quotation marks, and either is enough.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from asdocumented.behaviours.vocabulary import following, semantic
from asdocumented.contracts.grounds import Basis, Evidence, Level
from asdocumented.contracts.model import JSON, Api, BehaviourDeclaration, Operation
from asdocumented.mutant import Line, Mutant, Variant
from asdocumented.planning.context import Context
from asdocumented.plans import Revalidate, Scenario, Step
from asdocumented.reads.case import Case, shown
from asdocumented.reads.classify import Read, at
from asdocumented.reads.marks import Mark, Seen, blocked, broken, met
from asdocumented.reads.settling import ids, is_quiet
from asdocumented.requirement import Requirement

_MATCH, _ANY, _NO_MATCH = "conditional/match", "conditional/any", "conditional/no-match"
_CONTENT, _STABLE = "conditional/no-content", "conditional/stable"
_UNCHANGED = 304


def requirements(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Requirement]:
    """Yield when a 304 is due and when not, that it has no content, and that a tag stays while nothing changes."""
    header = declaration.parameters["header"]
    tagged = "the target decides whether it names an entity tag"
    told = {
        _MATCH: (f"A read whose {header} is the current entity tag is answered with 304.", tagged),
        _ANY: (f"A read whose {header} is * is answered with 304.", ""),
        _NO_MATCH: (f"A read without {header}, or with another entity tag, is not answered with 304.", ""),
        _CONTENT: ("A 304 has no content.", "the target decides whether it answers with 304"),
    }
    for what, (text, condition) in told.items():
        found = semantic(operation, declaration, what, text)
        level = Level.MUST if what in (_NO_MATCH, _CONTENT) else found.level
        yield replace(found, level=level, conditional=condition)
    stable = semantic(
        operation, declaration, _STABLE, "The entity tag stays the same as long as the rest of the answer does."
    )
    basis = Basis(Evidence.CONVENTION, reference="RFC 9110 8.8.1")
    yield replace(stable, basis=basis, level=Level.SHOULD, conditional=tagged)


def plan(context: Context, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Scenario]:
    """Yield a read, the read again with the tag that it showed, one with a made-up tag, and one with any.

    Where the register leaves it to the target how a tag is written, the tag is sent twice: it has to stay with one form.
    """
    header, call = declaration.parameters["header"], context.valid(operation)
    follow = Revalidate(header, declaration.parameters["tag"])
    matching = Step(call, "a read, and again unless it changed", context.tier(call), again=True, follow=follow)
    steps = (
        context.step(call, "a valid request"),
        context.step(call.with_argument("header", header, '"never-an-etag"'), "a read unless a made-up tag is current"),
        matching,
        context.step(call.with_argument("header", header, "*"), "a read unless there is anything"),
        *([matching] if "ambiguity" in declaration.parameters else ()),
    )
    serves = tuple(each.id for each in requirements(context.api, operation, declaration))
    yield Scenario(f"{operation.name}/conditional", operation.api, steps, state=operation.state, serves=serves)


def judge(case: Case, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mark | Seen]:
    """Hold every read against the tag that was current when it was sent."""
    reads = [read for read in case.of(operation.name) if read.is_plain and read.exchange.response is not None]
    sent: dict[tuple[object, ...], list[Read]] = {}
    for place, read in enumerate(reads):
        if case.blocker(read):
            for what in (_MATCH, _ANY, _NO_MATCH, _STABLE):
                yield blocked(f"{operation.id}/{what}", read.id, blocker=case.blocker(read))
            continue
        if read.status == _UNCHANGED:
            yield _content(operation, read)
        if read.status not in (200, _UNCHANGED):
            continue
        tag = _current(case, declaration, reads[:place], read)
        given = _given(declaration, read)
        if "*" in given:
            yield _due(operation, _ANY, read, f"{declaration.parameters['header']} is *")
        elif tag and _opaque(tag) in given:
            sent.setdefault((read.epoch, tag, *ids(read).values()), []).append(read)
        elif read.status == _UNCHANGED and (tag or not given):
            expected = f"200, since the entity tag is {shown(tag)}" if given else "200, since there is no condition"
            yield broken(f"{operation.id}/{_NO_MATCH}", read.id, expected=expected, got="304", where="status")
        elif given and (tag or (read.status == 200 and not _tag(declaration, read))):
            yield met(f"{operation.id}/{_NO_MATCH}", read.id)
    for matching in sent.values():
        yield from _matching(operation, declaration, matching)
    yield from _stable(case, operation, declaration, reads)


def _content(operation: Operation, read: Read) -> Mark:
    body = read.exchange.response.body if read.exchange.response is not None else b""
    if body:
        got = f"{len(body)} bytes"
        return broken(f"{operation.id}/{_CONTENT}", read.id, expected="no content", got=got, where="body")
    return met(f"{operation.id}/{_CONTENT}", read.id)


def _due(operation: Operation, what: str, read: Read, why: str) -> Mark:
    if read.status == _UNCHANGED:
        return met(f"{operation.id}/{what}", read.id)
    return broken(f"{operation.id}/{what}", read.id, expected=f"304, since {why}", got=str(read.status), where="status")


def _matching(operation: Operation, declaration: BehaviourDeclaration, reads: list[Read]) -> Iterator[Mark | Seen]:
    """Judge the requests with one current tag: one 304 is enough, whichever way the tag was written."""
    requirement = f"{operation.id}/{_MATCH}"
    unchanged = next((read for read in reads if read.status == _UNCHANGED), None)
    if unchanged is not None:
        yield met(requirement, unchanged.id)
        yield from _readings(operation, declaration, reads)
        return
    last = reads[-1]
    if any(
        _tag(declaration, read) and _opaque(_tag(declaration, read)) not in _given(declaration, read) for read in reads
    ):
        yield blocked(requirement, last.id, reason="the entity tag changed meanwhile")
    elif not _all_forms(declaration, reads):
        yield blocked(requirement, last.id, reason="the entity tag was not sent in every form")
    else:
        expected = f"304, since {declaration.parameters['header']} is the current entity tag"
        yield broken(requirement, *(read.id for read in reversed(reads)), expected=expected, got="200", where="status")


def _readings(operation: Operation, declaration: BehaviourDeclaration, reads: list[Read]) -> Iterator[Seen]:
    """Tell of each 304 whether the tag was enough as it stands, or had to be quoted after it was not."""
    entry = declaration.parameters.get("ambiguity", "")
    is_bare_refused = False
    for read in reads if entry else ():
        if read.status == _UNCHANGED and not _is_quoted(declaration, read):
            yield Seen(operation.id, entry, "as-it-stands", read.id)
        elif read.status == _UNCHANGED and is_bare_refused:
            yield Seen(operation.id, entry, "quoted-alone", read.id)
        elif not _is_quoted(declaration, read):
            is_bare_refused = _tag(declaration, read) == "" or _opaque(_tag(declaration, read)) in _given(
                declaration, read
            )


def _all_forms(declaration: BehaviourDeclaration, reads: list[Read]) -> bool:
    """Tell whether a tag was sent as the ETag header has it, or else both as the body has it and in quotation marks."""
    shown_in_header = any(read.exchange.response and read.exchange.response.header("etag") for read in reads)
    forms = {_is_quoted(declaration, read) for read in reads}
    return True in forms if shown_in_header else len(forms) > 1


def _stable(case: Case, operation: Operation, declaration: BehaviourDeclaration, reads: list[Read]) -> Iterator[Mark]:
    """Compare the tags of successive answers to the same question, with no write between them."""
    requirement = f"{operation.id}/{_STABLE}"
    tagged = [read for read in reads if read.status == 200 and case.sound(read) and _tag(declaration, read)]
    for one, two in pairwise(tagged):
        if ids(one) != ids(two) or one.identity != two.identity or not is_quiet(case, one, two):
            continue
        first, second = _tag(declaration, one), _tag(declaration, two)
        if first == second:
            yield met(requirement, two.id, one.id)
        elif _rest(declaration, one) == _rest(declaration, two):
            expected = f"{shown(first)}, as in exchange {one.id}, since the rest is the same"
            where = "$" + declaration.parameters["tag"].replace("/", ".")
            yield broken(requirement, two.id, one.id, expected=expected, got=shown(second), where=where)


def _current(case: Case, declaration: BehaviourDeclaration, before: list[Read], read: Read) -> str:
    """Return the entity tag that the last answer to the same question showed, or the empty string."""
    for other in reversed(before):
        if ids(other) == ids(read) and other.status == 200 and _tag(declaration, other):
            return _tag(declaration, other) if is_quiet(case, other, read) else ""
    return ""


def _tag(declaration: BehaviourDeclaration, read: Read) -> str:
    """Return the entity tag of an answer: its ETag header, else the field of its body."""
    header = read.exchange.response.header("etag") if read.exchange.response is not None else None
    value = at(read.value, declaration.parameters["tag"])
    return header or (value if isinstance(value, str) else "")


def _raw(declaration: BehaviourDeclaration, read: Read) -> str:
    return read.argument("header", declaration.parameters["header"]) or ""


def _given(declaration: BehaviourDeclaration, read: Read) -> set[str]:
    """Return the opaque tags that a request names (RFC 9110 section 8.8.3), and `*`."""
    return {_opaque(part) for part in _raw(declaration, read).split(",") if part.strip()}


def _opaque(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"')


def _is_quoted(declaration: BehaviourDeclaration, read: Read) -> bool:
    return _raw(declaration, read).startswith(('"', "W/"))


def _rest(declaration: BehaviourDeclaration, read: Read) -> JSON:
    """Return the body of an answer without the entity tag."""
    body = copy.deepcopy(read.value)
    holder, _, name = declaration.parameters["tag"].rpartition("/")
    inner = at(body, holder) if holder else body
    if isinstance(inner, dict):
        inner.pop(name, None)
    return body


def mutants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Mutant]:
    """Yield a 304 that never comes, one that always does, one with content, and a tag that never stays."""
    yield Mutant("conditional.never", operation.id, f"{operation.id}/{_MATCH}")
    yield Mutant("conditional.never", operation.id, f"{operation.id}/{_ANY}")
    yield Mutant("conditional.always", operation.id, f"{operation.id}/{_NO_MATCH}")
    yield Mutant("conditional.content", operation.id, f"{operation.id}/{_CONTENT}")
    yield Mutant("conditional.unstable", operation.id, f"{operation.id}/{_STABLE}")


def variants(api: Api, operation: Operation, declaration: BehaviourDeclaration) -> Iterator[Variant]:
    """Yield the reading in which a tag of a body has to be quoted, and answers without a tag."""
    entry = declaration.parameters.get("ambiguity", "")
    yield from following(api, operation, entry, "quoted-alone", Line("conditional.quoted-alone", operation.id))
    line = Line("response.drop", operation.id, {"pointer": declaration.parameters["tag"]})
    yield Variant("no-tag", operation.id, (line,), "no source says that a body names its entity tag")
