"""Turn the checked documents of one API into the typed contract model.

What a contract leaves out is filled in here and nowhere else: the operation's evidence, the place on the page, the
constant query parameters of the route, the presence of fields that definition and sample both show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asdocumented.contracts.definitions import referenced
from asdocumented.contracts.model import (
    JSON,
    Access,
    Alternative,
    Ambiguity,
    AnswerHeader,
    Api,
    Basis,
    BehaviourDeclaration,
    ClientRequestId,
    DocumentedError,
    ErrorModel,
    Evidence,
    Framework,
    Identity,
    Level,
    NotNormative,
    Operation,
    Parameter,
    Presence,
    Reading,
    RequestBody,
    Resource,
    Response,
    ResponseHeader,
    Sample,
    Source,
    Tier,
)

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


def parse_lines(lines: Iterable[int | str] | None) -> tuple[tuple[int, int], ...]:
    """Return inclusive ranges from a contract's `lines`: `[3, '10-16']` becomes `((3, 3), (10, 16))`."""
    ranges = []
    for entry in lines or ():
        first, _, last = str(entry).partition("-")
        ranges.append((int(first), int(last or first)))
    return tuple(ranges)


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


def _ambiguities(entries: Mapping[str, JSON], place: str) -> dict[str, Ambiguity]:
    return {
        key: Ambiguity(
            id=key,
            about=entry["about"],
            page=entry["page"],
            readings=tuple(
                Reading(
                    name, Evidence(reading["evidence"]) if "evidence" in reading else None, reading.get("reference", "")
                )
                for name, reading in entry["readings"].items()
            ),
            seen_in=entry.get("seen-in", ""),
            unseen=entry.get("unseen", ""),
            level=Level(entry.get("level", "SHOULD")),
            basis=Basis(lines=parse_lines(entry.get("lines")), place=entry.get("place", place)),
        )
        for key, entry in entries.items()
    }


def _source(entry: Mapping[str, JSON]) -> Source:
    return Source(
        page=entry["page"],
        url=entry["url"],
        locale=entry["locale"],
        retrieved=entry["retrieved"],
        sha256=entry.get("sha256", ""),
        not_normative=tuple(
            NotNormative(parse_lines(each["lines"]), each["reason"]) for each in entry.get("not-normative", [])
        ),
    )


def _build_operation(document: ApiDocument, name: str) -> Operation:
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
        source=_source(contract["source"]),
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
        ambiguities=_ambiguities(contract.get("ambiguities", {}), ""),
        samples=tuple(builder.sample(entry) for entry in contract.get("samples", [])),
        rows={
            f"{definition}/{field}": parse_lines(lines)
            for definition, fields in contract.get("definitions", {}).items()
            for field, lines in fields.items()
        },
        definitions_heading=builder.heading("definitions"),
        basis=builder.basis({"lines": contract.get("lines")}, contract["title"]),
        access=builder.access(permission),
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


def _identity(name: str, entry: Mapping[str, JSON]) -> Identity:
    return Identity(
        name=name,
        kind=entry.get("kind", "user"),
        permissions=tuple(entry.get("permissions", ())),
        refused=entry.get("refused"),
        basis=Basis(evidence=Evidence(entry.get("evidence", "convention")), reference=entry.get("reference", "")),
        level=Level(entry.get("level", "MUST")),
        roles=tuple(entry.get("roles", ())),
        scopes=tuple(entry.get("scopes", ())),
    )


def _stated(entry: Mapping[str, JSON]) -> Basis:
    """Return the basis of a part of an API that no page of an operation states."""
    return Basis(evidence=Evidence(entry.get("evidence", "convention")), reference=entry.get("reference", ""))


def _answer_header(name: str, entry: Mapping[str, JSON]) -> AnswerHeader:
    return AnswerHeader(
        name=name,
        value=entry["value"],
        on=entry.get("on", ""),
        statuses=tuple(entry.get("statuses", ())),
        tls="over" in entry,
        basis=_stated(entry),
    )


def _without_basis(entry: Mapping[str, JSON]) -> dict[str, JSON]:
    return {name: value for name, value in entry.items() if name not in ("evidence", "reference")}


def _client_request_id(entry: Mapping[str, JSON] | None) -> ClientRequestId | None:
    return None if entry is None else ClientRequestId(entry["header"], entry["askedBy"], _stated(entry))


def build_api(document: ApiDocument) -> Api:
    """Return the typed API of a document that the check found without mistakes."""
    api = document.api
    errors = api["errors"]
    return Api(
        name=document.name,
        title=api["title"],
        version=api["version"],
        server=api["server"],
        prefixes=tuple(api["prefixes"]),
        credential={name: value for name, value in api["credential"].items() if isinstance(value, str)},
        error_model=ErrorModel(
            definition=errors["definition"],
            code=errors["code"],
            message=errors["message"],
            template=errors["template"],
            codes=errors["codes"],
            prefix=errors.get("prefix", ""),
        ),
        framework=tuple(
            Framework(
                int(status),
                tuple(entry["errors"]),
                Basis(evidence=Evidence(entry.get("evidence", "specified")), reference=entry.get("reference", "")),
            )
            for status, entry in api.get("framework", {}).items()
        ),
        identities={name: _identity(name, entry) for name, entry in api["identities"].items()},
        resources={
            name: Resource(name, tuple(entry["values"]), entry.get("fresh", "{uuid}"), entry.get("missing"))
            for name, entry in api.get("resources", {}).items()
        },
        states=api.get("states", {}),
        ambiguities=_ambiguities(api.get("ambiguities", {}), ""),
        definitions=document.definitions,
        operations={name: _build_operation(document, name) for name in sorted(document.operations)},
        headers=tuple(_answer_header(name, entry) for name, entry in api.get("headers", {}).items()),
        rate_limits=_without_basis(api.get("rateLimits", {})),
        challenges=_without_basis(api.get("challenges", {})),
        client_request_id=_client_request_id(api.get("clientRequestId")),
        scope=api["credential"].get("scope", ""),
        audiences=(api["credential"]["audience"], *api["credential"].get("otherAudiences", ())),
        removed=api.get("removed", ""),
    )
