"""The emulator's deviations as data: which there are, which are on, and for which operations.

A switch that is on is one line: a name, a glob on operation ids (`<api>/<operation>`) and arguments. What it does stands in
the module of the step that it bends. Any line may be on for the next few requests alone (`times`) or for a part of them that
the seed draws (`share`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from asdocumented.contracts.model import JSON
from asdocumented.emulator.worlds import Draws
from asdocumented.errors import UsageError, suggest

Arguments = Mapping[str, JSON]
Active = Mapping[str, tuple[Arguments, ...]]
"""The switches that are on for one request: name -> the arguments of each."""

NOTHING: Active = {}


@dataclass(frozen=True, slots=True)
class Known:
    """What one switch does, and the arguments that it needs or takes."""

    description: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


KNOWN: Mapping[str, Known] = {
    "response.drop": Known("What the pointer leads to is left out of a success.", ("pointer",), ("on",)),
    "response.set": Known("What the pointer leads to in a success has this value.", ("pointer", "value"), ("on",)),
    "response.status": Known("A success has this status.", ("status",), ("from", "on")),
    "response.header": Known(
        "The header of every answer has this value, or is left out for null.", ("name", "value"), ("on",)
    ),
    "response.media-type": Known(
        "The content of a success has this Content-Type, or none for null.", ("value",), ("on",)
    ),
    "response.body": Known("The content of a success is this text.", ("text",), ("on",)),
    "response.empty": Known("A success has no content.", (), ("on",)),
    "error.flat": Known("An error is {code, message} without its envelope."),
    "error.empty-object": Known("An error is {}."),
    "error.html": Known("An error is an HTML page."),
    "error.text": Known("An error is plain text."),
    "error.empty": Known("An error has no content."),
    "error.other-api": Known("An error is written as another API does.", ("api",)),
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
        ("form",),
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
"""Every switch by name."""

_WORDS = {
    "where": ("body", "header", "error"),
    "form": ("plain", "percent", "base64"),
    "at": ("start", "middle", "end"),
    "on": ("success", "error", "any"),
    "after": ("nothing", "half"),
    "case": ("upper", "title"),
}
_NUMBERS = {
    "status": (200, 599),
    "from": (200, 599),
    "size": (1, 10_000),
    "retry-after": (0, 3600),
    "bytes": (0, 1 << 20),
    "by": (-(1 << 20), 1 << 20),
}
_SECONDS = ("seconds", "jitter")
LONGEST = 60
"""No answer is made to come later than these seconds."""

MOST_TIMES = 1_000_000
_TEXTS = (
    "pointer",
    "name",
    "text",
    "api",
    "cause",
    "code",
    "error",
    "parameter",
    "identity",
    "resource",
    "fault",
    "state",
    "instead",
    "location",
)


@dataclass(frozen=True, slots=True)
class Switch:
    """One deviation that is on: its name, the operations that it is on for, and its arguments.

    `times` is for how many more requests (None: without end), `share` for which part of them.
    """

    name: str
    operation: str = "*"
    arguments: Arguments = field(default_factory=dict)
    times: int | None = None
    share: float = 1.0

    def __post_init__(self) -> None:
        """Raise UsageError for a name, an argument or a value that there is not."""
        _check_limits(self)
        known = KNOWN.get(self.name)
        if known is None:
            raise UsageError("switch-unknown", f"There is no switch {self.name!r}.", remedy=suggest(self.name, KNOWN))
        for name in self.arguments:
            if name not in (*known.needs, *known.takes):
                message = f"The switch {self.name} has no argument {name!r}."
                raise UsageError("switch-argument-unknown", message, remedy=suggest(name, (*known.needs, *known.takes)))
        for name in known.needs:
            if name not in self.arguments:
                raise UsageError(
                    "switch-argument-missing", f"The switch {self.name} needs the argument {name!r}.", remedy="Add it."
                )
        for name, value in self.arguments.items():
            _check(self.name, name, value)


def _check_limits(switch: Switch) -> None:
    """Raise UsageError for a number of requests, or a part of them, that there is not."""
    times, share = switch.times, switch.share
    if times is not None and not (_is_number(times) and isinstance(times, int) and 1 <= times <= MOST_TIMES):
        remedy = f"It is a whole number from 1 to {MOST_TIMES}."
        raise UsageError("switch-limit-invalid", f"{times!r} is no 'times' for a switch.", remedy=remedy)
    if not (_is_number(share) and 0 < share <= 1):
        remedy = "It is a number above 0 and at most 1."
        raise UsageError("switch-limit-invalid", f"{share!r} is no 'share' for a switch.", remedy=remedy)


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check(switch: str, name: str, value: JSON) -> None:
    """Raise UsageError for a value that the argument cannot have; `value` itself may be anything."""
    remedy = ""
    if name in _WORDS and value not in _WORDS[name]:
        remedy = suggest(str(value), _WORDS[name])
    elif name in _NUMBERS:
        least, most = _NUMBERS[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            remedy = f"It is a number from {least} to {most}."
    elif name in _SECONDS:
        if not _is_number(value) or not 0 <= value <= LONGEST:
            remedy = f"It is a number of seconds from 0 to {LONGEST}."
    elif name in _TEXTS and not isinstance(value, str):
        remedy = "It is a text."
    elif name == "pointer" and value and not value.startswith("/"):
        remedy = "It is a JSON pointer, as /value/0/id."
    if remedy:
        raise UsageError("switch-argument-invalid", f"{value!r} is no {name!r} for the switch {switch}.", remedy=remedy)


class Switchboard:
    """The switches of one emulator that are on; `draws` decides which requests a line is on for that has a share."""

    def __init__(self, draws: Draws | None = None) -> None:
        self.draws = draws or Draws("switches")
        self._on: list[Switch] = []
        self._active: dict[tuple[str, ...], Active] = {}
        self._has_limits = False

    @property
    def on(self) -> tuple[Switch, ...]:
        """Return the switches that are on, in the order in which they were set."""
        return tuple(self._on)

    def add(self, switch: Switch) -> None:
        """Put a switch on."""
        self._put([*self._on, switch])

    def remove(self, name: str, operation: str = "") -> None:
        """Put off every line of a switch, or those alone that have just this glob."""
        self._put([each for each in self._on if each.name != name or operation not in ("", each.operation)])

    def clear(self) -> None:
        """Put every switch off."""
        self._put([])
        self.draws.drawn = 0

    def _put(self, switches: list[Switch]) -> None:
        self._on = switches
        self._has_limits = any(each.times is not None or each.share < 1 for each in switches)
        self._active.clear()

    def active(self, operations: tuple[str, ...]) -> Active:
        """Return the switches that are on for a request that addresses one of these operations; it counts as one."""
        if not self._on:
            return NOTHING
        if self._has_limits:
            return _group(self._struck(operations))
        if operations not in self._active:
            self._active[operations] = _group(each for each in self._on if _fits(each, operations))
        return self._active[operations]

    def _struck(self, operations: tuple[str, ...]) -> list[Switch]:
        """Return the lines that are on for this request, and count it off those that end."""
        struck = [each for each in self._on if _fits(each, operations) and self._is_drawn(each)]
        ending = {id(each) for each in struck if each.times is not None}
        if ending:
            self._put([left for each in self._on if (left := _left(each) if id(each) in ending else each)])
        return struck

    def _is_drawn(self, switch: Switch) -> bool:
        return switch.share == 1 or self.draws.random() < switch.share


def _left(switch: Switch) -> Switch | None:
    """Return a line as it is after one more of its requests; None when that was the last."""
    return replace(switch, times=switch.times - 1) if switch.times is not None and switch.times > 1 else None


def _fits(switch: Switch, operations: tuple[str, ...]) -> bool:
    return any(fnmatchcase(operation, switch.operation) for operation in operations)


def _group(switches: Iterable[Switch]) -> Active:
    grouped: dict[str, tuple[Arguments, ...]] = {}
    for each in switches:
        grouped[each.name] = (*grouped.get(each.name, ()), each.arguments)
    return grouped


def argument(active: Active, switch: str, name: str) -> JSON:
    """Return an argument of a switch that is on (of the one set last), or None when it is off."""
    lines = active.get(switch)
    return lines[-1].get(name) if lines else None


def names(active: Active, switch: str, name: str, value: str) -> bool:
    """Tell whether a switch is on with this value of an argument."""
    return any(line.get(name) == value for line in active.get(switch, ()))


def is_sensitive(active: Active, parameter: str) -> bool:
    """Tell whether a switch makes the values of a parameter be compared letter by letter."""
    return any(line.get("parameter", parameter) == parameter for line in active.get("case-insensitive.sensitive", ()))
