"""Values that violate one keyword."""

from __future__ import annotations

from typing import Any

import pytest

from asdocumented.mutants.violations import violations
from asdocumented.reads.validating import Validators
from asdocumented.requirements import ASSERTIONS
from asdocumented.requirements.shapes import FORMATS

SCHEMAS: dict[str, list[dict[str, Any]]] = {
    "type": [
        *({"type": each} for each in ("string", "integer", "number", "boolean", "array", "object", "null")),
        {"type": ["string", "null"]},
        {"type": ["integer", "number", "string"]},
    ],
    "format": [{"format": each} for each in sorted(FORMATS)],
    "enum": [{"enum": ["Running", "Stopped"]}, {"enum": [1, 2]}],
    "const": [{"const": "start"}, {"const": 7}],
    "pattern": [{"pattern": "^[a-z]+$"}, {"pattern": "^$"}],
    "minLength": [{"minLength": 1}, {"minLength": 36}],
    "maxLength": [{"maxLength": 5}],
    "minimum": [{"minimum": 0}],
    "maximum": [{"maximum": 100}],
    "exclusiveMinimum": [{"exclusiveMinimum": 0}],
    "exclusiveMaximum": [{"exclusiveMaximum": 1.5}],
    "multipleOf": [{"multipleOf": 2}],
    "minItems": [{"minItems": 2}],
    "maxItems": [{"maxItems": 0}],
    "uniqueItems": [{"uniqueItems": True}],
    "minProperties": [{"minProperties": 1}],
    "maxProperties": [{"maxProperties": 1}],
    "anyOf": [{"anyOf": [{"type": "string"}, {"type": "null"}]}],
    "oneOf": [{"oneOf": [{"type": "string"}, {"const": 7}]}],
    "allOf": [{"allOf": [{"type": "string"}, {"minLength": 30}]}],
    "not": [{"type": "object", "not": {"maxProperties": 3}}],
}


@pytest.mark.parametrize("keyword", ASSERTIONS)
def test_violations_violate_their_keyword(keyword: str) -> None:
    """Every keyword that gives requirements has values that violate it, and no value that does not."""
    valid = Validators({}).valid
    found = [(of, list(violations(keyword, of, valid))) for of in SCHEMAS[keyword]]

    assert all(values for _, values in found)
    assert [] == [(of, each) for of, values in found for each in values if valid({keyword: of[keyword]}, each)]


def test_combined_violation_keeps_its_type() -> None:
    """Where a value of the right type violates what a schema is combined of, that one is chosen."""
    of = {"type": "object", "not": {"maxProperties": 3}}

    assert [{}] == list(violations("not", of, Validators({}).valid))
