"""What every path does alike, before an operation gets a request: HEAD, OPTIONS, TRACE, odd requests, other refusals."""

import json
import posixpath
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import quote, unquote

from .bodies import media_type
from .messages import Answer, Refused, Request
from .operations import ACCESS, TOKENS, VAPI, Service, methods, owner, route
from .orders import assignment, password
from .resources import RESOURCES

__all__ = ["Front"]

LONG: Final = 1000
BUSY_EACH: Final = 7
"""Of so many requests one is too many for what stands before the APIs."""
_DECLARED: Final = frozenset({"api-version", "action", "roleId", "principalId", "scope"})
_FILTERS: Final = frozenset({"roleId", "principalId", "scope"})
_CHALLENGES: Final = {
    "challenge-missing": "",
    "challenge-malformed": '"acme"',
    "challenge-lower-case": "bearer",
    "challenge-list": 'Negotiate, Bearer realm="acme, inc", error="invalid_token", Basic realm="acme"',
    "challenge-parameters": 'BEARER authorization_uri="https://login.acme.example/", error="invalid_token"',
}
_ALLOWS: Final = {
    "405-without-allow": lambda own, asked: "",
    "allow-lists-refused-method": lambda own, asked: ", ".join([*own, asked]),
    "allow-with-spaces": lambda own, asked: " ,  ".join(own),
    "allow-in-other-order": lambda own, asked: ",".join(reversed(own)),
    "allow-own-methods-only": lambda own, asked: ", ".join(each for each in own if each not in ("HEAD", "OPTIONS")),
}


def _ids(request: Request) -> list[str]:
    return [unquote(part) for part in request.path.split("/")]


def _query(request: Request) -> list[tuple[str, str]]:
    pairs = [pair.partition("=") for pair in request.target.partition("?")[2].split("&") if pair]
    return [(unquote(key), unquote(value)) for key, _, value in pairs]


def _filters(request: Request) -> list[str]:
    return [value for key, value in _query(request) if key in _FILTERS]


def _texts(request: Request) -> Iterator[str]:
    """Yield the strings of a JSON body, or nothing where it is none."""
    try:
        left: list[object] = [json.loads(request.body.decode("utf-8"))]
    except ValueError:
        return
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict | list):
            left.extend(one.values() if isinstance(one, dict) else one)


def _is_json(request: Request) -> bool:
    try:
        json.loads(request.body.decode("utf-8"))
    except ValueError:
        return False
    return True


def _has_two_credentials(request: Request) -> bool:
    return any(", " in request.headers.get(name, "") for name in ("authorization", "vmware-api-session-id"))


_CRASHES: Final[Mapping[str, Callable[[Request], bool]]] = {
    "crash-on-unicode-id": lambda request: not all(map(str.isascii, _ids(request))),
    "crash-on-over-long-id": lambda request: any(len(each) > LONG for each in _ids(request)),
    "crash-on-encoded-slash": lambda request: any("/" in each for each in _ids(request)),
    "crash-on-short-id": lambda request: (
        owner(request.path) == ACCESS and any(len(each) == 1 for each in _ids(request))
    ),
    "crash-on-undeclared-parameter": lambda request: any(key not in _DECLARED for key, _ in _query(request)),
    "crash-on-repeated-parameter": lambda request: len(_query(request)) > len(dict(_query(request))),
    "crash-on-unicode-filter": lambda request: not all(map(str.isascii, _filters(request))),
    "crash-on-over-long-filter": lambda request: any(len(each) > LONG for each in _filters(request)),
    "crash-on-empty-filter": lambda request: "" in _filters(request),
    "crash-on-missing-version": lambda request: owner(request.path) == ACCESS and not request.values("api-version"),
    "crash-on-unicode-text": lambda request: not all(map(str.isascii, _texts(request))),
    "crash-on-over-long-text": lambda request: any(len(each) > LONG for each in _texts(request)),
    "crash-on-empty-text": lambda request: "" in _texts(request),
    "crash-on-malformed-json": lambda request: request.body.startswith(b"{") and not _is_json(request),
    "crash-on-array-body": lambda request: request.body == b"[]",
    "crash-on-missing-body": lambda request: request.method == "PUT" and not request.body,
    "crash-on-gzip": lambda request: "content-encoding" in request.headers,
    "crash-on-untyped-body": lambda request: request.body != b"" and media_type(request)[0] == "",
    "crash-on-two-credentials": _has_two_credentials,
    "head-500": lambda request: request.method == "HEAD",
    "options-500": lambda request: request.method == "OPTIONS",
}


class Front:
    """Stands before the operations of one server."""

    def __init__(self, service: Service) -> None:
        """Stand before these operations."""
        self._service = service
        self._deviates = service.deviates
        self._asked = 0

    def answer(self, request: Request) -> Answer:
        """Answer one request; raise Refused where the API would answer with an error."""
        try:
            return self._busy() or self._answer(request)
        except Refused as refused:
            if refused.code == "NoSuchOperation" and self._deviates("unknown-path-401"):
                refused = Refused(401, "CredentialRefused", "Nobody may go there.", {"WWW-Authenticate": "Bearer"})
            raise self._changed(request, refused) from refused

    def _busy(self) -> Answer | None:
        """Give the answer of what has too much to do, to some requests."""
        self._asked += 1
        status = 0 if self._asked % BUSY_EACH else 429 if self._asked % (2 * BUSY_EACH) else 503
        if status and self._deviates("busy-in-front"):
            raise Refused(status, "Busy", "Come back later.", html=True)
        return Answer(status) if status and self._deviates("busy-in-front-silently") else None

    def _answer(self, request: Request) -> Answer:
        if any(self._deviates(name) and breaks(request) for name, breaks in _CRASHES.items()):
            raise Refused(500, "Crashed", "Something broke.")
        if self._deviates("gateway") and _is_odd(request):
            raise Refused(400, "GatewayRefused", "Bad Request", html=True)
        if self._deviates("firewall") and (_is_odd(request) or request.method in ("OPTIONS", "PATCH")):
            raise Refused(403, "FirewallRefused", "Forbidden", html=True)
        if self._deviates("over-long-414") and len(request.target) > LONG:
            raise Refused(414, "TargetTooLong", "This is too long.")
        if self._deviates("undeclared-parameter-refused") and any(key not in _DECLARED for key, _ in _query(request)):
            raise Refused(400, "ParameterUnknown", "Acme does not know this parameter.")
        if self._deviates("dot-segments-redirected") and _is_dotted(request):
            return Answer(308, headers={"Location": posixpath.normpath(request.path)})
        request = self._tidied(request)
        own = methods(request.path)
        if request.method == "OPTIONS" and own:
            return self._options(own)
        if request.method == "TRACE" and (self._deviates("trace-echoes") or self._deviates("trace-without-credential")):
            return self._trace(request)
        if request.method == "HEAD" and self._deviates("head-405"):
            raise Refused(405, "MethodRefused", "Acme has no HEAD.", {"Allow": ", ".join(own[:1])})
        if request.method == "HEAD" and "GET" in own:
            request = replace(request, method="GET")
        return self._service.answer(request)

    def _tidied(self, request: Request) -> Request:
        """Give the request as the operations see it."""
        path, mark, query = request.target.partition("?")
        headers = dict(request.headers)
        if _is_dotted(request) and (self._deviates("dot-segments-bypass") or self._deviates("dot-segments-normalised")):
            path = posixpath.normpath(path)
            if self._deviates("dot-segments-bypass"):
                headers |= _admin(owner(path) or "")
        if self._deviates("decodes-before-routing"):
            path = unquote(path)
        if self._deviates("unicode-normalised"):
            path = "/".join(quote(unicodedata.normalize("NFC", unquote(part)), safe="") for part in path.split("/"))
        if self._deviates("first-credential-counts"):
            headers = {name: value.partition(", ")[0] for name, value in headers.items()}
        return replace(request, target=f"{path}{mark}{query}", headers=headers)

    def _options(self, own: list[str]) -> Answer:
        if self._deviates("options-without-allow"):
            return Answer(200)
        allow = {"Allow": ", ".join(own)}
        for status in (405, 501):
            if self._deviates(f"options-{status}"):
                raise Refused(status, "MethodRefused", "Acme has no OPTIONS.", {"Allow": ", ".join(own[:-1])})
        if self._deviates("options-preflight"):
            return Answer(204, headers={"Access-Control-Allow-Methods": ", ".join(own)})
        return Answer(200, {}, allow) if self._deviates("options-200") else Answer(204, headers=allow)

    def _trace(self, request: Request) -> Answer:
        lines = [f"{request.method} {request.target} HTTP/1.1"]
        if self._deviates("trace-echoes"):
            lines += [f"{name}: {value}" for name, value in request.headers.items()]
        return Answer(200, raw="\r\n".join([*lines, "", ""]).encode())

    def _changed(self, request: Request, refused: Refused) -> Refused:
        if refused.status in (401, 403):
            refused = self._earlier(request) or refused
        if refused.status == 401:
            name = next((each for each in _CHALLENGES if self._deviates(each)), "")
            _set(refused, "WWW-Authenticate", _CHALLENGES.get(name))
        if refused.status == 405 and request.method not in ("OPTIONS", "HEAD"):
            name = next((each for each in _ALLOWS if self._deviates(each)), "")
            own = methods(request.path)
            _set(refused, "Allow", _ALLOWS[name](own, request.method) if name else None)
        return refused

    def _earlier(self, request: Request) -> Refused | None:
        """Find what a server refuses first that looks at credentials last."""
        try:
            operation, names = route(request, self._deviates)
        except Refused:
            return None
        if self._deviates("existence-before-credentials") and any(map(_is_stranger, names, names.values())):
            return Refused(404, "NothingThere", "Acme has no such thing.")
        try:
            if self._deviates("body-before-credentials") and operation.method == "PUT":
                assignment("any", request, self._deviates)
            if self._deviates("body-before-credentials") and operation.api == VAPI:
                password(request, self._deviates)
        except Refused as refused:
            return refused
        return None


def _set(refused: Refused, name: str, value: str | None) -> None:
    """Set a header of a refusal: nothing to keep what it has, an empty text to take it away."""
    if value is not None:
        refused.headers.pop(name, None)
        refused.headers.update({name: value} if value else {})


def _is_stranger(name: str, value: str) -> bool:
    """Tell whether a path parameter names what Acme does not have."""
    known = [RESOURCES.get(name, []), RESOURCES.get(f"busy-{name}", [])]
    flat = [each.casefold() for one in known for each in ([one] if isinstance(one, str) else one)]
    return bool(flat) and value.casefold() not in flat


def _is_dotted(request: Request) -> bool:
    return "/../" in request.path or "/./" in request.path


def _is_odd(request: Request) -> bool:
    names = ("crash-on-unicode-id", "crash-on-over-long-id", "crash-on-encoded-slash", "crash-on-gzip")
    names = (*names, "crash-on-over-long-filter", "crash-on-two-credentials", "crash-on-repeated-parameter")
    return request.method == "TRACE" or _is_dotted(request) or any(_CRASHES[name](request) for name in names)


def _admin(api: str) -> dict[str, str]:
    token = TOKENS.get(api, {}).get("admin", "")
    return {"vmware-api-session-id": token} if api == VAPI else {"authorization": f"Bearer {token}"}
