"""What is wrong with a request, and what is odd about it, found in the recorded request itself.

A fault is a reason for which a target may refuse (`refusal/query/api-version/missing`). An oddity is something that no page
speaks of (`robustness/path/link/over-long`): a target may take it or refuse it, so that neither answer counts against it.
Both are named as the requirements that they bear on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import JSON, Api, Operation, Parameter
from asdocumented.reads.oddities import is_free, of_body, of_parameter
from asdocumented.reads.strict_json import parse
from asdocumented.reads.validating import coerce, validators
from asdocumented.traces import Request

Arguments = Mapping[tuple[str, str], tuple[str, ...]]
Known = Callable[[str, str], bool]
"""Tells whether a pool of the target holds a value, which is then not odd however it looks."""

NO_ODDITY: Known = lambda pool, value: False  # noqa: E731 - the one default of a parameter
UNDECLARED_FIELD = "undeclared-field"
"""An oddity without a requirement of its own: that a field which no definition names may be refused, and may be taken."""
MISLABELLED = "mislabelled-body"
"""An oddity likewise: that a body which is what the page asks for, under another media type, may be refused or taken."""
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Faults:
    """What was found: the faults, the oddities, and the body as far as it could be read."""

    causes: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()
    body: JSON = None


def find(api: Api, operation: Operation, request: Request, arguments: Arguments, known: Known) -> Faults:
    """Return everything that is wrong or odd with a request of an operation, but for who sends it and what it refers to."""
    causes = list(_credential(api, operation, request))
    oddities = [each for each in causes if each.startswith("robustness/")] + list(_extras(operation, arguments))
    causes = [each for each in causes if each not in oddities]
    for parameter in operation.parameters:
        name = parameter.name.lower() if parameter.location == "header" else parameter.name
        values = arguments.get((parameter.location, name), ())
        fault = _fault(api, parameter, values)
        if fault:
            causes.append(f"refusal/{parameter.location}/{parameter.name}/{fault}")
        elif len(values) > 1 and parameter.schema.get("type") != "array":
            oddities.append(f"robustness/{parameter.location}/{parameter.name}/repeated")
        elif values and not known(parameter.resource, values[0]):
            place = f"robustness/{parameter.location}/{parameter.name}"
            oddities += (f"{place}/{each}" for each in of_parameter(parameter, values[0]))
    body = _body(api, operation, request, known)
    return Faults((*causes, *body.causes), (*oddities, *body.oddities), body.body)


def _credential(api: Api, operation: Operation, request: Request) -> Iterator[str]:
    """Yield what is wrong with how the credential is sent; whose it is, is not asked here."""
    basic = operation.security == "basic"
    header = "authorization" if basic else api.credential["header"].lower()
    values = [value for name, value in request.headers if name.lower() == header]
    scheme = "Basic" if basic else api.credential["scheme"]
    given = values[0].partition(" ")[0] if values else ""
    if len(values) > 1:
        yield "robustness/credential/repeated"
    elif scheme and given.lower() != scheme.lower() and values:
        yield "refusal/credential/scheme"
    elif scheme and given != scheme and values:
        yield "robustness/credential/lower-case"


def _extras(operation: Operation, arguments: Arguments) -> Iterator[str]:
    declared = {each.name for each in operation.parameters if each.location == "query"} | set(operation.query)
    if any(location == "query" and name not in declared for location, name in arguments):
        yield "robustness/query/undeclared"


def _fault(api: Api, parameter: Parameter, values: tuple[str, ...]) -> str:
    """Return what is wrong with a parameter by itself, or the empty string."""
    if parameter.location == "header" and values == ("",):
        return ""  # an empty header field is a field that is not there, as recorded clients send it
    if not values:
        return "missing" if parameter.required else ""
    fits = [validators(api).valid(parameter.schema, coerce(parameter.schema, each)) for each in values]
    if any(fits):
        return ""  # of several values a target may take any
    return "empty" if values == ("",) else "malformed"


PAGES = ("text/html", "application/xhtml+xml")
"""The media types of what a browser shows, in which no API answers here."""


def media_type(value: str | None) -> str:
    """Return the type and subtype of a Content-Type value, in lower case and without parameters (RFC 9110 8.3.1)."""
    return (value or "").partition(";")[0].strip().lower()


def names_charset(value: str | None) -> bool:
    """Tell whether a Content-Type has a charset, of which no page speaks."""
    return "charset" in (value or "").lower()


def _body(api: Api, operation: Operation, request: Request, known: Known) -> Faults:
    contract = operation.body
    if contract is None:
        return Faults()
    if not request.body:
        return Faults(("refusal/body/missing",) if contract.required else ())
    odd = tuple(_coding(request))
    if "robustness/body/compressed" in odd:
        return Faults((), odd)
    given = media_type(request.header("content-type"))
    if given and given not in contract.media_types:
        parsed = parse(request.body)
        if not parsed.problems and validators(api).valid(contract.schema, parsed.value):
            return Faults((), (*odd, MISLABELLED), parsed.value)
        return Faults(("refusal/body/media-type",), odd)
    parsed = parse(request.body)
    if parsed.problems:
        return Faults(("refusal/body/malformed",), odd)
    value = parsed.value
    if not contract.required and value == {}:
        return Faults((), odd, value)
    causes = tuple(f"refusal/body{each}" for each in _field_faults(api, contract.schema, value, ""))
    if not causes and not validators(api).valid(contract.schema, value):
        causes = ("refusal/body/invalid",)
    if not _all_declared(api, contract.schema, value):
        odd = (*odd, UNDECLARED_FIELD)
    texts = [
        text for pool, text in _free_texts(api, contract.schema, value, "", contract.draws) if not known(pool, text)
    ]
    return Faults(causes, (*odd, *(f"robustness/body/{each}" for each in of_body(texts))), value)


def _all_declared(api: Api, schema: JSON, value: JSON) -> bool:
    """Tell whether a body has no field but those that its definitions name; no page says what another one does."""
    name = referenced(schema)
    properties = (api.definitions[name] if name else schema).get("properties")
    if not isinstance(value, dict) or properties is None:
        return True
    return all(each in properties and _all_declared(api, properties[each], value[each]) for each in value)


def _coding(request: Request) -> Iterator[str]:
    """Yield what is odd about how a body is written down."""
    if (request.header("content-encoding") or "identity").strip().lower() != "identity":
        yield "robustness/body/compressed"
    kind = request.header("content-type")
    if not media_type(kind):
        yield "robustness/body/untyped"
    charset = _CHARSET.search(kind or "")
    if charset and charset.group(1).lower() not in ("utf-8", "utf8"):
        yield "robustness/body/charset"


def _field_faults(api: Api, schema: JSON, value: JSON, pointer: str) -> Iterator[str]:
    """Yield `/field/missing` for each required field that is not there, and `/field/malformed` for each of a wrong form."""
    name = referenced(schema)
    schema = api.definitions[name] if name else schema
    if not isinstance(value, dict):
        return
    for field in schema.get("required", ()):
        if field not in value:
            yield f"{pointer}/{field}/missing"
    for field, inner in schema.get("properties", {}).items():
        if field not in value:
            continue
        below = list(_field_faults(api, inner, value[field], f"{pointer}/{field}"))
        yield from below
        if not below and not _is_marker(value[field]) and not validators(api).valid(inner, value[field]):
            yield f"{pointer}/{field}/malformed"


def _is_marker(value: JSON) -> bool:
    """Tell whether a value was a secret, so that its form is no longer known."""
    return isinstance(value, str) and value.startswith("«secret:")


def _free_texts(
    api: Api, schema: JSON, value: JSON, pointer: str, draws: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield each text of a body whose schema takes any, with the pool that it should be from."""
    name = referenced(schema)
    schema = api.definitions[name] if name else schema
    if isinstance(value, str) and is_free(schema):
        yield draws.get(pointer, ""), value
    for field, inner in schema.get("properties", {}).items():
        if isinstance(value, dict) and field in value:
            yield from _free_texts(api, inner, value[field], f"{pointer}/{field}", draws)
