"""Methods: what a path answers to methods that it has no operation for, and to those that every server knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import Api, Operation, Tier
from asdocumented.families.vocabulary import ACCEPTED, CRASH, NOT_IMPLEMENTED, Probe, judge_refusal, refused_for
from asdocumented.planning.context import Context
from asdocumented.plans import Call
from asdocumented.reads.case import Case, shown
from asdocumented.reads.classify import Read
from asdocumented.reads.codes import BUSY
from asdocumented.reads.marks import Mark, blocked, broken, met

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
UNSUPPORTED, ALLOW, HEAD, OPTIONS = "refusal/method", "method/allow", "method/head", "method/options"


def probes(api: Api, operation: Operation) -> Iterator[Probe]:
    """Yield another method, what a 405 has to say, and HEAD and OPTIONS."""
    unused = _unused_method(api, operation)
    if unused:
        text = "A request with the fault 'method' is refused with a 4xx."
        call = partial(_on_nothing, operation, unused)
        yield Probe(UNSUPPORTED, text, "RFC 9110 15.5.6", call, switch=ACCEPTED, shows=(ALLOW,))
    text = "A 405 has an Allow, which is a list of methods without the refused one."
    header = {"name": "allow", "value": None, "on": "error"}
    yield Probe(
        ALLOW,
        text,
        "RFC 9110 15.5.6",
        None,
        level=Level.MUST,
        conditional="a 405 must be seen",
        switch="response.header",
        arguments=header,
        otherwise=tuple({**header, "value": each} for each in ("GET;POST", *([f"GET, {unused}"] if unused else []))),
    )
    if operation.method == "GET":
        text = "HEAD is answered as GET is but without content, or refused as a method that the path does not have."
        call = partial(_same, operation, "HEAD")
        yield Probe(HEAD, text, "RFC 9110 9.3.2", call, tier=Tier.READ, switch=CRASH)
    text = "OPTIONS is answered with Allow, or refused; it causes no server error."
    call = partial(_same, operation, "OPTIONS")
    yield Probe(OPTIONS, text, "RFC 9110 9.3.7", call, tier=Tier.PROBE, switch=CRASH)


def _unused_method(api: Api, operation: Operation) -> str:
    used = {each.method for each in api.operations.values() if each.path == operation.path}
    return next((method for method in ("PATCH", "PUT", "GET") if method not in used), "")


def _on_nothing(operation: Operation, method: str, context: Context) -> Call:
    """Return a call to something that does not exist, where the path names anything: a server may know more methods."""
    call = context.with_body(context.base(operation), None)
    named = [each for each in operation.parameters if each.location == "path" and each.resource]
    if named:
        call = call.with_argument("path", named[-1].name, context.fresh(named[-1].resource))
    return replace(call, method=method)


def _same(operation: Operation, method: str, context: Context) -> Call:
    return replace(context.with_body(context.base(operation), None), method=method)


def judge(case: Case, operation: Operation) -> Iterator[Mark]:
    """Look at every answer to a method that the path has no operation for, at every 405, at HEAD and OPTIONS."""
    for requirement, read in refused_for(case, operation, UNSUPPORTED):
        yield _method(case, requirement, read)
    for read in case.about(operation):
        if read.status == 405:
            yield _allow(operation, read)
    for requirement, read in refused_for(case, operation, HEAD, OPTIONS):
        yield _safe_method(case, requirement, read)


def _method(case: Case, requirement: str, read: Read) -> Mark:
    """Judge the answer to a method without an operation: a 4xx, or 501 from a server that knows it nowhere."""
    control = case.control(read)
    if read.status == NOT_IMPLEMENTED and control is not None:
        return met(requirement, read.id, control.id)
    return judge_refusal(case, requirement, read)


def _allow(operation: Operation, read: Read) -> Mark:
    requirement = f"{operation.id}/{ALLOW}"
    value = read.exchange.response.listed("allow") if read.exchange.response else None
    asked = read.exchange.request.method
    expected = f"a list of methods without {asked}"
    where = "header allow"
    if value is None:
        return broken(requirement, read.id, expected=expected, got="no Allow", where=where)
    methods = {each.strip() for each in value.split(",")} - {""}  # an empty element is none (RFC 9110 section 5.6.1)
    # It may be empty, and may leave out what an existing thing would allow (RFC 9110 section 10.2.1).
    right = asked not in methods and all(map(_TOKEN.fullmatch, methods))
    return (
        met(requirement, read.id)
        if right
        else broken(requirement, read.id, expected=expected, got=shown(value), where=where)
    )


def _safe_method(case: Case, requirement: str, read: Read) -> Mark:
    answer = read.exchange.response
    if answer is None or read.status in BUSY:
        return blocked(requirement, read.id, reason="there is no answer to the request itself")
    if read.status >= 500 and read.status != NOT_IMPLEMENTED:
        expected = "no server error; 405 or 501 where the method is not there"
        return broken(requirement, read.id, expected=expected, got=str(read.status), where="status")
    if read.exchange.request.method == "HEAD" and answer.body:
        return broken(requirement, read.id, expected="no content", got=f"{len(answer.body)} bytes", where="body")
    told = answer.header("allow") or answer.header("access-control-allow-methods")
    if read.exchange.request.method == "OPTIONS" and read.status < 300 and not told:
        return broken(requirement, read.id, expected="the methods in Allow", got="no Allow", where="header allow")
    control = case.control(read)
    return met(requirement, read.id, control.id) if control else case.uncontrolled(requirement, read)
