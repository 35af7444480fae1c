"""Read YAML and JSON files strictly: no duplicate keys, no surprising types, string keys only.

YAML is read with the JSON-like core of YAML 1.2: `On`, `no` and dates stay strings, and a mapping's keys are always
strings, so that `200:` and `"200":` mean the same.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from asdocumented.contracts.model import JSON
from asdocumented.errors import Mistake

try:
    from yaml import CSafeLoader as _Parser
except ImportError:  # a PyYAML without libyaml reads the same, only slower
    from yaml import SafeLoader as _Parser  # type: ignore[assignment]


class _StrictLoader(_Parser):
    """A YAML loader whose implicit types are null, true/false, integers and floats alone."""


class _ExplainingLoader(yaml.SafeLoader):
    """The same in Python alone: slow, with messages that say more of a mistake."""


class _DuplicateKeyError(ValueError):
    """A key stands twice in one object."""


def _construct_mapping(loader: _StrictLoader | _ExplainingLoader, node: yaml.MappingNode) -> dict[str, JSON]:
    result: dict[str, JSON] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key_node.start_mark)
        key = str(key_node.value)
        if key in result:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
        result[key] = loader.construct_object(value_node, deep=True)
    return result


_IMPLICIT = (
    ("tag:yaml.org,2002:null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", ["t", "f"]),
    ("tag:yaml.org,2002:int", r"^-?(?:0|[1-9][0-9]*)$", list("-0123456789")),
    ("tag:yaml.org,2002:float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", list("-0123456789")),
)
for _loader in (_StrictLoader, _ExplainingLoader):
    _loader.yaml_implicit_resolvers = {}
    for _tag, _pattern, _first in _IMPLICIT:
        _loader.add_implicit_resolver(_tag, re.compile(_pattern), _first)
    _loader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)


def _unique_pairs(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    result: dict[str, JSON] = {}
    for key, value in pairs:
        if key in result:
            raise _DuplicateKeyError(f"the key {key!r} stands twice")
        result[key] = value
    return result


def _no_constant(name: str) -> JSON:
    raise ValueError(f"{name} is no JSON number")


def read_yaml(path: Path, shown: str, mistakes: list[Mistake]) -> JSON:
    """Return the YAML document at path, or None after adding a mistake under the name `shown`."""
    try:
        return _load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        mistakes.append(Mistake(shown, "", f"not readable as YAML: {error.problem}{where}", "Correct the line."))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mistakes.append(Mistake(shown, "", f"cannot be read: {error}", "Make it a readable UTF-8 file."))
    return None


def _load(text: str) -> JSON:
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a safe loader, made stricter
    except yaml.YAMLError:
        return yaml.load(text, Loader=_ExplainingLoader)  # noqa: S506 - a safe loader, made stricter


def read_json(path: Path, shown: str, mistakes: list[Mistake]) -> JSON:
    """Return the JSON document at path, or None after adding a mistake under the name `shown`."""
    try:
        return json.loads(
            path.read_text(encoding="utf-8"), object_pairs_hook=_unique_pairs, parse_constant=_no_constant
        )
    except (OSError, ValueError) as error:
        mistakes.append(Mistake(shown, "", f"not readable as JSON: {error}", "Correct the file."))
    return None
