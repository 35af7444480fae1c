"""Write a refusal as the API writes its errors: the documented error for the cause, else the API's own code."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from asdocumented.contracts.model import JSON, Api
from asdocumented.emulator.messages import ErrorFacts, Reply, RequestRefusedError
from asdocumented.emulator.services import Endpoint
from asdocumented.emulator.switches import Active, argument

CONVENTIONS: Mapping[str, int] = {
    "unauthenticated": 401,
    "permission-missing": 403,
    "route-missing": 404,
    "method-not-allowed": 405,
    "conflict": 409,
    "unsupported-media-type": 415,
    "throttled": 429,
    "injected": 500,
}
"""The statuses of causes for which an API's contract has no code (RFC 9110 section 15); every other cause is a 400."""

_STACK_TRACE = "Traceback (most recent call last):\n  File \"/srv/app/service.py\", line 42, in handle\nKeyError: 'id'"


def refusal(
    api: Api, endpoint: Endpoint | None, refused: RequestRefusedError, request_id: str, active: Active, secret: str
) -> Reply:
    """Return the reply to a refused request; `secret` is the secret of its body, for the switch that lets it out."""
    status, code = _selected(api, endpoint, refused)
    status, code = _switched(api, refused.cause, status, code, active)
    told = argument(active, "error.message", "text")
    message = refused.message if told is None else told
    if "error.stack-trace" in active:
        message = f"{message}\n{_STACK_TRACE}"
    if secret and argument(active, "secret.echoed", "where") == "error":
        message = f"{message} The password was {written(secret, argument(active, 'secret.echoed', 'coding'))}."
    facts = ErrorFacts(refused.cause, code, message, request_id)
    return Reply(status, fill(api.error_model.template, facts), refused.headers, error=facts)


def written(secret: str, form: JSON) -> str:
    """Return a secret in the form in which a switch lets it out."""
    if form == "base64":
        return base64.b64encode(secret.encode("utf-8", "surrogateescape")).decode()
    # Every character is escaped, as an encoder that knows nothing safe does.
    return (
        "".join(f"%{each:02X}" for each in secret.encode("utf-8", "surrogateescape")) if form == "percent" else secret
    )


def fill(template: JSON, facts: ErrorFacts) -> JSON:
    """Return an error template with its placeholders filled in."""
    words = {"$code": facts.code, "$message": facts.message, "$request-id": facts.request_id}
    return _fill(template, words)


def _fill(template: JSON, words: Mapping[str, str]) -> JSON:
    if isinstance(template, Mapping):
        return {key: _fill(value, words) for key, value in template.items()}
    if isinstance(template, list):
        return [_fill(value, words) for value in template]
    return words.get(template, template) if isinstance(template, str) else template


def _selected(api: Api, endpoint: Endpoint | None, refused: RequestRefusedError) -> tuple[int, str]:
    status, code = _for_cause(api, endpoint, refused.cause)
    return refused.status or status, refused.code or code


def _for_cause(api: Api, endpoint: Endpoint | None, cause: str) -> tuple[int, str]:
    if endpoint is not None and cause in endpoint.errors:
        return endpoint.errors[cause]
    entry = api.error_model.codes.get(cause)
    if entry is not None:
        return int(entry["status"]), f"{api.error_model.prefix}{entry['code']}"
    resource = api.resources.get(cause.removesuffix("-missing"))
    status = (resource.missing or 404) if resource is not None else CONVENTIONS.get(cause, 400)
    return status, f"{api.error_model.prefix}{cause.title().replace('-', '')}"


def _switched(api: Api, cause: str, status: int, code: str, active: Active) -> tuple[int, str]:
    for line in active.get("error.status", ()):
        status = line["status"] if line["cause"] == cause else status
    for line in active.get("error.code", ()):
        code = f"{api.error_model.prefix}{line['code']}" if line["cause"] == cause else code
    return status, code
