"""Replacing secrets by markers when an exchange is recorded."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from asdocumented.forms import UNMISTAKABLE
from asdocumented.secrets import Redactor, marker_for

_MARKER = "«token:admin»"
_TEXT = st.characters(exclude_categories=("Cs",))
_SECRETS = st.text(_TEXT, min_size=4, max_size=40).filter(lambda text: text.strip())
_LONG = st.text(_TEXT, min_size=UNMISTAKABLE, max_size=40).filter(lambda text: text.strip())
ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "URL": lambda text: quote(text, safe=""),
    "URL with slashes": quote,
    "form": quote_plus,
    "small percent": lambda text: (
        quote(text, safe="").replace("%2F", "%2f").replace("%3D", "%3d").replace("%2B", "%2b")
    ),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 without padding": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "base64url without padding": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in Unicode": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON with escaped slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON twice": lambda text: json.dumps(json.dumps(text))[3:-3],
    "all in \\u": lambda text: "".join(f"\\u{unit:04x}" for unit in _units(text)),
    "all in capital \\u": lambda text: "".join(f"\\u{unit:04X}" for unit in _units(text)),
    "all percent-encoded": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "percent-encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent-encoded thrice": lambda text: quote(quote(quote(text, safe=""), safe=""), safe=""),
    "HTML": html.escape,
    "HTML in JSON": lambda text: json.dumps(html.escape(text))[1:-1],
    "HTML in digits": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "HTML in hexadecimal": lambda text: "".join(f"&#x{ord(char):X};" for char in text),
    "JSON percent-encoded": lambda text: quote(json.dumps(text)[1:-1], safe=""),
    "base64 at offset 1": lambda text: base64.b64encode(b"u" + text.encode() + b":more").decode(),
    "base64 at offset 2": lambda text: base64.b64encode(b"u:" + text.encode()).decode(),
    "base64 at offset 3": lambda text: base64.b64encode(b"us:" + text.encode() + b"!").decode(),
    "base64url at offset 5": lambda text: base64.urlsafe_b64encode(b"user:" + text.encode()).decode(),
    "UTF-16": "\0".join,
    "UTF-16 in JSON": lambda text: json.dumps("\0".join(text))[1:-1],
    "lower case": str.lower,
    "upper case": str.upper,
    "hexadecimal": lambda text: text.encode().hex(),
    "Markdown": lambda text: re.sub(r"([^\w\s])", r"\\\1", text),
}
_UNMISTAKABLE = {"lower case", "upper case", "hexadecimal"} | {each for each in ENCODINGS if "offset" in each}
"""Forms that are looked for where a secret is so long that nothing is like it by chance."""


def _units(text: str) -> list[int]:
    raw = text.encode("utf-16-be")
    return [int.from_bytes(raw[start : start + 2]) for start in range(0, len(raw), 2)]


@pytest.mark.parametrize("encoding", sorted(ENCODINGS.keys() - _UNMISTAKABLE))
@settings(deadline=None)
@given(_SECRETS, st.text(_TEXT, max_size=10), st.text(_TEXT, max_size=10))
@example('pass"word', "a", "b")
@example("pass/word+x=", "a", "b")
@example("pass word", "a", "b")
@example("pässwörd?>", "a", "b")
@example("tab\tand\nbreak", "", "")
@example("bell\x07 & backslash\\n", "", "")
@example("break\nand & backslash\\n", "", "")
def test_no_secret_survives(encoding: str, secret: str, before: str, after: str) -> None:
    """No secret survives in a text or a body, in whichever common encoding it stands there."""
    encoded = ENCODINGS[encoding](secret)
    assume(encoded not in _MARKER and encoded not in before + _MARKER + after)
    redactor = Redactor({secret: _MARKER})
    text = f"{before}{encoded}{after}"
    expected = (False, False)

    assert expected == (encoded in redactor.text(text), encoded.encode() in redactor.body(text.encode()))


@pytest.mark.parametrize("encoding", sorted(_UNMISTAKABLE))
@settings(deadline=None)
@given(_LONG, st.text(_TEXT, max_size=10), st.text(_TEXT, max_size=10))
def test_no_long_secret_survives(encoding: str, secret: str, before: str, after: str) -> None:
    """No secret that is too long to be a word survives, in whichever form that a shorter one might share by chance."""
    test_no_secret_survives.hypothesis.inner_test(encoding, secret, before, after)  # type: ignore[attr-defined]


@given(_SECRETS, st.binary(max_size=10))
def test_odd_bytes_hide_nothing(secret: str, noise: bytes) -> None:
    """A secret among bytes that are no text is replaced as well."""
    assume(secret not in _MARKER)
    raw = secret.encode()
    assume(raw not in noise + _MARKER.encode() + noise)
    expected = False

    assert expected == (raw in Redactor({secret: _MARKER}).body(noise + raw + noise))


@given(st.binary())
def test_other_bytes_stay(body: bytes) -> None:
    """A body without a secret stays as it is, byte for byte."""
    redactor = Redactor({"a secret that is not there": _MARKER})

    assert body == redactor.body(body)


@given(_SECRETS)
def test_replacing_twice_is_once(secret: str) -> None:
    """What was redacted before stays as it is."""
    redactor = Redactor({secret: _MARKER})
    once = redactor.text(f"x{secret}y")
    assume(secret not in _MARKER)

    assert once == redactor.text(once)


def test_longest_secret_goes_first() -> None:
    """A secret that holds another is replaced as a whole."""
    redactor = Redactor({"word": "«short»", "password": "«long»"})
    expected = "«long» and «short»"

    assert expected == redactor.text("password and word")


def test_marker_keeps_whose_it_was() -> None:
    """A marker says whose credential it stands for."""
    expected = "Bearer «token:admin»"

    assert expected == Redactor({"abcdefgh": marker_for("admin")}).text("Bearer abcdefgh")


def test_headers_are_redacted() -> None:
    """A secret in the value of a header is replaced, and names of headers stay."""
    headers = (("Authorization", "Bearer abcdefgh"), ("X-Other", "y"))
    expected = (("Authorization", f"Bearer {_MARKER}"), ("X-Other", "y"))

    assert expected == Redactor({"abcdefgh": _MARKER}).headers(headers)


@pytest.mark.parametrize("secret", ["", "a", "abc"])
def test_short_secret_is_refused(secret: str) -> None:
    """A secret that would be found everywhere is refused."""
    redactor = Redactor()
    expected = "a secret of fewer than four characters would be found everywhere"

    with pytest.raises(ValueError, match="four characters") as caught:
        redactor.add(secret, _MARKER)

    assert expected == str(caught.value)


def test_first_marker_is_kept() -> None:
    """A secret that is added twice keeps its first marker."""
    redactor = Redactor({"abcdefgh": "«first»"})
    redactor.add("abcdefgh", "«second»")
    expected = "«first»"

    assert expected == redactor.text("abcdefgh")


def test_later_secret_is_known() -> None:
    """A secret that an answer hands out is known from then on."""
    redactor = Redactor()
    before = redactor.text("abcdefgh")
    redactor.add("abcdefgh", _MARKER)
    expected = ("abcdefgh", _MARKER)

    assert expected == (before, redactor.text("abcdefgh"))
