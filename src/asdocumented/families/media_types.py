"""Media types: in which forms a request body is taken, and how one that cannot be read is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from asdocumented.contracts.fields import Field, walk
from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.families.vocabulary import (
    ACCEPTED,
    CRASH,
    Oddness,
    Probe,
    judge_refusal,
    judge_survival,
    odd_for,
    refused_for,
)
from asdocumented.planning.combining import MEDIA_TYPE, odd_text, touched
from asdocumented.planning.context import Context
from asdocumented.plans import Call, UnplannableError
from asdocumented.reads.case import Case
from asdocumented.reads.marks import Mark
from asdocumented.reads.oddities import ODDITIES, Oddity, is_free
from asdocumented.requirement import CHARSET

_REFERENCE = "RFC 9110 15.5.1"
_ODD = "robustness/body/"
Maker = Callable[[Context], Call]


def probes(api: Api, operation: Operation) -> Iterator[Probe]:
    """Yield the bodies that have to be taken, those that have to be refused, and those that must break nothing."""
    contract = operation.body
    if contract is None:
        return
    text = "A body whose media type names the charset UTF-8 is taken as one without."
    yield Probe(
        CHARSET,
        text,
        "RFC 8259 11",
        partial(_valid, operation),
        oddness=Oddness(_with_charset, frozenset({MEDIA_TYPE})),
        switch="request.refuse",
        arguments={"parameter": "content-type charset"},
    )
    for fault, reference, call in _faults(api, operation):
        text = f"A request with the fault 'body/{fault}' is refused with a 4xx."
        yield Probe(f"refusal/body/{fault}", text, reference, call, switch=ACCEPTED)
    yield from _oddities(api, operation)


def _faults(api: Api, operation: Operation) -> Iterator[tuple[str, str, Maker]]:
    """Yield each fault that a body can have: as a text, as a type, in what it lacks, in the form of a field."""
    contract = operation.body
    if contract is None:
        return
    yield "malformed", _REFERENCE, partial(_raw, operation, b'{"')
    yield "invalid", _REFERENCE, partial(_raw, operation, b"[]")
    yield "media-type", "RFC 9110 15.5.16", partial(_other_type, operation)
    if contract.required:
        yield "missing", _REFERENCE, partial(_raw, operation, b"")
    for field in walk(api.definitions, contract.schema):
        if field.required:
            yield f"{field.pointer[1:]}/missing", _REFERENCE, partial(_lacking, operation, field)
        yield f"{field.pointer[1:]}/malformed", _REFERENCE, partial(_of_wrong_type, operation, field)


def _oddities(api: Api, operation: Operation) -> Iterator[Probe]:
    """Yield what is odd about a body: how it is written down, and each kind of odd text in all its fields."""
    text = "A body that is compressed is read or refused; it causes no server error."
    yield Probe(f"{_ODD}compressed", text, "RFC 9110 15.5.16", partial(_compressed, operation), switch=CRASH)
    text = "A body without a Content-Type is read or refused; it causes no server error."
    yield Probe(f"{_ODD}untyped", text, "RFC 9110 8.3", partial(_untyped, operation), switch=CRASH)
    free = tuple(
        each for each in walk(api.definitions, operation.body.schema if operation.body else {}) if is_free(each.schema)
    )
    for kind in ODDITIES if free else ():
        if "body" in kind.locations:
            text = f"Texts in the body with {kind.text} cause no server error."
            oddness = Oddness(partial(_made_odd, kind, free), touched("body", kind))
            call = partial(_full, operation)
            yield Probe(f"{_ODD}{kind.name}", text, kind.reference, call, oddness=oddness, switch=CRASH)


def _full(operation: Operation, context: Context) -> Call:
    return context.base(operation, full=True)


def _valid(operation: Operation, context: Context) -> Call:
    """Return a call that has to succeed, so it shares nothing with those that are refused."""
    return context.valid(operation, body=context.bodies.draw(operation, full=True))


def _with_charset(context: Context, call: Call) -> Call:
    return replace(call, content_type=f"{call.content_type}; charset=utf-8")


def _untyped(operation: Operation, context: Context) -> Call:
    return replace(_full(operation, context), content_type="")


def _raw(operation: Operation, body: bytes, context: Context) -> Call:
    media = operation.body.media_types[0] if operation.body else ""
    return replace(context.base(operation), body=body, content_type=media)


def _other_type(operation: Operation, context: Context) -> Call:
    return replace(context.base(operation), body=b"<request/>", content_type="application/xml")


def _compressed(operation: Operation, context: Context) -> Call:
    call = _full(operation, context)
    return replace(call, body=gzip.compress(call.body, mtime=0)).also(headers=(("content-encoding", "gzip"),))


def _changed(call: Call, context: Context, change: Callable[[dict[str, JSON], str], None], *pointers: str) -> Call:
    """Return a full valid call with something done to some fields of its body."""
    body = json.loads(call.body)
    for pointer in pointers:
        *parents, last = pointer[1:].split("/")
        holder = body
        for part in parents:
            holder = holder.get(part)
        if not isinstance(holder, dict) or last not in holder:
            raise UnplannableError(f"a valid body has no {pointer} here")
        change(holder, last)
    return replace(context.with_body(call, body), content_type=call.content_type)


def _lacking(operation: Operation, field: Field, context: Context) -> Call:
    full = _full(operation, context)
    return _changed(full, context, lambda holder, name: holder.__delitem__(name), field.pointer)


def _of_wrong_type(operation: Operation, field: Field, context: Context) -> Call:
    wrong = [] if field.is_text else "asdocumented"
    full = _full(operation, context)
    return _changed(full, context, lambda holder, name: holder.__setitem__(name, wrong), field.pointer)


def _made_odd(kind: Oddity, fields: tuple[Field, ...], context: Context, call: Call) -> Call:
    pointers = (each.pointer for each in fields)
    return _changed(
        call, context, lambda holder, name: holder.__setitem__(name, kind.make(odd_text(holder[name]))), *pointers
    )


def judge(case: Case, operation: Operation) -> Iterator[Mark]:
    """Look at every request whose one fault or one oddity is in its body; a named charset is for acceptance to judge."""
    for requirement, read in refused_for(case, operation, "refusal/body"):
        yield judge_refusal(case, requirement, read)
    for requirement, read in odd_for(case, operation, "robustness/body"):
        yield judge_survival(case, requirement, read)
