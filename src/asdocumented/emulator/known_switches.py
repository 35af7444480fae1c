"""What a switch is to those who name it, and the switches for what a server may do: they make an answer look else, not wrong.

Which of them is legal for which operation is for the contract to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """What one switch does, and the arguments that it needs or takes."""

    description: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


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
        ("statuses",),
    ),
    "error.message": Known("The message of an error is this text.", ("text",)),
    "page.backwards": Known("The items of all pages come in the opposite order."),
}
"""Every such switch by name."""
