"""Derive the list of requirements from the contracts: nothing in it is written by hand."""

from asdocumented.requirements.deriving import body_fields, derive, derive_operation
from asdocumented.requirements.faults import claimed_states, missable
from asdocumented.requirements.responses import framework_rule, response_condition
from asdocumented.requirements.shapes import ASSERTIONS, PRESENCE, Constraint, constraints, presence_of

__all__ = [
    "ASSERTIONS",
    "PRESENCE",
    "Constraint",
    "body_fields",
    "claimed_states",
    "constraints",
    "derive",
    "derive_operation",
    "framework_rule",
    "missable",
    "presence_of",
    "response_condition",
]
