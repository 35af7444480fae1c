"""Bodies that say the same in another way, say more, or leave out what may be left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asdocumented.contracts.model import JSON, Api, Operation, Response
from asdocumented.emulator import pointers
from asdocumented.mutant import Line, Variant
from asdocumented.mutants.permitted.fields import Field, fields, is_open, rules, sample, spared
from asdocumented.requirement import PROFILES

_ADDED = {"text": "of no definition", "list": [1, None, {"more": True}]}


def body_variants(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield bodies with fields that no definition has, in another order, with white space, and in escapes."""
    if all(is_open(api, rule) for errors in (False, True) for rule in rules(api, operation, errors=errors)):
        for name, value in (("notOfAnyDefinition", "more"), ("@not.of.any/definition", _ADDED)):
            line = Line("body.field-added", operation.id, {"name": name, "value": value})
            kind = "text" if isinstance(value, str) else "object"
            yield Variant(f"more-fields/{kind}", operation.id, (line,), "no definition is closed")
    order = (Line("body.reversed", operation.id),)
    yield Variant("fields-in-other-order", operation.id, order, "RFC 8259 4: an object is unordered")
    for form, section in (("spacious", "2: white space is allowed"), ("escaped", "7: any character may be escaped")):
        line = Line("body.text", operation.id, {"form": form})
        yield Variant(f"json/{form}", operation.id, (line,), f"RFC 8259 {section}")
    yield from _filled(api, operation)
    yield from _lacking(api, operation)
    yield from _null(api, operation)
    yield from _letter_case(api, operation)


def _filled(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield answers with every field that a definition has and that need not be there."""
    found: dict[str, Line] = {}
    for field, over, on in _bodies(api, operation):
        if on == "success" or not _shows(api, field):
            arguments = {"pointer": field.pointer, "value": sample(api, field.of), "on": on}
            if spared(api, operation, over, field):
                found.setdefault(f"{on}{field.pointer}", Line("body.filled-in", operation.id, arguments))
    lines = _outermost(found)
    if lines:
        yield Variant("every-field", operation.id, lines, "the definitions have the fields")


def _lacking(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield answers without the fields that need not be there, apart by the profiles in which they need not be."""
    found: dict[tuple[str, ...], dict[str, Line]] = {}
    needed = _needed(api, operation)
    for field, over, on in _bodies(api, operation):
        if any(f"{each}/".startswith(f"{field.pointer}/") for each in needed[on]) or (
            on == "error" and not _shows(api, field)
        ):
            continue
        profiles = spared(api, operation, over, field)
        line = Line("response.drop", operation.id, {"pointer": field.pointer, "on": on})
        found.setdefault(profiles, {}).setdefault(f"{on}{field.pointer}", line)
    for profiles in filter(None, found):
        name = "fewer-fields" if len(profiles) == len(PROFILES) else f"fewer-fields/{profiles[-1]}"
        because = "nothing that these profiles count says that the fields are there"
        yield Variant(name, operation.id, _outermost(found[profiles]), because, profiles)


def _bodies(api: Api, operation: Operation) -> Iterator[tuple[Field, tuple[Response, ...], str]]:
    """Yield every field of every body, with the rules of its kind and which answers they are about."""
    for errors in (False, True):
        over = rules(api, operation, errors=errors)
        for rule in over:
            for field in fields(api, rule.schema):
                yield field, over, "error" if errors else "success"


def _needed(api: Api, operation: Operation) -> dict[str, set[str]]:
    """Return the pointers without which behaviours see nothing, and without which errors are not told apart."""
    found = {pointer for each in operation.behaviours for pointer in _pointers(each.parameters)}
    for declaration in operation.behaviours:
        given = declaration.parameters
        write = api.operations.get(given.get("write", ""))
        items = f"{given['items']}/*" if "items" in given else ""
        found |= {f"{items}{given[key]}" for key in ("id", "field") if items and key in given}
        for echo in write.behaviour("echo") if write else ():
            found |= {f"{items}{each}" for each in echo.parameters["fields"]}
    return {"success": found, "error": {api.error_model.code}}


def _pointers(value: JSON) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("/"):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else ():
        yield from _pointers(inner)


def _null(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield null where a definition says that it may be."""
    for rule in rules(api, operation, errors=False):
        for field in fields(api, rule.schema):
            for pointer, of in ((field.pointer, field.of), (f"{field.pointer}/*", field.of.get("items", {}))):
                if isinstance(of.get("type"), list) and "null" in of["type"]:
                    line = Line("response.set", operation.id, {"pointer": pointer, "value": None})
                    yield Variant(f"null{pointer}", operation.id, (line,), "the definition has null")


def _letter_case(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield UUIDs in capitals: those of a definition, and those that the echo of a write compares without case."""
    found = {
        field.pointer
        for rule in rules(api, operation, errors=False)
        for field in fields(api, rule.schema)
        if field.of.get("format") == "uuid" or field.pointer in _ignoring(api, operation)
    }
    if found:
        lines = tuple(
            Line("body.letter-case", operation.id, {"pointer": each, "case": "upper"}) for each in sorted(found)
        )
        yield Variant("uuids-in-capitals", operation.id, lines, "RFC 9562 4: UUIDs are compared without case")


def _ignoring(api: Api, operation: Operation) -> set[str]:
    """Return the pointers into an answer whose values come from a write that compares them without case."""
    own = {each for echo in operation.behaviour("echo") for each in echo.parameters.get("ignore-case", ())}
    for declaration in operation.behaviours:
        given = declaration.parameters
        write = api.operations.get(given.get("write", ""))
        items = f"{given['items']}/*" if "items" in given else ""
        for echo in write.behaviour("echo") if write else ():
            own |= {f"{items}{each}" for each in echo.parameters.get("ignore-case", ())}
    return own


def _shows(api: Api, field: Field) -> bool:
    """Tell whether the emulator's errors have a field."""
    return pointers.get(api.error_model.template, field.pointer.replace("*", "0"), _NOTHING) is not _NOTHING


_NOTHING: JSON = object()


def _outermost(lines: Mapping[str, Line]) -> tuple[Line, ...]:
    """Return the lines whose fields are within no other field."""
    return tuple(line for place, line in lines.items() if not any(place.startswith(f"{other}/") for other in lines))
