"""Read the type or code of an error from a body, as the API's error model says where it stands."""

from __future__ import annotations

from asdocumented.contracts.model import Api, DocumentedError
from asdocumented.reads.classify import Read, at
from asdocumented.reads.faults import media_type

BUSY = (429, 503)
"""Statuses that say that the target is busy; they are no answer to the request itself."""

IN_FRONT_OF = (*BUSY, 502, 504)
"""Statuses that a gateway in front of an API answers in its own words."""
IN_FRONT = "environment: what stands in front of the API answered, and not in its words"
"""Why an answer for which `is_in_front` holds says nothing of the API's errors."""


def is_in_front(read: Read) -> bool:
    """Tell whether an answer is of a gateway in front of the API: a status that gateways have, and no JSON with it."""
    answer = read.exchange.response
    if answer is None or answer.status not in IN_FRONT_OF:
        return False
    given = answer.header("content-type")
    return not answer.body or (given is not None and not media_type(given).endswith("json"))


def code_of(api: Api, read: Read) -> str | None:
    """Return the error's type or code, or None when the body names none."""
    code = at(read.value, api.error_model.code)
    return code if isinstance(code, str) else None


def accepted_codes(api: Api, error: DocumentedError) -> tuple[str, str]:
    """Return the forms in which a documented error's name may stand: as the page prints it, and with the API's prefix."""
    return error.error, f"{api.error_model.prefix}{error.error}"
