"""Build the OpenAPI 3.1 document of the control API from its route table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeAlias

from asdocumented import __version__
from asdocumented.contracts.model import JSON
from asdocumented.emulator.openid import CONFIGURATION, KEYS
from asdocumented.emulator.token_endpoint import PATH as TOKEN_PATH

ROOT = "/_emulator"
Shape: TypeAlias = dict[str, JSON]
"""A JSON Schema."""


class Route(Protocol):
    """What the document says of one route."""

    @property
    def method(self) -> str:
        """Return the HTTP method."""

    @property
    def path(self) -> str:
        """Return the path below `/_emulator`."""

    @property
    def operation_id(self) -> str:
        """Return the operation's id."""

    @property
    def summary(self) -> str:
        """Return a sentence on what it does."""

    @property
    def gives(self) -> Shape | None:
        """Return the schema of a success, or None for an empty one."""

    @property
    def takes(self) -> Shape | None:
        """Return the schema of the request body, or None."""


def text(**keywords: JSON) -> Shape:
    """Return the schema of a string."""
    return {"type": "string", **keywords}


def array(items: Shape) -> Shape:
    """Return the schema of an array."""
    return {"type": "array", "items": items}


def mapping(values: Shape) -> Shape:
    """Return the schema of an object whose names are data."""
    return {"type": "object", "additionalProperties": values}


def record(properties: Mapping[str, Shape], *, optional: Iterable[str] = ()) -> Shape:
    """Return the schema of an object with exactly these members."""
    required = [name for name in properties if name not in set(optional)]
    return {"type": "object", "properties": dict(properties), "required": required, "additionalProperties": False}


def document(routes: Iterable[Route]) -> JSON:
    """Return the OpenAPI document, with what issues tokens beside the routes of the table."""
    paths: dict[str, dict[str, JSON]] = {}
    for route in routes:
        paths.setdefault(f"{ROOT}{route.path}", {})[route.method.lower()] = _operation(route)
    paths[f"{ROOT}{TOKEN_PATH}"] = {"post": _token_operation()}
    paths |= _authority()
    return {
        "openapi": "3.1.0",
        "info": {"title": "asdocumented emulator: control API", "version": __version__},
        "paths": paths,
        "components": {"schemas": {"Error": record({"error": text(), "message": text()})}},
    }


def _operation(route: Route) -> JSON:
    success = {"204": {"description": "Done."}} if route.gives is None else {"200": _json("The answer.", route.gives)}
    refusals = {
        "400": _json("The request cannot be carried out.", _ERROR),
        "413": _json("The body is longer than this server reads.", _ERROR),
        "415": _json("The body is not JSON.", _ERROR),
    }
    operation: dict[str, JSON] = {"operationId": route.operation_id, "summary": route.summary, "responses": success}
    if route.takes is not None:
        needed = route.takes.get("required") != []
        operation["requestBody"] = {"required": needed, "content": {"application/json": {"schema": route.takes}}}
        operation["responses"] = {**success, **refusals}
    return operation


def _json(description: str, schema: Shape) -> JSON:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _token_operation() -> JSON:
    form = record(
        {
            "grant_type": text(enum=["client_credentials"]),
            "client_id": text(),
            "client_secret": text(),
            "scope": text(),
        },
        optional=("client_secret",),
    )
    token = record({"token_type": text(enum=["Bearer"]), "expires_in": {"type": "integer"}, "access_token": text()})
    error = record({"error": text(), "error_description": text()})
    return {
        "operationId": "issueToken",
        "summary": "A token for an identity (RFC 6749 section 4.4).",
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": {
            "200": _json("The token.", token),
            "400": _json("The request is not valid.", error),
            "401": _json("There is no such identity.", error),
        },
    }


def _authority() -> dict[str, dict[str, JSON]]:
    """Return the paths of the OpenID provider, whose tokens are those of the token endpoint for clients with their secret."""
    tenant = {"name": "tenant", "in": "path", "required": True, "description": "Any.", "schema": text()}
    metadata = _json("The metadata (OpenID Connect Discovery 1.0 section 3).", mapping({}))
    keys = _json("No key: tokens are signed with a secret one.", record({"keys": array({})}))
    token = {
        **_token_operation(),
        "operationId": "issueClientToken",
        "summary": "A token for an identity with its secret (RFC 6749 section 4.4).",
    }
    token["responses"] = {
        status: _json(response["description"], mapping({})) for status, response in token["responses"].items()
    }
    return {
        f"/{{tenant}}{CONFIGURATION}": {
            "parameters": [tenant],
            "get": {"operationId": "getOpenIdConfiguration", "responses": {"200": metadata}},
        },
        f"/{{tenant}}{KEYS}": {
            "parameters": [tenant],
            "get": {"operationId": "getSigningKeys", "responses": {"200": keys}},
        },
        f"/{{tenant}}{TOKEN_PATH}": {"parameters": [tenant], "post": token},
    }


_ERROR: Shape = {"$ref": "#/components/schemas/Error"}
