"""The emulator's deviations as data: which there are, which are on, and for which operations.

A switch that is on is one line: a name, a glob on operation ids (`<api>/<operation>`) and arguments. What it does stands in
the module of the step that it bends. Any line may be on for the next few requests alone (`times`), for a part of them that the
seed draws (`share`), or for every second one of those whose answer it changes (`alternates`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from asdocumented.contracts.model import JSON
from asdocumented.emulator.known_switches import DEVIATING, PERMITTED, Known
from asdocumented.emulator.worlds import Draws
from asdocumented.errors import UsageError, suggest

Arguments = Mapping[str, JSON]
Active = Mapping[str, tuple[Arguments, ...]]
"""The switches that are on for one request: name -> the arguments of each."""

NOTHING: Active = {}


KNOWN: Mapping[str, Known] = {**DEVIATING, **PERMITTED}
"""Every switch by name."""

_WORDS = {
    "where": ("body", "header", "error"),
    "coding": ("plain", "percent", "base64"),
    "at": ("start", "middle", "end"),
    "on": ("success", "error", "any"),
    "after": ("nothing", "half"),
    "of": ("last",),
    "case": ("upper", "lower", "title"),
    "form": ("spacious", "escaped", "reversed", "split"),
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
    "key",
    "definition",
    "rename",
    "wrap",
)


@dataclass(frozen=True, slots=True)
class Switch:
    """One deviation that is on: its name, the operations that it is on for, and its arguments.

    `times` is for how many more requests (None: without end), `share` for which part of them; one that `alternates` is on for
    every second of the requests whose answer it changes, the first of which it leaves as it is.
    """

    name: str
    operation: str = "*"
    arguments: Arguments = field(default_factory=dict)
    times: int | None = None
    share: float = 1.0
    alternates: bool = False

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
    if not isinstance(switch.alternates, bool):
        message = f"{switch.alternates!r} is no 'alternates' for a switch."
        raise UsageError("switch-limit-invalid", message, remedy="It is true or false.")
    if switch.alternates and (times is not None or share != 1):
        message = "A line that alternates is limited by neither 'times' nor 'share'."
        raise UsageError("switch-limit-invalid", message, remedy="Leave them out.")


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_statuses(value: JSON) -> bool:
    least, most = _NUMBERS["status"]
    return isinstance(value, list) and all(_is_number(each) and least <= each <= most for each in value)


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
    elif name == "path" and not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
        remedy = 'It is a list of names, as ["details", "items"].'
    elif name == "statuses" and not _are_statuses(value):
        remedy = "It is a list of statuses, as [401, 403]."
    elif name == "pointer" and value and not value.startswith("/"):
        remedy = "It is a JSON pointer, as /value/0/id."
    if remedy:
        raise UsageError("switch-argument-invalid", f"{value!r} is no {name!r} for the switch {switch}.", remedy=remedy)


class Switchboard:
    """The switches of one emulator that are on; `draws` decides which requests a line is on for that has a share."""

    def __init__(self, draws: Draws | None = None) -> None:
        self.draws = draws or Draws("switches")
        self.turned = 0  # how many answers lines that alternate would have changed
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
        self.turned = 0

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
            steady = (each for each in self._on if not each.alternates)
            self._active[operations] = _group(each for each in steady if _fits(each, operations))
        return self._active[operations]

    def alternating(self, active: Active, operations: tuple[str, ...]) -> Active:
        """Return what is active together with the lines for these operations that alternate; nothing where none does."""
        lines = [each for each in self._on if each.alternates and _fits(each, operations)]
        added = {name: (*active.get(name, ()), *own) for name, own in _group(lines).items()}
        return {**active, **added} if added else NOTHING

    def is_turn(self) -> bool:
        """Count one more answer that lines that alternate would change, and tell whether they are on for it."""
        self.turned += 1
        return self.turned % 2 == 0

    def _struck(self, operations: tuple[str, ...]) -> list[Switch]:
        """Return the lines that are on for this request, and count it off those that end."""
        steady = (each for each in self._on if not each.alternates)
        struck = [each for each in steady if _fits(each, operations) and self._is_drawn(each)]
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
