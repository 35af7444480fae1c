"""Answers with other header fields: every documented media type, and every way to write one that means the same."""

from __future__ import annotations

from collections.abc import Iterator

from asdocumented.contracts.model import Api, Operation
from asdocumented.mutant import Line, Variant
from asdocumented.mutants.permitted.fields import rules

_JSON = "application/json"
_FORMS = {
    "without-charset": "{}",
    "charset-in-capitals": "{};charset=UTF-8",
    "charset-quoted": '{}; charset="utf-8"',
    "charset-after-another": '{}; odata.metadata=minimal; note="a;b,c"; charset=utf-8',
    "in-capitals": "{capitals}; Charset=Utf-8",
}
_MORE = {
    "server": "example/1.0 (of no page)",
    "set-cookie": "visit=1; Path=/; HttpOnly; SameSite=Strict",
    "vary": "Accept-Encoding, Origin",
    "via": "1.1 proxy.invalid",
    "x-of-no-page": "caf\u00e9, with a latin letter",
    "x-empty": "",
}
_LISTS = {
    "spaces": "spacious",
    "other-order": "reversed",
    "several-fields": "split",
}


def header_variants(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield other media types and forms of them, more header fields, lists in other forms, and other challenges."""
    yield from _media_types(api, operation)
    lines = tuple(Line("response.header", operation.id, {"name": name, "value": text}) for name, text in _MORE.items())
    yield Variant("more-headers", operation.id, lines, "RFC 9110 5.1: a recipient ignores what it does not know")
    same = [each for each in api.operations.values() if (each.path, each.query) == (operation.path, operation.query)]
    for name, form in _LISTS.items() if len(same) > 1 else ():  # a list of one has one form
        line = Line("header.list", operation.id, {"name": "allow", "form": form})
        yield Variant(f"allow/{name}", operation.id, (line,), "RFC 9110 5.6.1 and 5.3")
    yield from _challenges(api, operation)


def _media_types(api: Api, operation: Operation) -> Iterator[Variant]:
    over = [rule for errors in (False, True) for rule in rules(api, operation, errors=errors)]
    shared = [each for each in over[0].media_types if all(each in rule.media_types for rule in over)] if over else []
    for media_type in shared:
        if media_type != _JSON:
            yield _typed(operation, f"documented/{media_type}", f"{media_type}; charset=utf-8", "the page lists it")
    for name, form in _FORMS.items() if _JSON in shared else ():
        value = form.format(_JSON, capitals="Application/JSON")
        yield _typed(operation, name, value, "RFC 9110 8.3.1 and 5.6.6")


def _typed(operation: Operation, name: str, value: str, because: str) -> Variant:
    line = Line("response.media-type", operation.id, {"value": value, "on": "any"})
    return Variant(f"media-type/{name}", operation.id, (line,), because)


def _challenges(api: Api, operation: Operation) -> Iterator[Variant]:
    """Yield challenges of the operation's own scheme, written otherwise (RFC 9110 section 11.6.1)."""
    words = api.challenges.get(operation.security, "")
    scheme, _, rest = words.partition(" ")
    forms = {
        "scheme-in-other-case": f"{scheme.swapcase()} {rest}",
        "with-parameters": f'{words}, error="invalid_token", error_description="a, b = \\"c\\""',
        "among-others": f'Negotiate, {words}, Digest realm="a, b", nonce="1", algorithm=SHA-256',
    }
    for name, value in forms.items() if words else ():
        arguments = {"name": "www-authenticate", "value": value, "on": "error"}
        line = Line("response.header", operation.id, arguments)
        yield Variant(f"challenge/{name}", operation.id, (line,), "RFC 9110 11.6.1: any number of challenges")
