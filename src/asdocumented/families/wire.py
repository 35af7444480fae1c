"""Wire: requests that no client sends. They are intrusive, so a target gets them only where its description says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import Api, Operation
from asdocumented.families.vocabulary import ACCEPTED, Probe, judge_refusal, refused_for
from asdocumented.planning.context import Context
from asdocumented.plans import Call
from asdocumented.reads.case import Case
from asdocumented.reads.classify import Read
from asdocumented.reads.codes import BUSY
from asdocumented.reads.marks import Mark, blocked, broken, met

_CREDENTIAL = re.compile(r"«(?:token|basic):[a-z0-9-]+»")
DOTS, LENGTH, TRACE = "wire/dot-segments", "wire/content-length", "wire/trace"


def probes(api: Api, operation: Operation) -> Iterator[Probe]:
    """Yield a path with dot segments, a Content-Length that is no number, and TRACE."""
    if operation.permission != "none":
        text = "A path with dot segments leads nobody past the check of credentials."
        call = partial(_dotted, operation)
        yield Probe(DOTS, text, "RFC 3986 6.2.2.3", call, level=Level.MUST, intrusive=True, switch=ACCEPTED)
    text = "A Content-Length that is not digits alone is refused, or the connection is closed."
    call = partial(_wrong_length, operation)
    yield Probe(LENGTH, text, "RFC 9112 6.3", call, level=Level.MUST, intrusive=True, switch=ACCEPTED)
    text = "TRACE is refused, or answered without the credential of the request."
    call = partial(_trace, operation)
    yield Probe(TRACE, text, "RFC 9110 9.3.8", call, intrusive=True, switch=ACCEPTED)


def _on_nothing(operation: Operation, context: Context) -> Call:
    """Return a call without a body to something that does not exist, where the path names anything."""
    call = context.with_body(context.base(operation), None)
    named = [each for each in operation.parameters if each.location == "path" and each.resource]
    return call.with_argument("path", named[-1].name, context.fresh(named[-1].resource)) if named else call


def _dotted(operation: Operation, context: Context) -> Call:
    """Return the call of somebody without a credential, through a segment that leads back.

    But for that it is valid: on what does not exist, whoever got past the check would be told so, and look refused.
    """
    call = context.spare(operation).as_identity("anonymous")
    path = call.target.partition("?")[0]
    framed = call.also(headers=(("content-length", str(len(call.body))),)) if call.body else call
    return replace(framed, raw_path=f"{path}/../{path.rpartition('/')[2]}")


def _wrong_length(operation: Operation, context: Context) -> Call:
    """Return a valid call whose length is written with a sign, which lenient parsers of numbers take."""
    call = context.spare(operation)
    return call.also(headers=(("content-length", f"+{len(call.body)}"),))


def _trace(operation: Operation, context: Context) -> Call:
    return replace(_on_nothing(operation, context), method="TRACE")


def judge(case: Case, operation: Operation) -> Iterator[Mark]:
    """Look at every request that no client sends; one that ends the connection has no answer, which is a refusal too."""
    for requirement, read in refused_for(case, operation, DOTS):
        yield _dots_answer(case, requirement, read)
    for requirement, read in refused_for(case, operation, TRACE):
        yield _trace_answer(case, requirement, read)
    for read in case.about(operation, answered=False):
        if read.causes == (LENGTH,) and read.operation is None:
            yield _length_answer(case, f"{operation.id}/{LENGTH}", read)


def _dots_answer(case: Case, requirement: str, read: Read) -> Mark:
    """Take a redirect to the tidy path as a refusal, since it lets nobody in."""
    control = case.control(read)
    if 300 <= read.status < 400 and control is not None:
        return met(requirement, read.id, control.id)
    return judge_refusal(case, requirement, read)


def _trace_answer(case: Case, requirement: str, read: Read) -> Mark:
    answer = read.exchange.response
    if read.status >= 400 or answer is None:
        return _refused(case, requirement, read)
    told = [answer.body.decode("utf-8", "replace"), *(value for _, value in answer.headers)]
    if any(_CREDENTIAL.search(each) for each in told):
        return broken(
            requirement, read.id, expected="no credential", got="the credential of the request", where="answer"
        )
    return met(requirement, read.id)


def _length_answer(case: Case, requirement: str, read: Read) -> Mark:
    if read.exchange.environmental:
        return blocked(requirement, read.id, reason=f"environment: {read.exchange.failure}")
    if read.exchange.response is None:
        return _refused(case, requirement, read)
    if read.status < 400:
        return broken(requirement, read.id, expected="400, or no answer", got=str(read.status), where="status")
    return _refused(case, requirement, read)


def _refused(case: Case, requirement: str, read: Read) -> Mark:
    """Take a refusal of any kind, a 501 and a closed connection too, if something like the request succeeds."""
    if read.status in BUSY or (read.status >= 500 and read.status != 501):
        return blocked(requirement, read.id, reason=f"{read.status} is no refusal of this fault")
    control = case.control(read)
    return met(requirement, read.id, control.id) if control else case.uncontrolled(requirement, read)
