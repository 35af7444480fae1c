"""Compiled validators for the schemas of a contract, and texts as the JSON values that a schema describes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import jsonschema_rs

from asdocumented.contracts.definitions import rooted, rooted_definitions
from asdocumented.contracts.model import JSON, Api


@dataclass(slots=True)
class Validators:
    """Compiled validators for the schemas of one API, made when they are first needed."""

    definitions: Mapping[str, JSON]
    _registry: jsonschema_rs.Registry | None = None
    _made: dict[str, jsonschema_rs.Draft202012Validator] = field(default_factory=dict)

    def valid(self, schema: JSON, value: JSON) -> bool:
        """Tell whether a value fits a schema of the contract; formats are asserted."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._made:
            if self._registry is None:
                self._registry = jsonschema_rs.Registry(rooted_definitions(self.definitions))
            self._made[key] = jsonschema_rs.Draft202012Validator(
                rooted(schema), validate_formats=True, registry=self._registry
            )
        return self._made[key].is_valid(value)


_VALIDATORS: dict[int, tuple[Mapping[str, JSON], Validators]] = {}


def validators(api: Api) -> Validators:
    """Return the API's validators; they are compiled once for each loaded contract."""
    known = _VALIDATORS.get(id(api.definitions))
    if known is None or known[0] is not api.definitions:
        known = _VALIDATORS[id(api.definitions)] = (api.definitions, Validators(api.definitions))
    return known[1]


def coerce(schema: Mapping[str, JSON], text: str) -> JSON:
    """Return a parameter's text as the JSON value that its schema describes; the text itself where it does not fit."""
    kind = schema.get("type")
    if kind in ("integer", "number") and re.fullmatch(r"-?[0-9]{1,300}(\.[0-9]{1,300})?", text):
        return int(text) if kind == "integer" and "." not in text else float(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text
