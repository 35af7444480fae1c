"""Headers: how a credential is read, what a refusal of one says, and the client's own request id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import Api, Operation
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
from asdocumented.planning.context import Context
from asdocumented.plans import Call, Disguise
from asdocumented.reads.case import Case, shown
from asdocumented.reads.classify import Read
from asdocumented.reads.codes import BUSY
from asdocumented.reads.marks import Mark, blocked, broken, met
from asdocumented.requirement import CHALLENGE

CLIENT_ID = "headers/client-request-id"
SCHEME = "refusal/credential/scheme"
TWICE = "robustness/credential/repeated"
LOWER = "robustness/credential/lower-case"
_CHALLENGES = re.compile(
    r"[\s,]*[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:\s|,|\Z)"
)  # begins with a scheme (RFC 9110 section 11.3)


def probes(api: Api, operation: Operation) -> Iterator[Probe]:
    """Yield what is wrong with a credential by its form, the challenge of a 401, and the client's own id that comes back."""
    if operation.permission != "none" or operation.security == "basic":
        yield from _credentials(api, operation)
    own = api.client_request_id
    if own is not None:
        text = f"The {own.header} of a request comes back when its {own.asked_by} asks for it."
        yield Probe(
            CLIENT_ID,
            text,
            own.basis.reference,
            None,
            basis=own.basis,
            switch="response.header",
            arguments={"name": own.header, "value": None, "on": "any"},
            otherwise=tuple({"name": own.header, "value": each, "on": "any"} for each in ("", "asdocumented")),
        )


def _credentials(api: Api, operation: Operation) -> Iterator[Probe]:
    scheme = _scheme(api, operation)
    if scheme:
        text = f"A credential behind another scheme than {scheme} is refused with a 4xx."
        yield Probe(SCHEME, text, "RFC 9110 11.4", partial(_disguised, operation, Disguise.SCHEME), switch=ACCEPTED)
        text = "The name of the scheme is read without regard to letter case."
        yield Probe(
            LOWER,
            text,
            "RFC 9110 11.1",
            partial(_valid, operation),
            oddness=Oddness(_in_lower_case, frozenset({"credential"})),
            switch="credential.case-sensitive",
        )
    text = "Two credentials in one request cause no server error."
    yield Probe(TWICE, text, "RFC 9110 5.3", partial(_disguised, operation, Disguise.TWICE), switch=CRASH)
    text = "A 401 has a WWW-Authenticate with at least one challenge."
    switch = {"name": "www-authenticate", "value": None, "on": "error"}
    yield Probe(
        CHALLENGE,
        text,
        "RFC 9110 15.5.2",
        None,
        level=Level.MUST,
        conditional="a 401 must be seen",
        switch="response.header",
        arguments=switch,
        otherwise=tuple({**switch, "value": each} for each in ("", "asdocumented=;")),
    )


def _scheme(api: Api, operation: Operation) -> str:
    return "Basic" if operation.security == "basic" else str(api.credential["scheme"])


def _disguised(operation: Operation, disguise: Disguise, context: Context) -> Call:
    return replace(context.spare(operation), disguise=disguise)


def _valid(operation: Operation, context: Context) -> Call:
    """Return a call that has to succeed, so it shares nothing with those that are refused."""
    return context.valid(operation)


def _in_lower_case(context: Context, call: Call) -> Call:
    return replace(call, disguise=Disguise.LOWER)


def judge(case: Case, operation: Operation) -> Iterator[Mark]:
    """Look at every credential of a wrong or unusual form, at every 401, and at every request id that is asked for."""
    for requirement, read in refused_for(case, operation, SCHEME):
        yield judge_refusal(case, requirement, read)
    for requirement, read in odd_for(case, operation, TWICE):
        yield judge_survival(case, requirement, read)
    for read in case.about(operation):
        if LOWER in read.oddities and not read.causes and (read.succeeded or len(read.oddities) == 1):
            yield _lower(case, operation, read)
        if read.status == 401:
            yield _challenge(operation, read)
        yield from _client_id(case.api, operation, read)


def _lower(case: Case, operation: Operation, read: Read) -> Mark:
    requirement = f"{operation.id}/{LOWER}"
    if read.succeeded:
        return met(requirement, read.id)
    if case.control(read) is None:
        return case.uncontrolled(requirement, read)
    if read.status == 401:
        return broken(requirement, read.id, expected="the answer to the usual letter case", got="401", where="status")
    blocker = case.blocker(read)
    reason = "" if blocker else f"{read.status} says nothing about the credential"
    return blocked(requirement, read.id, reason=reason, blocker=blocker)


def _client_id(api: Api, operation: Operation, read: Read) -> Iterator[Mark]:
    own, request, answer = api.client_request_id, read.exchange.request, read.exchange.response
    if (
        own is None
        or answer is None
        or read.operation is None
        or read.status in BUSY
        or (read.oddities and 300 <= read.status < 500)  # what stands before the API may answer
        or (request.header(own.asked_by) or "").lower() != "true"
    ):
        return
    requirement, sent, got = f"{operation.id}/{CLIENT_ID}", request.header(own.header), answer.header(own.header)
    if sent and (got or "").lower() == sent.lower():
        yield met(requirement, read.id)
    elif sent:
        where = f"header {own.header}"
        yield broken(requirement, read.id, expected=sent, got=shown(got) if got else "none", where=where)


def _challenge(operation: Operation, read: Read) -> Mark:
    requirement = f"{operation.id}/{CHALLENGE}"
    value = (read.exchange.response.listed("www-authenticate") or "") if read.exchange.response else ""
    if _CHALLENGES.match(value):
        return met(requirement, read.id)
    got = shown(value) if value else "none"
    return broken(requirement, read.id, expected="a challenge", got=got, where="header www-authenticate")
