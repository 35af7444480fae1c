"""What a switch is to those who name it, and every switch that there is: those that break something, and those that need not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """What one switch does, and the arguments that it needs or takes."""

    description: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


DEVIATING: Mapping[str, Known] = {
    "response.field": Known(
        "Each place of a definition's path is set to the value, renamed, put into an object, or left out; `of: last` is one "
        "place. Where no body has the place, one is made from the contract.",
        ("definition", "path"),
        ("key", "of", "value", "rename", "wrap"),
    ),
    "response.drop": Known("What the pointer leads to is left out of a success.", ("pointer",), ("on",)),
    "response.set": Known("What the pointer leads to in a success has this value.", ("pointer", "value"), ("on",)),
    "response.status": Known("A success has this status.", ("status",), ("from", "on")),
    "response.header": Known(
        "The header of every answer has this value (a list: several times), or is left out for null.",
        ("name", "value"),
        ("on", "key"),
    ),
    "response.media-type": Known(
        "The content of a success has this Content-Type, or none for null.", ("value",), ("on", "key")
    ),
    "response.body": Known("The content of a success is this text.", ("text",), ("on", "key")),
    "response.empty": Known("A success has no content.", (), ("on", "key")),
    "error.flat": Known("An error is {code, message} without its envelope.", (), ("key",)),
    "error.empty-object": Known("An error is {}.", (), ("key",)),
    "error.html": Known("An error is an HTML page.", (), ("key",)),
    "error.text": Known("An error is plain text.", (), ("key",)),
    "error.empty": Known("An error has no content.", (), ("key",)),
    "error.other-api": Known("An error is written as another API does.", ("api",), ("key",)),
    "error.status": Known("A refusal for this cause has this status.", ("cause", "status")),
    "error.code": Known("A refusal for this cause has this code.", ("cause", "code")),
    "error.stack-trace": Known("The message of an error holds a stack trace."),
    "error.injected": Known("A valid request fails, with the documented error of that name if given.", (), ("error",)),
    "request.refuse": Known(
        "A request with this parameter, /pointer into the body, 'content-type TEXT' or 'body' is refused with 400.",
        ("parameter",),
    ),
    "fault.accepted": Known(
        "A request with this fault (refusal/query/api-version/missing) is answered like one without.", ("fault",)
    ),
    "fault.crash": Known(
        "A request with this fault (robustness/path/link/unicode) is answered with a bare 500.", ("fault",)
    ),
    "credential.case-sensitive": Known("The scheme of a credential is compared letter by letter."),
    "resource.never-missing": Known(
        "A thing of this pool that does not exist is treated as one that does.", ("resource",)
    ),
    "page.item-lost": Known(
        "The last item of the first of several pages is on none, or with `at` another item of several pages.",
        (),
        ("at",),
    ),
    "page.item-repeated": Known("Each later page begins with the last item of the one before."),
    "page.repeated": Known("Each of several pages but the last comes twice."),
    "page.endless": Known("The last of several pages leads to the first."),
    "page.token-ignored": Known("Every continuation leads to the first page."),
    "page.token-on-last": Known("The last page names a continuation too."),
    "page.count-wrong": Known("The count is one too high, or off by so many.", (), ("by",)),
    "page.size": Known("A page holds this many items.", ("size",)),
    "page.last-empty": Known("The last page has the continuation header with an empty value. Legal."),
    "page.count-all": Known("The count is of the items on all pages. Legal."),
    "filter.ignored": Known("Whatever the parameter says, all is selected.", ("parameter",)),
    "filter.combination-ignored": Known(
        "Of several filters only the first one declared counts, or all but this parameter.", (), ("parameter",)
    ),
    "filter.any": Known("Of several filters one that fits is enough."),
    "filter.negated": Known("The parameter selects what does not fit.", ("parameter",)),
    "filter.prefix": Known("The parameter selects what begins with its value.", ("parameter",)),
    "filter.empty": Known("The parameter selects nothing at all.", ("parameter",)),
    "filter.item-lost": Known("The last item that the parameter selects is left out.", ("parameter",)),
    "filter.ancestors": Known("A scope selects the items at its ancestors too. Legal."),
    "read-after-write.not-persisted": Known("A write succeeds and changes nothing."),
    "read-after-write.stale": Known("What is read lags one write behind."),
    "read-after-write.lag": Known("A write shows to readers only after so many seconds. Legal.", ("seconds",)),
    "echo.wrong": Known("What the pointer leads to in a success has another value of the same form.", ("pointer",)),
    "upsert.ignored": Known("A second write to an id succeeds and keeps the first."),
    "upsert.adds": Known("A second write to an id succeeds, and what the first stored stays under another id."),
    "upsert.unstored": Known("A second write to an id is answered as one that replaces, and keeps the first."),
    "upsert.conflict": Known("A second write to an id is a conflict. Legal."),
    "delete.ignored": Known("A delete succeeds and removes nothing."),
    "delete.listed": Known("What was deleted is not found, and is still listed."),
    "delete.unlisted": Known("What was deleted is no longer listed, and is still found."),
    "delete.removes-another": Known("A delete removes something else too."),
    "delete.all": Known("A delete removes everything."),
    "delete.again-fails": Known("Deleting what is not there is a server error."),
    "delete.again-missing": Known("Deleting what is not there is refused as missing. Legal."),
    "idempotent.second-item": Known("A write that repeats what is stored stores it under another id too."),
    "idempotent.changes": Known("A write that repeats what is stored changes what the pointer leads to.", ("pointer",)),
    "idempotent.removes": Known("A write that repeats what is stored removes it."),
    "idempotent.removes-another": Known("Deleting what is not there removes something else."),
    "conditional.never": Known("The entity tag of a request is not looked at."),
    "conditional.always": Known("Every read is answered as one of what the client has already."),
    "conditional.content": Known("An answer that must not have content has {}."),
    "conditional.unstable": Known("Every answer has another entity tag."),
    "conditional.quoted-alone": Known("The entity tag of a body counts in quotation marks alone. Legal."),
    "conditional.raw-alone": Known("The entity tag of a body counts as it stands alone. Legal."),
    "exclusive.never-busy": Known("The state that excludes the operation is not looked at."),
    "exclusive.always-busy": Known("The operation is excluded in every state."),
    "exclusive.never-released": Known("Once the operation was excluded, or carried out, it is excluded for ever."),
    "exclusive.wrong-type": Known("The operation is excluded with another error."),
    "exclusive.wrong-status": Known("The operation is excluded with this status.", ("status",)),
    "transition.shown-as": Known(
        "Where the pointer leads to this state in a success, another is shown instead.", ("pointer", "state", "instead")
    ),
    "transition.goes-back": Known("Once an end state was shown, the state before it is shown again."),
    "throttled.never-released": Known("Once the API was throttled it stays so."),
    "throttled.http-date": Known("A throttled request is told a time and not a number of seconds. Legal."),
    "secret.echoed": Known(
        "The request's secret comes back in the body or a header, or in an error, plainly or in another form.",
        ("where",),
        ("coding",),
    ),
    "identity.accepted": Known("This identity may do everything.", ("identity",)),
    "identity.refused": Known("This identity may do nothing, with this status.", ("identity", "status")),
    "identity.any-kind": Known("Kinds of identity that a page calls not supported are supported. Legal."),
    "empty-body.filled": Known("A success that is documented as empty has this text.", ("text",)),
    "service.throttled": Known("A request is refused as one too many, with Retry-After.", (), ("retry-after",)),
    "service.unavailable": Known("A request is refused, since the service is not available.", (), ("retry-after",)),
    "service.failing": Known(
        "A request is refused before it is looked at, with the error of this cause, or with this status.",
        (),
        ("cause", "status", "retry-after"),
    ),
    "connection.dropped": Known("The connection ends before the answer; 501 where the server does not let it."),
    "connection.truncated": Known(
        "The connection ends after so many bytes of the content (default: half); 501 where the server does not let it.",
        (),
        ("bytes",),
    ),
    "connection.slow": Known("The content comes in pieces, over so many seconds. Legal.", ("seconds",)),
    "response.redirect": Known("A success is a 307 to another host.", ("location",), ("on",)),
    "wire.content-length": Known("Content-Length is off by so many bytes.", ("by",), ("on",)),
    "wire.duplicate-key": Known("The first member of a JSON text comes twice.", (), ("on",)),
    "wire.bom": Known("A content begins with a byte order mark.", (), ("on",)),
    "wire.nan": Known("A JSON text holds NaN.", (), ("on",)),
    "wire.invalid-utf8": Known("A JSON text holds a byte that is no UTF-8.", (), ("on",)),
    "wire.cut": Known("A content is cut in half, and has the length of the half.", (), ("on",)),
    "wire.gzip-declared": Known("A content is said to be compressed, and is not.", (), ("on",)),
    "wire.no-http": Known("An answer begins with what is no HTTP.", (), ("on",)),
    "wire.stall": Known("After nothing, or after half of the content, nothing comes.", ("after",), ("on",)),
    "wire.chunked": Known("A content comes in chunks with extensions. Legal.", (), ("on",)),
    "wire.http-1.0": Known("An answer is in HTTP/1.0 and ends with the connection. Legal.", (), ("on",)),
    "wire.header-case": Known("The names of header fields are in another letter case. Legal.", ("case",), ("on",)),
    "wire.phrase": Known("The reason phrase is this text. Legal.", ("text",), ("on",)),
    "wire.early-hints": Known("A response with 103 comes first. Legal.", (), ("on",)),
    "latency": Known(
        "The first byte comes so many seconds late, and up to `jitter` seconds more. Legal.", ("seconds",), ("jitter",)
    ),
    "case-insensitive.sensitive": Known(
        "Ids, or the values of this parameter, are compared letter by letter.", (), ("parameter",)
    ),
    "case-insensitive.segments": Known("The fixed segments of paths are compared letter by letter."),
}
"""What most servers may not do; what is legal all the same says so."""

PERMITTED: Mapping[str, Known] = {
    "body.field-added": Known("Every object of a JSON content has this field too.", ("name", "value"), ("on",)),
    "body.filled-in": Known(
        "Where nothing is at the pointer of a JSON content, this is.", ("pointer", "value"), ("on",)
    ),
    "body.letter-case": Known(
        "The text at the pointer of a success is in this letter case.", ("pointer", "case"), ("on",)
    ),
    "body.reversed": Known("The fields of every object of a JSON content are turned round.", (), ("on",)),
    "body.text": Known("A JSON text has white space wherever it may, or every character escaped.", ("form",), ("on",)),
    "header.list": Known(
        "A header that is a list has spaces before its commas, is turned round, or has a field for each item.",
        ("name", "form"),
        ("on",),
    ),
    "error.form": Known(
        "An error, or one with these statuses, is this JSON value, with $code, $message and $request-id filled in.",
        ("template",),
        ("key", "statuses"),
    ),
    "error.message": Known("The message of an error is this text.", ("text",)),
    "page.backwards": Known("The items of all pages come in the opposite order."),
}
"""Every such switch by name."""
