"""Read the type or code of an error from a body, as the API's error model says where it stands."""

from __future__ import annotations

from asdocumented.contracts.model import Api, DocumentedError
from asdocumented.reads.classify import Read, at

BUSY = (429, 503)
"""Statuses that say that the target is busy; they are no answer to the request itself."""


def code_of(api: Api, read: Read) -> str | None:
    """Return the error's type or code, or None when the body names none."""
    code = at(read.value, api.error_model.code)
    return code if isinstance(code, str) else None


def accepted_codes(api: Api, error: DocumentedError) -> tuple[str, str]:
    """Return the forms in which a documented error's name may stand: as the page prints it, and with the API's prefix."""
    return error.error, f"{api.error_model.prefix}{error.error}"
