"""Show one case: the exchanges that came of it, what the judge says about them, and a curl line that repeats it."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.corpus.cases import Case
from asdocumented.corpus.counting import Replayed
from asdocumented.corpus.machines import Walk
from asdocumented.reads.marks import Mark, Outcome
from asdocumented.report.curl import Credential, curl_line
from asdocumented.report.escaping import shortened, visible
from asdocumented.running import Run
from asdocumented.traces import Exchange, Headers

_WORDS = {
    Outcome.FINDING: "breaks",
    Outcome.MET: "meets",
    Outcome.BLOCKED: "leaves open",
    Outcome.ERROR: "could not judge",
}


def case_lines(run: Run, replayed: Replayed) -> Iterator[str]:
    """Yield the lines on one replayed case of a run."""
    exchanges = {each.id: each for each in run.execution.trace.exchanges}
    yield from heading(replayed.case, run.options.seed)
    for number in replayed.exchanges:
        yield from exchange_lines(exchanges[number], run.target.curl_credential)
    yield from _marks(run, replayed)


def heading(case: Case | Walk, seed: int) -> Iterator[str]:
    """Yield what a case is, the seed that its run drew from, and what it once broke."""
    yield f"Case {case.id}: {case.kind}, {visible(case.why)}; seed {seed}"
    if case.requirement:
        yield f"  once broke {case.requirement}"


def exchange_lines(exchange: Exchange, credential: Credential) -> Iterator[str]:
    """Yield a request and its response as they went over the wire, and the curl line of the request."""
    request, response = exchange.request, exchange.response
    yield ""
    yield f"  > {request.method} {visible(request.target)}"
    yield from _message("  > ", request.headers, request.body)
    if response is None:
        yield f"  < no response: {visible(exchange.failure)}"
    else:
        yield f"  < {response.status}"
        yield from _message("  < ", response.headers, response.body)
    yield f"  {visible(curl_line(exchange, credential))}"


def _message(prefix: str, headers: Headers, body: bytes) -> Iterator[str]:
    for name, value in headers:
        yield f"{prefix}{visible(name)}: {visible(value)}"
    if body:
        yield f"{prefix}{shortened(body.decode('utf-8', errors='replace'), 2000)}"


def _marks(run: Run, replayed: Replayed) -> Iterator[str]:
    own = bearing(run, replayed)
    yield ""
    yield f"  It bears on {len(own)} requirements:" if own else "  It bears on no requirement."
    order = list(_WORDS)
    for mark in sorted(own, key=lambda each: (order.index(each.outcome), each.requirement)):
        yield f"  {_WORDS[mark.outcome]:<16} {run.requirements[mark.requirement].level:<6} {mark.requirement}"
        if mark.finding is not None:
            finding = mark.finding
            yield f"{'':20}expected {visible(finding.expected)}, got {visible(finding.got)} ({visible(finding.where)})"
        elif mark.outcome is not Outcome.MET and (mark.reason or mark.blocker):
            yield f"{'':20}{visible(mark.reason or f'blocked by {mark.blocker}')}"


def _own(replayed: Replayed) -> set[int]:
    """Return the exchanges that a case is about; a walk is about all of its own."""
    return set(replayed.exchanges) if isinstance(replayed.case, Walk) else {replayed.own}


def bearing(run: Run, replayed: Replayed) -> list[Mark]:
    """Return what the judge says on the ground of a case's own exchange, once for each requirement and outcome."""
    found = {
        (mark.requirement, mark.outcome): mark
        for mark in run.judgement.marks
        if mark.requirement in run.requirements and _own(replayed) & set(mark.exchanges)
    }
    return list(found.values())
