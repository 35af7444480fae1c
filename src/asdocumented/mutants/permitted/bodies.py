"""Bodies that say the same in another way, say more, or leave out what may be left out."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.model import JSON, Api, Operation
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
    for errors in (False, True):
        over = rules(api, operation, errors=errors)
        found: dict[str, Line] = {}
        for field in (each for rule in over for each in fields(api, rule.schema)):
            if _shows(api, operation, field, errors=errors) is not True and spared(api, operation, over, field):
                arguments = {"pointer": field.pointer, "value": sample(api, field.of), "on": _on(errors=errors)}
                found.setdefault(field.pointer, Line("body.filled-in", operation.id, arguments))
        lines = tuple(line for pointer, line in found.items() if not _is_below(pointer, found))
        if lines:
            yield Variant(f"every-field/{_on(errors=errors)}", operation.id, lines, "the definition has the fields")


def _lacking(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield answers without the fields that need not be there, apart by the profiles in which they need not be."""
    for errors in (False, True):
        over = rules(api, operation, errors=errors)
        found: dict[tuple[str, ...], dict[str, Line]] = {}
        for field in (each for rule in over for each in fields(api, rule.schema)):
            profiles = spared(api, operation, over, field)
            if profiles and _shows(api, operation, field, errors=errors) is not False and not _is_needed(api, field):
                arguments = {"pointer": field.pointer, "on": _on(errors=errors)}
                line = Line("response.drop", operation.id, arguments)
                found.setdefault(profiles, {}).setdefault(field.pointer, line)
        for profiles, lines in found.items():
            name = f"fewer-fields/{_on(errors=errors)}{'' if len(profiles) == len(PROFILES) else '/' + profiles[-1]}"
            left = tuple(line for pointer, line in lines.items() if not _is_below(pointer, lines))
            yield Variant(name, operation.id, left, "nothing that these profiles count says that it is there", profiles)


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


def _shows(api: Api, operation: Operation, field: Field, *, errors: bool) -> bool | None:
    """Tell whether the emulator shows a field; None where only its handlers know."""
    if not errors:
        return None
    return pointers.get(api.error_model.template, field.pointer.replace("*", "0"), _NOTHING) is not _NOTHING


_NOTHING: JSON = object()


def _is_needed(api: Api, field: Field) -> bool:
    """Tell whether errors are told apart by a field."""
    return f"{api.error_model.code}/".startswith(f"{field.pointer}/")


def _is_below(pointer: str, others: dict[str, Line]) -> bool:
    return any(pointer.startswith(f"{other}/") for other in others)


def _on(*, errors: bool) -> str:
    return "error" if errors else "success"
