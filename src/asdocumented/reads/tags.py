"""Read the entity tag that an answer shows, in the forms in which a request may name it."""

from __future__ import annotations

from asdocumented.reads.classify import at
from asdocumented.reads.strict_json import parse
from asdocumented.traces import Response

_LONGEST = 1024


def tags_of(response: Response | None, pointer: str) -> tuple[str, ...]:
    """Return the forms of an answer's entity tag: of the ETag header that one; of the body as it stands and in quotes.

    What no header can carry is no tag: a target decides what stands there, and must not be able to write a header of its own.
    """
    if response is None or response.status != 200:
        return ()
    header = response.header("etag")
    if header:
        return (header,) if _is_sendable(header) else ()
    value = at(parse(response.body).value, pointer) if response.body else None
    if not isinstance(value, str) or not _is_sendable(value):
        return ()
    return (value,) if value.startswith(('"', "W/")) else (value, f'"{value}"')


def _is_sendable(tag: str) -> bool:
    return 0 < len(tag) <= _LONGEST and tag.isascii() and tag.isprintable() and tag == tag.strip() and tag != "*"
