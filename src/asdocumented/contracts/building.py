"""Turn the checked documents of one API into the typed contract model; its operations are built by `operations.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from asdocumented.contracts.grounding import ambiguities, equivalents, stated
from asdocumented.contracts.grounds import Level
from asdocumented.contracts.model import JSON, Api, ErrorModel
from asdocumented.contracts.operations import build_operation
from asdocumented.contracts.service import AnswerHeader, ClientRequestId, Framework, Identity, Resource

if TYPE_CHECKING:
    from asdocumented.contracts.checking import ApiDocument


def _identity(name: str, entry: Mapping[str, JSON]) -> Identity:
    return Identity(
        name=name,
        kind=entry.get("kind", "user"),
        permissions=tuple(entry.get("permissions", ())),
        refused=entry.get("refused"),
        basis=stated(entry),
        level=Level(entry.get("level", "MUST")),
        roles=tuple(entry.get("roles", ())),
        scopes=tuple(entry.get("scopes", ())),
    )


def _answer_header(name: str, entry: Mapping[str, JSON]) -> AnswerHeader:
    return AnswerHeader(
        name=name,
        value=entry["value"],
        on=entry.get("on", ""),
        statuses=tuple(entry.get("statuses", ())),
        tls="over" in entry,
        basis=stated(entry),
    )


def _without_basis(entry: Mapping[str, JSON]) -> dict[str, JSON]:
    return {name: value for name, value in entry.items() if name not in ("evidence", "reference")}


def _client_request_id(entry: Mapping[str, JSON] | None) -> ClientRequestId | None:
    return None if entry is None else ClientRequestId(entry["header"], entry["askedBy"], stated(entry))


def _error_model(entry: Mapping[str, JSON]) -> ErrorModel:
    return ErrorModel(
        definition=entry["definition"],
        code=entry["code"],
        message=entry["message"],
        template=entry["template"],
        codes=entry["codes"],
        prefix=entry.get("prefix", ""),
    )


def _framework(status: int, entry: Mapping[str, JSON]) -> Framework:
    return Framework(status, tuple(entry["errors"]), stated(entry, "specified"))


def build_api(document: ApiDocument) -> Api:
    """Return the typed API of a document that the check found without mistakes."""
    api = document.api
    return Api(
        name=document.name,
        title=api["title"],
        version=api["version"],
        server=api["server"],
        prefixes=tuple(api["prefixes"]),
        credential={name: value for name, value in api["credential"].items() if isinstance(value, str)},
        error_model=_error_model(api["errors"]),
        framework=tuple(_framework(int(status), entry) for status, entry in api.get("framework", {}).items()),
        identities={name: _identity(name, entry) for name, entry in api["identities"].items()},
        resources={
            name: Resource(name, tuple(entry["values"]), entry.get("fresh", "{uuid}"), entry.get("missing"))
            for name, entry in api.get("resources", {}).items()
        },
        states=api.get("states", {}),
        ambiguities=ambiguities(api.get("ambiguities", {})),
        definitions=document.definitions,
        operations={name: build_operation(document, name) for name in sorted(document.operations)},
        headers=tuple(_answer_header(name, entry) for name, entry in api.get("headers", {}).items()),
        rate_limits=_without_basis(api.get("rateLimits", {})),
        challenges=_without_basis(api.get("challenges", {})),
        client_request_id=_client_request_id(api.get("clientRequestId")),
        scope=api["credential"].get("scope", ""),
        audiences=(api["credential"]["audience"], *api["credential"].get("otherAudiences", ())),
        removed=api.get("removed", ""),
        equivalents=equivalents(api.get("equivalent", ())),
    )
