"""The checks that every request passes on its way to a handler, in order; each refusal names its cause.

They refuse what a source says is refused. What no source forbids is accepted with a note, unless the emulator is strict.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping

import jsonschema_rs

from asdocumented.contracts.definitions import referenced, rooted, rooted_definitions
from asdocumented.contracts.model import JSON, Api, Operation, Parameter
from asdocumented.emulation import tokens
from asdocumented.emulation.messages import Incoming, RefusalError
from asdocumented.emulation.store import Store
from asdocumented.emulation.switches import Switchboard

UNAUTHENTICATED = "unauthenticated"


class Checker:
    """Checks the requests of one API. Validators are compiled once, when the emulator is made."""

    def __init__(self, api: Api, *, seed: int, strict: bool) -> None:
        self._api = api
        self._seed = seed
        self._strict = strict
        registry = jsonschema_rs.Registry(rooted_definitions(api.definitions))
        self._valid: dict[str, Callable[[JSON], bool]] = {}
        for operation in api.operations.values():
            schemas = [each.schema for each in operation.parameters]
            schemas += [operation.body.schema] if operation.body else []
            for schema in schemas:
                self._valid[_key(schema)] = jsonschema_rs.Draft202012Validator(
                    rooted(schema), validate_formats=True, registry=registry
                ).is_valid

    def check(self, incoming: Incoming, store: Store, switches: Switchboard) -> None:
        """Pass a request or raise RefusalError; fills in the identity and the parsed body."""
        incoming.identity = self._authenticate(incoming, store)
        self._authorise(incoming, switches)
        for parameter in incoming.operation.parameters:
            self._parameter(incoming, parameter)
        self._unknown_parameters(incoming)
        self._body(incoming)
        for switch in switches.all("request.refuse", incoming.operation):
            if _has(incoming, switch.arguments["parameter"]):
                raise RefusalError("invalid-parameter", f"{switch.arguments['parameter']} is refused.")
        self._resources(incoming, store, switches)

    def _authenticate(self, incoming: Incoming, store: Store) -> str:
        if incoming.operation.security == "basic":
            return self._basic(incoming.header("authorization"))
        value = incoming.header(self._api.credential["header"])
        scheme = self._api.credential["scheme"]
        challenge = {"www_authenticate": f'{scheme} realm="{self._api.credential["audience"]}"'} if scheme else {}
        if not value:
            raise RefusalError(UNAUTHENTICATED, "The request has no credentials.", **challenge)
        token = value
        if scheme:
            given, _, token = value.partition(" ")
            if given.lower() != scheme.lower() or not token:
                raise RefusalError(UNAUTHENTICATED, "The credentials have another scheme.", **challenge)
        if token in store.sessions:
            return store.sessions[token]
        try:
            return tokens.check(self._api, token.strip(), seed=self._seed, now=store.clock.now())
        except tokens.RefusedTokenError as reason:
            if challenge:
                challenge["www_authenticate"] += ', error="invalid_token"'
            raise RefusalError(UNAUTHENTICATED, f"The token is not accepted: {reason}.", **challenge) from reason

    def _basic(self, value: str) -> str:
        try:
            user, _, secret = base64.b64decode(value.removeprefix("Basic "), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user = secret = ""
        if not value.startswith("Basic ") or (user, secret) != ("admin", tokens.password(self._seed)):
            raise RefusalError(UNAUTHENTICATED, "User name or password is not accepted.")
        return user

    def _authorise(self, incoming: Incoming, switches: Switchboard) -> None:
        for switch in switches.all("identity.refused", incoming.operation):
            if switch.arguments["identity"] == incoming.identity:
                raise RefusalError("permission-missing", "The identity is refused.")
        identity = self._api.identities.get(incoming.identity)
        needed = incoming.operation.permission
        if needed != "none" and (identity is None or needed not in identity.permissions):
            raise RefusalError("permission-missing", f"The caller lacks the permission to {needed}.")

    def _parameter(self, incoming: Incoming, parameter: Parameter) -> None:
        values = _values(incoming, parameter)
        cause = "invalid-api-version" if parameter.name == "api-version" else "invalid-parameter"
        if not values:
            if parameter.required:
                raise RefusalError(cause, f"The {parameter.location} parameter {parameter.name} is required.")
        elif len(values) > 1:
            raise RefusalError(cause, f"{parameter.name} is given {len(values)} times.")
        elif not self._valid[_key(parameter.schema)](_coerced(parameter, values[0])):
            raise RefusalError(cause, f"The value of {parameter.name} is not valid.")

    def _unknown_parameters(self, incoming: Incoming) -> None:
        declared = {each.name for each in incoming.operation.parameters if each.location == "query"}
        for name in incoming.query:
            if name not in declared:
                if self._strict:
                    raise RefusalError("invalid-parameter", f"{name} is no parameter of this operation.")
                incoming.notes.append(f"unknown query parameter {name}")

    def _body(self, incoming: Incoming) -> None:
        contract = incoming.operation.body
        if contract is None:
            if incoming.raw:
                if self._strict:
                    raise RefusalError("invalid-body", "This operation has no request body.")
                incoming.notes.append("a body on an operation that documents none")
            return
        if not incoming.raw:
            if contract.required:
                raise RefusalError("invalid-body", "The request body is required.")
            return
        media_type = incoming.header("content-type").partition(";")[0].strip().lower()
        if media_type not in contract.media_types:
            raise RefusalError("unsupported-media-type", "The media type of the request body is not supported.")
        incoming.body = _parsed(incoming.raw)
        if not contract.required and incoming.body == {}:
            return
        if not isinstance(incoming.body, dict) or not self._valid[_key(contract.schema)](incoming.body):
            raise RefusalError("invalid-body", "The request body does not have the documented form.")

    def _resources(self, incoming: Incoming, store: Store, switches: Switchboard) -> None:
        operation = incoming.operation
        sensitive = switches.get("case-insensitive.sensitive", operation) is not None
        in_path = [each for each in operation.parameters if each.location == "path" and each.resource]
        for parameter in sorted(in_path, key=lambda each: operation.path.index("{" + each.name + "}")):
            creates = operation.method in ("PUT", "DELETE") and operation.path.endswith("{" + parameter.name + "}")
            forgiven = any(
                each.arguments["resource"] == parameter.resource
                for each in switches.all("resource.never-missing", operation)
            )
            known = store.exists(
                parameter.resource,
                incoming.path[parameter.name],
                ignoring_case=parameter.ignores_case and not sensitive,
            )
            if not known and not creates and not forgiven:
                raise RefusalError(f"{parameter.resource}-missing", f"The {parameter.resource} does not exist.")


def _key(schema: Mapping[str, JSON]) -> str:
    return json.dumps(schema, sort_keys=True)


def _values(incoming: Incoming, parameter: Parameter) -> tuple[str, ...]:
    if parameter.location == "path":
        return (incoming.path[parameter.name],)
    if parameter.location == "query":
        return incoming.query.get(parameter.name, ())
    # An empty header field counts as absent: real clients send an empty continuation with the first request.
    return tuple(value for value in incoming.headers.get(parameter.name.lower(), ()) if value)


def _coerced(parameter: Parameter, text: str) -> JSON:
    kind = parameter.schema.get("type")
    if kind == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _unique(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("a key stands twice")
    return result


def _constant(name: str) -> JSON:
    raise ValueError(name)


def _parsed(raw: bytes) -> JSON:
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise RefusalError("invalid-body", "The request body is not JSON.") from error


def _has(incoming: Incoming, name: str) -> bool:
    """Tell whether a request has a parameter, or a field of the body by its pointer or name."""
    if name in incoming.query or incoming.header(name):
        return True
    value = incoming.body
    for part in name.strip("/").split("/"):
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


def secret_pointers(api: Api, operation: Operation) -> list[str]:
    """Return the pointers of the request body's fields with the format `password`."""
    return list(_passwords(api, operation.body.schema, "")) if operation.body is not None else []


def _passwords(api: Api, schema: JSON, pointer: str) -> list[str]:
    name = referenced(schema)
    schema = api.definitions[name] if name else schema
    if schema.get("format") == "password":
        return [pointer]
    return [
        each
        for field, inner in schema.get("properties", {}).items()
        for each in _passwords(api, inner, f"{pointer}/{field}")
    ]
