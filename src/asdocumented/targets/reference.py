"""Write the tables of every key of targets.toml, from the published schema: what docs/targets.md shows.

`python -m asdocumented.targets.reference FILE` puts them between the two marks of a page; a test compares them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from asdocumented.targets.wording import schema

__all__ = ["between_marks", "tables"]

_BEGIN, _END = "<!-- keys: begin -->\n", "<!-- keys: end -->\n"
_PLACES = {
    "target": "[targets.NAME]",
    "budget": "[targets.NAME.budget]",
    "unsupported": "[[targets.NAME.unsupported]]",
    "known-deviation": "[[targets.NAME.known-deviations]]",
    "api": "[targets.NAME.apis.API]",
    "state": "states.STATE",
    "way": "arrange, clean-up",
    "call": "http",
    "credential": "credentials.IDENTITY",
    "secret": "secret, password, and a header of http",
}
_TYPES = {"string": "text", "boolean": "true or false", "integer": "whole number", "array": "list", "object": "table"}
_REFERRED = {"pools": "table of lists", "command": "list of texts"}


def tables() -> str:
    """Return one table of keys for each kind of table of the file."""
    return "\n".join(line for name, place in _PLACES.items() for line in _table(name, place))


def between_marks(page: str) -> tuple[str, str, str]:
    """Return a page in three: before the tables, the tables, after them."""
    before, begin, rest = page.partition(_BEGIN)
    inside, end, after = rest.partition(_END)
    return before + begin, inside, end + after


def _table(name: str, place: str) -> Iterator[str]:
    of = schema()["$defs"][name]
    yield from (f"### `{place}`", "", "| key | value | meaning |", "|---|---|---|")
    for key, said in of["properties"].items():
        needed = " (required)" if key in of.get("required", ()) else ""
        meaning = said.get("description", "") + (f"; by default {_shown(said['default'])}" if "default" in said else "")
        yield f"| `{key}`{needed} | {_kind(said)} | {meaning} |"
    yield ""


def _shown(value: Any) -> str:
    return f"`{json.dumps(value)}`"


def _kind(said: Mapping[str, Any]) -> str:
    if "enum" in said:
        return " or ".join(map(_shown, said["enum"]))
    if "$ref" in said:
        return _REFERRED.get(said["$ref"].rsplit("/", 1)[-1], "table")
    kind = said.get("type", "date")
    return _TYPES.get(kind, str(kind))


@click.command("reference")
@click.argument("page", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def main(page: Path) -> None:
    """Put the tables of today's schema into a page, between its marks."""
    before, _, after = between_marks(page.read_text(encoding="utf-8"))
    page.write_text(before + tables() + after, encoding="utf-8")


if __name__ == "__main__":
    main()
