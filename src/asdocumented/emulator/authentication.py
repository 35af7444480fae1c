"""Who calls, and may they? The first two steps of the pipeline after the route is known."""

from __future__ import annotations

import base64
import binascii
import hmac

from asdocumented.contracts.access import is_unsupported, lacking
from asdocumented.emulator import tokens
from asdocumented.emulator.calls import Call
from asdocumented.emulator.headers import challenge
from asdocumented.emulator.messages import Headers, RequestRefusedError
from asdocumented.emulator.switches import names


def authenticate(call: Call) -> None:
    """Find out whose credential the request has; refuse it when it has none that is valid."""
    call.identity = _basic_identity(call) if call.endpoint.operation.security == "basic" else _token_identity(call)
    for line in call.active.get("identity.refused", ()):
        if line["identity"] == call.identity:
            message = "A switch refuses this identity."
            raise RequestRefusedError("unauthenticated", "switch/identity.refused", message, status=line["status"])
    if _accepted(call):
        return
    known = call.service.api.identities.get(call.identity)
    if known is None or call.identity in tokens.FAULTS:
        fault = tokens.FAULTS.get(call.identity, "the token names no identity of this API")
        message = f"The request is not authenticated: {fault}."
        raise RequestRefusedError(
            "unauthenticated", f"unauthenticated/{call.identity}", message, headers=_challenge(call)
        )
    if known.refused is not None:
        cause = "unauthenticated" if known.refused == 401 else "permission-missing"
        message = f"The identity {call.identity!r} may not call this API."
        raise RequestRefusedError(cause, f"{cause}/{call.identity}", message, status=known.refused)


def authorise(call: Call) -> None:
    """Refuse an identity that lacks what the operation asks for, or whose kind its page calls not supported."""
    operation = call.endpoint.operation
    if _accepted(call):
        return
    identity = call.service.api.identities[call.identity]
    if lacking(operation, identity) is not None:
        message = f"The identity {call.identity!r} does not have the permission, the role or the scope for this."
        raise RequestRefusedError("permission-missing", "permission-missing", message)
    if is_unsupported(operation, identity) and "identity.any-kind" not in call.active:
        message = f"The identity {call.identity!r} is of a kind that is not supported here."
        raise RequestRefusedError("kind-unsupported", f"kind-unsupported/{identity.kind}", message, status=403)


def _accepted(call: Call) -> bool:
    return names(call.active, "identity.accepted", "identity", call.identity)


def _token_identity(call: Call) -> str:
    words = call.service.api.credential
    values = call.request.headers.get(words["header"].lower(), ())
    if not values:
        return tokens.ANONYMOUS
    scheme, _, token = values[0].strip().rpartition(" ")
    if len(values) > 1 or not _same_scheme(call, scheme.strip(), words["scheme"]):
        return tokens.MALFORMED
    call.credential = token
    return call.world.session(token) or call.service.verifier.identity(token, call.now)


def _basic_identity(call: Call) -> str:
    values = call.request.headers.get("authorization", ())
    if not values:
        return tokens.ANONYMOUS
    scheme, _, encoded = values[0].strip().partition(" ")
    try:
        user, _, password = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return tokens.MALFORMED
    expected = tokens.basic_password(call.service.seed, user)
    right = hmac.compare_digest(password.encode(), expected.encode())
    return user if len(values) == 1 and _same_scheme(call, scheme, "Basic") and right else tokens.MALFORMED


def _same_scheme(call: Call, given: str, expected: str) -> bool:
    """Compare the names of two schemes, without letter case (RFC 9110 section 11.1)."""
    if "credential.case-sensitive" in call.active:
        return given == expected
    return given.lower() == expected.lower()


def _challenge(call: Call) -> Headers:
    """Return the challenge that a 401 carries."""
    fault = "" if call.identity == tokens.ANONYMOUS else tokens.FAULTS.get(call.identity, "the token names no identity")
    return (("www-authenticate", challenge(call.service.api, call.endpoint.operation.security, fault)),)
