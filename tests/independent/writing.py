"""Write an answer down in the shape of its API: the media type, the JSON, the errors."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .messages import Answer, Refused
from .operations import ACCESS, ARM, FABRIC, VAPI

__all__ = ["Writer", "Written"]

STACK_TRACE: Final = (
    " Traceback (most recent call last):"
    "\n  File \"/opt/acme/engine.py\", line 41, in run\n    return table[key]\nKeyError: 'acme'"
)
_JSON_TYPES: Final = {
    "charset-in-upper-case": "application/json;charset=UTF-8",
    "charset-quoted": 'application/json; charset="utf-8"',
    "without-charset": "application/json",
    "media-type-in-upper-case": "Application/JSON; odata.metadata=minimal; Charset=utf-8",
}
_OTHER_LANGUAGE: Final = "\u05d0\u05d9\u05df \u05db\u05d6\u05d4 \u8a31\u53ef e\u0301 \U0001f6ab"
_DETAILS: Final[Mapping[str, dict[str, object]]] = {
    "azure": {
        "target": "acme",
        "details": [{"code": "Inner", "message": "One of two.", "details": []}, {"code": "Other", "message": ""}],
        "additionalInfo": [{"type": "AcmeInfo", "info": {"shelf": 3}}],
    },
    "fabric": {
        "moreDetails": [{"errorCode": "Inner", "message": "One of one."}],
        "relatedResource": {"resourceId": "acme-7", "resourceType": "Acme"},
    },
}
JSON_TYPE: Final = "application/json; charset=utf-8"
_VAPI_ERRORS: Final = {
    "BodyMalformed": "invalid_argument",
    "Crashed": "internal_server_error",
    "GatewayRefused": "unsupported",
    "MediaTypeRefused": "unsupported",
    "ParameterUnknown": "unexpected_input",
    "TargetTooLong": "invalid_request",
    "BodyUnreadable": "invalid_argument",
    "CredentialRefused": "unauthenticated",
    "EntityNotFound": "not_found",
    "IdMalformed": "invalid_argument",
    "MethodRefused": "operation_not_found",
    "NoSuchOperation": "operation_not_found",
    "NothingThere": "not_found",
    "RequestUnreadable": "invalid_request",
    "RoleTooWeak": "unauthorized",
    "SomethingFailed": "error",
    "SyncRunning": "resource_busy",
}
_OTHER_SHAPE: Final = {ARM: FABRIC, FABRIC: VAPI, VAPI: ARM, ACCESS: FABRIC}


def _enveloped(refused: Refused, _request_id: str) -> dict[str, object]:
    return {"error": {"code": refused.code, "message": refused.message}}


def _vapi(refused: Refused, _request_id: str) -> dict[str, object]:
    message = {"id": f"acme.hvc.{refused.code}", "default_message": refused.message, "args": []}
    return {"type": f"com.vmware.vapi.std.errors.{_VAPI_ERRORS[refused.code]}", "value": {"messages": [message]}}


def _flat(refused: Refused, request_id: str) -> dict[str, object]:
    return {"errorCode": refused.code, "message": refused.message, "requestId": request_id}


_SHAPES: Final[Mapping[str, Callable[[Refused, str], dict[str, object]]]] = {
    ARM: _enveloped,
    VAPI: _vapi,
    ACCESS: _enveloped,
    FABRIC: _flat,
}


@dataclass(frozen=True)
class Written:
    """An answer as it goes out: no media type means no body."""

    status: int
    media_type: str | None
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Writer:
    """Turns answers into bytes, in the way the deviations ask for."""

    deviates: Callable[[str], bool]

    def answer(self, answer: Answer) -> Written:
        """Write what an operation answers."""
        if answer.raw:
            return Written(answer.status, "message/http", answer.raw, answer.headers)
        if answer.body is None:
            return Written(answer.status, None, b"", answer.headers)
        members = list(self._extended(answer.body).items())
        if answer.is_list and self.deviates("duplicate-keys"):
            members.append(("count", answer.body["count"]))
        as_text = answer.is_list and self.deviates("wrong-media-type")
        media_type = "text/plain; charset=utf-8" if as_text else self._json_type(of_access=answer.is_grant)
        return Written(answer.status, media_type, self._json(members), answer.headers)

    def refusal(self, refused: Refused, api: str | None, request_id: str) -> Written:
        """Write an error in the shape of the API, or as plain text where no API owns the path."""
        if api is None:
            text = f"{refused.message}\n".encode()
            return Written(refused.status, "text/plain; charset=utf-8", text, refused.headers)
        if self.deviates("html-error") or refused.html:
            page = f"<!DOCTYPE html><html><body><h1>{refused.status}</h1></body></html>".encode()
            return Written(refused.status, "text/html; charset=utf-8", page, refused.headers)
        if self.deviates("stack-trace-in-error"):
            refused = Refused(refused.status, refused.code, refused.message + STACK_TRACE, refused.headers)
        if self.deviates("messages-in-other-languages"):
            refused = Refused(refused.status, refused.code, _OTHER_LANGUAGE, refused.headers)
        members = list(self._extended(self._error(refused, api, request_id)).items())
        return Written(refused.status, self._json_type(of_access=api == ACCESS), self._json(members), refused.headers)

    def _error(self, refused: Refused, api: str, request_id: str) -> dict[str, object]:
        if self.deviates("empty-object-error"):
            return {}
        if api == ACCESS and self.deviates("flat-error-body"):
            return {"code": refused.code, "message": refused.message}
        shape = _OTHER_SHAPE[api] if self.deviates("other-api-error") else api
        body = _SHAPES[shape](refused, request_id)
        if self.deviates("errors-with-details") and shape == FABRIC:
            return body | _DETAILS["fabric"]
        if self.deviates("errors-with-details") and isinstance(error := body.get("error"), dict):
            return {"error": error | _DETAILS["azure"]}
        return body

    def _json_type(self, *, of_access: bool) -> str:
        if of_access and self.deviates("answers-as-text-json"):
            return "text/json; charset=utf-8"
        return next((value for name, value in _JSON_TYPES.items() if self.deviates(name)), JSON_TYPE)

    def _extended(self, body: object) -> dict[str, object]:
        """Add a field that no page has to every object, and turn the order of fields round, where a variant says so."""
        changed = self._changed(body)
        return changed if isinstance(changed, dict) else {}

    def _changed(self, value: object) -> object:
        if isinstance(value, list):
            return [self._changed(one) for one in value]
        if not isinstance(value, dict):
            return value
        fields = {key: self._changed(one) for key, one in value.items()}
        if self.deviates("more-fields") and fields:
            fields |= {"acmeShelf": {"row": 3, "labels": ["a", None]}}
        return dict(reversed(fields.items())) if self.deviates("fields-in-other-order") else fields

    def _json(self, members: list[tuple[str, object]]) -> bytes:
        if self.deviates("invalid-utf8"):
            members = [(key, _with_stray_byte(key, value)) for key, value in members]
        escaped = self.deviates("escaped-json")
        written = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=escaped)}" for key, value in members)
        wide = "\r\n\t " if self.deviates("spacious-json") else ""
        body = (f"{wide}{{{wide}" + f", {wide}".join(written) + f"{wide}}}{wide}").encode("utf-8", "surrogateescape")
        if self.deviates("bom"):
            body = b"\xef\xbb\xbf" + body
        return body[: len(body) // 2] if self.deviates("truncated-body") else body


def _with_stray_byte(key: str, value: object) -> object:
    """Append the byte FF to the readable strings of a value; surrogateescape writes it as it is."""
    if isinstance(value, dict):
        return {name: _with_stray_byte(name, one) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_stray_byte(key, one) for one in value]
    return f"{value}\udcff" if key in ("principalType", "message", "default_message") else value
