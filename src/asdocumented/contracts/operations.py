"""Build one operation of an API: what its contract leaves out is filled in here and nowhere else.

That is the operation's evidence, the place on the page, the constant query parameters of the route, the presence of fields
that definition and sample both show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.grounding import ambiguities, equivalents, parse_lines, source
from asdocumented.contracts.grounds import Basis, Evidence, Level
from asdocumented.contracts.model import (
    JSON,
    Alternative,
    BehaviourDeclaration,
    DocumentedError,
    Operation,
    Parameter,
    Presence,
    RequestBody,
    Response,
    ResponseHeader,
    Sample,
    Tier,
)
from asdocumented.contracts.service import Access

if TYPE_CHECKING:
    from asdocumented.contracts.checking import ApiDocument

_HEADINGS = {
    "parameters": "URI Parameters",
    "headers": "Request Header",
    "body": "Request Body",
    "responses": "Responses",
    "definitions": "Definitions",
}
_REASONS = {
    "200": "OK",
    "201": "Created",
    "202": "Accepted",
    "204": "No Content",
    "400": "Bad Request",
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "Not Found",
    "500": "Internal Server Error",
    "503": "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class _Builder:
    """Builds the parts of one operation; holds what they default to."""

    api: ApiDocument
    contract: Mapping[str, JSON]
    name: str

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.contract.get("evidence", "documented"))

    def heading(self, key: str) -> str:
        return str(self.contract["source"].get("headings", {}).get(key, _HEADINGS[key]))

    def basis(self, entry: Mapping[str, JSON], place: str) -> Basis:
        """Return the basis of one entry; its own words go before the operation's."""
        return Basis(
            evidence=Evidence(entry.get("evidence", self.evidence)),
            lines=parse_lines(entry.get("lines")),
            place=entry.get("place", place if self.evidence is Evidence.DOCUMENTED else ""),
            reference=entry.get("reference", self.contract.get("reference", "")),
        )

    def parameter(self, entry: Mapping[str, JSON]) -> Parameter:
        heading = self.heading("headers" if entry["in"] == "header" else "parameters")
        return Parameter(
            name=entry["name"],
            location=entry["in"],
            required=bool(entry.get("required", entry["in"] == "path")),
            schema=entry["schema"],
            basis=self.basis(entry, f"{heading}, {entry['name']}"),
            resource=entry.get("resource", ""),
            ignores_case=bool(entry.get("ignoresCase", False)),
        )

    def content(self, content: Mapping[str, JSON]) -> tuple[tuple[str, ...], JSON, str]:
        """Return the media types, the schema (None when there is none) and the definition's name."""
        if not content:
            return (), None, ""
        schema = next(iter(content.values()))["schema"]
        return tuple(content), schema, referenced(schema)

    def body(self) -> RequestBody | None:
        entry = self.contract.get("requestBody")
        if entry is None:
            return None
        media_types, schema, definition = self.content(entry["content"])
        return RequestBody(
            required=bool(entry.get("required", False)),
            media_types=media_types,
            schema=schema,
            definition=definition,
            basis=self.basis(entry, self.heading("body")),
            draws=entry.get("draws", {}),
        )

    def response(self, key: str, entry: Mapping[str, JSON]) -> Response:
        media_types, schema, definition = self.content(entry["content"])
        row = f"{key} {_REASONS.get(key, '')}".strip() if key != "other" else "Other Status Codes"
        place = f"{self.heading('responses')}, {row}"
        return Response(
            key=key,
            media_types=media_types,
            schema=schema,
            definition=definition,
            headers=tuple(
                ResponseHeader(name, header["schema"], bool(header.get("required", False)), self.basis(header, place))
                for name, header in entry.get("headers", {}).items()
            ),
            errors=tuple(self.error(key, error) for error in entry.get("errors", [])),
            presences=self.presences(key, entry, definition),
            alternatives=tuple(
                Alternative(each["ambiguity"], each["reading"], each["schema"], tuple(each["statuses"]))
                for each in entry.get("alternatives", [])
            ),
            basis=self.basis(entry, place),
        )

    def error(self, key: str, entry: Mapping[str, JSON]) -> DocumentedError:
        place = f"{self.heading('responses')}, {key} {entry['error']}"
        return DocumentedError(
            status=int(key),
            error=entry["error"],
            when=tuple(entry.get("when", ())),
            basis=self.basis(entry, place),
            ambiguity=entry.get("ambiguity", ""),
        )

    def presences(self, key: str, entry: Mapping[str, JSON], definition: str) -> tuple[Presence, ...]:
        """Return which fields must be there: those the contract argues for, then those that a sample shows too."""
        found: dict[tuple[str, str], Presence] = {}
        for name, fields in entry.get("presence", {}).items():
            for field, why in fields.items():
                basis = self.basis({**why, "reference": why["because"]}, self.row_place(name, field))
                found[name, field] = Presence(name, field, Level(why["level"]), basis)
        for sample in self.contract.get("samples", []):
            if str(sample["of"]) == key and definition:
                value = self.api.samples[self.name][sample["file"]]
                for name, field in _shown(self.api.definitions, definition, value):
                    lines = [*self.row_lines(name, field), *sample.get("lines", [])]
                    basis = self.basis({"lines": lines}, f"{self.row_place(name, field)}, and the sample response")
                    found.setdefault((name, field), Presence(name, field, Level.MUST, basis))
        return tuple(found.values())

    def row_lines(self, definition: str, field: str) -> list[int | str]:
        return list(self.contract.get("definitions", {}).get(definition, {}).get(field, []))

    def row_place(self, definition: str, field: str) -> str:
        return f"{self.heading('definitions')}, {definition}, {field}"

    def access(self, entry: Mapping[str, JSON]) -> Access:
        """Return what a permission asks beside itself; each part has a basis of its own."""
        roles, scopes, kinds = (entry.get(key, {}) for key in ("roles", "scopes", "kinds"))
        return Access(
            roles=tuple(roles.get("any-of", ())),
            scopes=tuple(scopes.get("any-of", ())),
            unsupported=tuple(kinds.get("unsupported", ())),
            ambiguity=kinds.get("ambiguity", ""),
            roles_basis=self.basis(roles, "Permissions"),
            scopes_basis=self.basis(scopes, "Required Delegated Scopes"),
            kinds_basis=self.basis(kinds, "Microsoft Entra supported identities"),
        )

    def behaviour(self, entry: Mapping[str, JSON]) -> BehaviourDeclaration:
        name, parameters = next(iter(entry.items()))
        return BehaviourDeclaration(name, parameters, self.basis(parameters, ""))

    def sample(self, entry: Mapping[str, JSON]) -> Sample:
        value = self.api.samples[self.name][entry["file"]]
        return Sample(str(entry["of"]), entry["file"], value, self.basis(entry, "Examples"), entry.get("defects", {}))


def _shown(definitions: Mapping[str, JSON], definition: str, value: JSON) -> Iterable[tuple[str, str]]:
    """Yield each (definition, field) that a sample value shows, through references and arrays."""
    schema = definitions.get(definition)
    if not isinstance(value, dict) or schema is None:
        return
    for field, subschema in schema.get("properties", {}).items():
        if field not in value:
            continue
        yield definition, field
        items = value[field] if isinstance(value[field], list) else [value[field]]
        inner = referenced(subschema) or referenced(subschema.get("items", {}))
        if inner:
            for item in items:
                yield from _shown(definitions, inner, item)


def build_operation(document: ApiDocument, name: str) -> Operation:
    """Return one operation of a document that the check found without mistakes."""
    contract = document.operations[name]
    builder = _Builder(document, contract, name)
    parameters = tuple(builder.parameter(entry) for entry in contract.get("parameters", []))
    permission = contract.get("permission", {"needs": "none"})
    own = contract.get("behaviours", [])
    own_names = {next(iter(entry)) for entry in own}
    inherited = [entry for entry in document.api.get("behaviours", []) if next(iter(entry)) not in own_names]
    security = contract.get("security", "token")
    return Operation(
        api=document.name,
        name=name,
        operation_id=contract["operationId"],
        title=contract["title"],
        source=source(contract["source"]),
        evidence=builder.evidence,
        tier=Tier(contract["tier"]),
        undo=contract.get("undo", ""),
        irreversible=contract.get("irreversible", ""),
        state=contract.get("state", ""),
        ends_session=bool(contract.get("endsSession", False)),
        method=contract["method"],
        path=contract["path"],
        query=_constant_query(contract),
        security=security,
        permission=permission["needs"],
        permission_basis=builder.basis(permission, "Permissions"),
        parameters=parameters,
        body=builder.body(),
        responses={key: builder.response(key, entry) for key, entry in contract["responses"].items()},
        behaviours=tuple(builder.behaviour(entry) for entry in [*own, *(inherited if security == "token" else [])]),
        ambiguities=ambiguities(contract.get("ambiguities", {})),
        samples=tuple(builder.sample(entry) for entry in contract.get("samples", [])),
        rows={
            f"{definition}/{field}": parse_lines(lines)
            for definition, fields in contract.get("definitions", {}).items()
            for field, lines in fields.items()
        },
        definitions_heading=builder.heading("definitions"),
        basis=builder.basis({"lines": contract.get("lines")}, contract["title"]),
        access=builder.access(permission),
        equivalents=equivalents(contract.get("equivalent", ())),
    )


def _constant_query(contract: Mapping[str, JSON]) -> dict[str, str]:
    """Return the required query parameters with a constant that distinguish operations (not the API version)."""
    return {
        entry["name"]: str(entry["schema"]["const"])
        for entry in contract.get("parameters", [])
        if entry["in"] == "query"
        and entry.get("required")
        and "const" in entry["schema"]
        and entry["name"] != "api-version"
    }
