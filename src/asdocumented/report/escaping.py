"""Make recorded text safe to show: it comes from a target, and may try to act on who reads it."""

from __future__ import annotations

__all__ = ["LONGEST", "shortened", "visible"]

LONGEST = 400
"""How many characters of one recorded value a rendering shows; the record has all of them."""


def visible(text: str) -> str:
    r"""Return the text with every character that is not printable as its escape (`\x1b`, `\n`, `\u202e`).

    Control characters would act on a terminal, those of bidirectional text would turn a sentence around, and half a
    surrogate pair cannot be written at all.
    """
    return text if text.isprintable() else "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def shortened(text: str, limit: int = LONGEST) -> str:
    """Return the text, made visible; one that is longer than `limit` characters is cut and says how long it is."""
    if len(text) <= limit:
        return visible(text)
    return f"{visible(text[:limit])}… ({len(text):,} characters)"
