"""Read the answers to a preflight: what they say of the operation, of what was asked for, of the credential and of the time."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from asdocumented.contracts.model import Api
from asdocumented.planning.needing import named_in, subject_of
from asdocumented.preflight.checks import Check, Kind, State
from asdocumented.preflight.probing import Probe, sourced_code
from asdocumented.reads.classify import at
from asdocumented.reads.faults import PAGES, media_type
from asdocumented.reads.strict_json import parse
from asdocumented.traces import Exchange, Response

__all__ = ["clock_check", "elsewhere", "read_answer"]

_SKEW = 300.0  # seconds that two clocks may differ: the leeway that token services grant
_OPERATION = "See that the base URL is that of this API and of this release, or leave the operation out of operations."
_CREDENTIAL = "See that the identity has what asdoc plan names under permissions."
_ADDRESS = "See that the base URL is that of the API itself, and that nothing in between asks for a login of its own."
_SERVER = "See that the server is well, and look again."


def read_answer(api: Api, probe: Probe, exchange: Exchange) -> Iterator[Check]:
    """Yield what the answer to one probe says."""
    response = exchange.response
    if not probe.reads:
        if response is not None and response.status == 404 and _code(api, response) == sourced_code(api):
            yield _no_operation(api, probe, response)
        return
    if response is None:
        yield _operation(probe, State.DOUBT, f"{_named(probe)} got no answer: {exchange.failure}", _SERVER)
    elif response.status == 404:
        yield _not_found(api, probe, response)
    elif response.status in (401, 403):
        text = f"{_named(probe)} is refused with {response.status} to the identity '{probe.step.call.identity}'"
        yield Check(Kind.CREDENTIAL, api.name, probe.step.call.identity, State.DOUBT, text, _CREDENTIAL)
    elif elsewhere(exchange):
        text = f"{_named(probe)} is redirected to {elsewhere(exchange)}, where no credential goes"
        yield _operation(probe, State.DOUBT, text, _ADDRESS)
    elif media_type(response.header("content-type")) in PAGES:
        text = f"{_named(probe)} is answered with a page ({response.status}, {response.header('content-type')})"
        yield _operation(probe, State.DOUBT, text, _ADDRESS)
    elif 200 <= response.status < 300:
        yield _operation(probe, State.GOOD, "is there")
        yield from _present(probe)
    else:
        yield _operation(probe, State.DOUBT, f"{_named(probe)} is answered with {response.status}", _SERVER)


def elsewhere(exchange: Exchange) -> str:
    """Return the origin of another server to which an answer redirects, or the empty string."""
    response = exchange.response
    if response is None or not 300 <= response.status < 400:
        return ""
    try:
        here, there = (urlsplit(each) for each in (exchange.server, response.header("location") or ""))
    except ValueError:
        return ""
    is_other = bool(there.netloc) and (there.scheme, there.netloc) != (here.scheme, here.netloc)
    return f"{there.scheme}://{there.hostname}" if is_other else ""


def _named(probe: Probe) -> str:
    return f"a valid {probe.operation.name}"


def _operation(probe: Probe, state: State, text: str, remedy: str = "") -> Check:
    return Check(Kind.OPERATION, probe.operation.api, probe.operation.name, state, text, remedy)


def _present(probe: Probe) -> Iterator[Check]:
    """Yield the resources of the path that a success shows to exist."""
    names = {each.resource for each in probe.operation.parameters if each.location == "path"}
    for pool, value in named_in(probe.step.call):
        if pool in names:
            yield Check(Kind.RESOURCE, probe.operation.api, value, State.GOOD, "exists", pool=pool)


def _code(api: Api, response: Response) -> str:
    """Return the code of an error in the form of the API, or the empty string."""
    parsed = parse(response.body) if response.body else None
    found = at(parsed.value, api.error_model.code) if parsed is not None and parsed.usable else None
    return found.removeprefix(api.error_model.prefix) if isinstance(found, str) else ""


def _not_found(api: Api, probe: Probe, response: Response) -> Check:
    """Tell what a 404 to a valid read means: no such operation, or nothing under the id that the target's file names."""
    code = _code(api, response)
    codes = {name: each["code"] for name, each in api.error_model.codes.items() if each["status"] == 404}
    if not code or code == codes.get("route-missing"):
        return _no_operation(api, probe, response)
    named = {pool: value for pool, value in named_in(probe.step.call) if f"{pool}-missing" in codes}
    last = subject_of(probe.operation)
    said = [pool for pool in named if codes[f"{pool}-missing"] == code]
    pool = said[-1] if len(said) == 1 else last.resource if last is not None else ""
    if not pool or pool not in dict(named_in(probe.step.call)):
        return _operation(probe, State.DOUBT, f"{_named(probe)} is answered with 404 ({code})", _OPERATION)
    value = dict(named_in(probe.step.call))[pool]
    text = f"the {pool} {value!r} does not exist: {probe.operation.name} is answered with 404 ({code})"
    remedy = f"Name one that exists as resources.{pool}, or create it."
    return Check(Kind.RESOURCE, api.name, value, State.MISSING, text, remedy, pool)


def _no_operation(api: Api, probe: Probe, response: Response) -> Check:
    code = _code(api, response)
    why = f"404 ({code})" if code else "404 and no error of the API"
    said = f" ({api.removed})" if api.removed else ""
    text = f"the target has no {probe.operation.name}{said}: a request is answered with {why}"
    return _operation(probe, State.MISSING, text, _OPERATION)


def clock_check(api: str, exchange: Exchange, now: float) -> Check | None:
    """Compare the Date of an answer that has just come with the system's clock; None for an answer without one."""
    date = exchange.response.header("date") if exchange.response is not None else None
    try:
        seconds = parsedate_to_datetime(date).timestamp() - now if date else None
    except ValueError:
        seconds = None
    if seconds is None:
        return None
    if abs(seconds) <= _SKEW:
        return Check(Kind.CLOCK, api, exchange.server, State.GOOD, "the server's clock and this one agree")
    way = "ahead of" if seconds > 0 else "behind"
    text = f"the clock of {exchange.server} is {abs(seconds) / 60:.0f} minutes {way} this one, so that tokens may be refused"
    return Check(Kind.CLOCK, api, exchange.server, State.DOUBT, text, "Set the clock that is wrong.")
