"""Read what a request carries: its media type, its coding, its JSON and the strings in it."""

import gzip
import json
import re
import zlib
from collections.abc import Callable
from typing import Final, NoReturn

from .messages import Refused, Request

__all__ = ["LENIENT", "document", "media_type", "optional_text", "text"]

Deviates = Callable[[str], bool]
LENIENT: Final = (
    "array-body-accepted",
    "malformed-json-accepted",
    "missing-body-accepted",
    "missing-field-accepted",
    "wrong-type-accepted",
    "xml-accepted",
)
"""The deviations that put a default where a request says nothing."""
_HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")  # JSON can spell one half of a pair, UTF-8 cannot


def media_type(request: Request) -> tuple[str, str]:
    """Give the media type of a body in lower case, and its parameters as they were sent."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    return kind.strip().lower(), parameters.strip()


def document(
    request: Request, accepted: tuple[str, ...], deviates: Deviates, default: dict[str, object]
) -> dict[str, object]:
    """Give the JSON object in a body; refuse what is no such thing, or take the default where a deviation says so."""
    body = _decoded(request, deviates)
    if media_type(request)[0] == "application/xml" and deviates("xml-accepted"):
        return default
    _check_type(request, accepted, deviates)
    if not body and deviates("missing-body-accepted"):
        return default
    try:
        found: object = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as problem:
        if body and deviates("malformed-json-accepted"):
            return default
        raise _unreadable(deviates, "The body is not JSON.") from problem
    if isinstance(found, list) and deviates("array-body-accepted"):
        return default
    if not isinstance(found, dict):
        raise _unreadable(deviates, "The body is not a JSON object.")
    return found


def text(found: dict[str, object], name: str, deviates: Deviates, default: str) -> str:
    """Give a string of a document; refuse one that is missing or of another type."""
    value = found.get(name)
    if name not in found and deviates("missing-field-accepted"):
        return default
    if name in found and not isinstance(value, str) and deviates("wrong-type-accepted"):
        return default
    if not isinstance(value, str) or _HALF_CHARACTER.search(value):
        status = 422 if deviates("body-refused-422") else 400
        raise Refused(status, "BodyMalformed", f"{name} is required and is a string of whole characters.")
    return value


def optional_text(found: dict[str, object], name: str, default: str, deviates: Deviates) -> str:
    """Give a string of a document, or the default where there is none."""
    return text({name: default, **found}, name, deviates, default)


def _decoded(request: Request, deviates: Deviates) -> bytes:
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding == "identity":
        return request.body
    if coding != "gzip" or not deviates("gzip-read"):
        raise Refused(415, "MediaTypeRefused", "Send the body as it is, without any coding.")
    try:
        return gzip.decompress(request.body)
    except (OSError, EOFError, zlib.error) as problem:
        raise _unreadable(deviates, "The body is not gzip.") from problem


def _check_type(request: Request, accepted: tuple[str, ...], deviates: Deviates) -> None:
    kind, parameters = media_type(request)
    refused = kind not in ("", *accepted) and not deviates("media-type-unread")
    refused |= kind == "" and request.body != b"" and deviates("untyped-body-refused")
    refused |= kind == "text/json" and deviates("text-json-refused")
    refused |= "charset" in parameters.lower() and deviates("charset-refused")
    if refused:
        raise Refused(415, "MediaTypeRefused", f"Send {' or '.join(accepted)}.")


def _unreadable(deviates: Deviates, message: str) -> Refused:
    return Refused(422 if deviates("body-refused-422") else 400, "BodyUnreadable", message)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
