"""The readings of the register that show in an answer by itself: a body of another shape, and another success.

Which line follows a reading is told by where it shows: an alternative that a contract gives for a status is a form of an
error with that status, and a reading of `response/status` is that status. Readings that behaviours judge are followed by lines of
their behaviours, which know what their switches do; a contract says nothing of an emulator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asdocumented.behaviours.vocabulary import following
from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import JSON, Alternative, Api, Operation, Response
from asdocumented.mutant import Line, Variant
from asdocumented.mutants.permitted.fields import sample


def reading_variants(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield the emulators that follow each such reading."""
    for rule in operation.responses.values():
        for alternative in rule.alternatives:
            template = error_form(api, alternative)
            arguments = {"template": template, "statuses": list(alternative.statuses)}
            line = Line("error.form", operation.id, arguments)
            yield from following(api, operation, alternative.ambiguity, alternative.reading, line)
    successes = _interchangeable(operation)
    for entry in operation.ambiguities.values():
        for reading in entry.readings if entry.seen_in == "response/status" else ():
            others = [each for each in successes if each.key != reading.name]
            if len(others) < len(successes):
                lines = (
                    Line("response.status", operation.id, {"status": int(reading.name), "from": int(each.key)})
                    for each in others
                )
                yield from following(api, operation, entry.id, reading.name, *lines)


def _interchangeable(operation: Operation) -> list[Response]:
    """Return the successes that say the same: those without content."""
    return [each for each in operation.successes if not each.media_types and each.key.startswith("2")]


def error_form(api: Api, alternative: Alternative) -> JSON:
    """Return a template of an error of another shape: its code and its message by the names that the API has for them."""
    model = api.error_model
    placeholders = {model.code.rpartition("/")[2]: "$code", model.message.rpartition("/")[2]: "$message"}
    name = referenced(alternative.schema)
    body = api.definitions[name] if name else alternative.schema
    return {field: placeholders.get(field) or _filler(api, of) for field, of in body.get("properties", {}).items()}


def _filler(api: Api, of: JSON) -> JSON:
    """Return what stands in a field that an error says nothing in: null where that is allowed."""
    kinds = of.get("type") if isinstance(of, Mapping) else None
    return None if kinds == "null" or (isinstance(kinds, list) and "null" in kinds) else sample(api, of)
