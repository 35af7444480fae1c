"""Replace names and ids by others of the same shape, the same one for the same name wherever it stands.

A GUID stays a GUID of its version, and a name keeps its length and its kinds of characters; letter case goes with the text, so
that what differed in case alone still does. Everything follows from a key: without it nobody can go back, or find out whether a
pseudonym is that of a name.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Iterator

from asdocumented import forms, packing

SHORTEST = 3
"""A shorter name is left as it is: it would be found in every word, and tells of nobody."""

_ANYWHERE = 6  # a name of so many characters is replaced inside of longer words too
_TRIES = 100
_GUID = re.compile(
    r"[0-9A-Fa-f]{8}(?P<dash>-|%2[dD])(?:[0-9A-Fa-f]{4}(?P=dash)){3}[0-9A-Fa-f]{12}|(?<![0-9A-Za-z])[0-9A-Fa-f]{32}(?![0-9A-Za-z])"
)
_KEPT_DIGITS = (12, 16)  # the version of a GUID and its variant
_SAME = (frozenset("0"), frozenset("f"))
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_TWO_BYTES = "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþ"


class Pseudonyms:
    """Names with their pseudonyms, under one key. `public` are words, in lower case, that no pseudonym may be."""

    def __init__(self, key: bytes, names: Iterable[str], public: Iterable[str] = ()) -> None:
        self._key = key
        words = set(public)
        wanted = sorted(
            {name.lower() for name in names if len(name) >= SHORTEST} - words, key=lambda each: (-len(each), each)
        )
        self._pseudonyms: dict[str, str] = {}
        taken = words | set(wanted)
        for name in wanted:
            self._pseudonyms[name] = self._made(name, taken)
            taken.add(self._pseudonyms[name])
        self._within = {name for name in wanted if any(name in word for word in words)}
        self._patterns: dict[tuple[str, ...], re.Pattern[str]] = {}

    def _made(self, name: str, taken: set[str]) -> str:
        """Return a pseudonym that is no name, no public word and no other's pseudonym; a name of nothing but signs is kept."""
        made = name
        for attempt in range(_TRIES):
            made = "".join(map(_like, name, self._numbers(f"{attempt}:{name}")))
            if made not in taken:
                break
        return made

    def _numbers(self, name: str) -> Iterator[int]:
        block = 0
        while True:
            yield from hmac.digest(self._key, f"{block}:{name}".encode(errors="surrogatepass"), "sha256")
            block += 1

    def text(self, text: str) -> str:
        """Return a text with every name and every GUID replaced, percent-encoded, escaped or within base64 too."""
        return _BASE64.sub(self._in_base64, self._plain(text))

    def _plain(self, text: str, *, least: int = SHORTEST) -> str:
        folded = (text if forms.is_plain(text) else f"{text}\n{forms.lookup(text)}").lower()
        possible = tuple(name for name in self._pseudonyms if len(name) >= least and name in folded)
        if possible:
            text = self._pattern(possible).sub(self._named, text)
        return _GUID.sub(lambda found: self.guid(found[0]), text)

    def _pattern(self, names: tuple[str, ...]) -> re.Pattern[str]:
        if names not in self._patterns:
            self._patterns[names] = re.compile("|".join(map(self._one, names)), re.IGNORECASE)
        return self._patterns[names]

    def _one(self, name: str) -> str:
        pattern = forms.escaped(name)
        if len(name) >= _ANYWHERE and name not in self._within:
            return pattern
        return rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])"

    def _named(self, found: re.Match[str]) -> str:
        text = found[0]
        name = text.lower()
        if name in self._pseudonyms:
            return "".join(map(_in_case, self._pseudonyms[name], text))
        tokens = forms.characters(text)
        name = "".join(char for char, _ in tokens).lower()
        pseudonym = self._pseudonyms.get(name)
        if pseudonym is None:  # an escape that is read in two ways; better a name too many than one too few
            return "".join(map(_like, text, self._numbers(text)))
        return "".join(write(_in_case(other, char)) for other, (char, write) in zip(pseudonym, tokens, strict=True))

    def guid(self, guid: str) -> str:
        """Return the pseudonym of a GUID, with dashes and letter case as it has them; nil and its like stay."""
        bare = re.sub("%2d|-", "", guid.lower())
        if frozenset(bare) in _SAME:
            return guid
        digits = list(hmac.digest(self._key, bare.encode(), "sha256").hex()[: len(bare)])
        for place in _KEPT_DIGITS:
            digits[place] = bare[place]
        letters = [char for char in re.sub("%2[dD]", "-", guid) if char.isalpha()]
        made = "".join(digits)
        made = made.upper() if letters and letters[0].isupper() else made
        dash = next((each for each in ("%2d", "%2D", "-") if each in guid), "")
        return dash.join((made[:8], made[8:12], made[12:16], made[16:20], made[20:]))

    def body(self, body: bytes) -> bytes:
        """Return bytes with every name replaced; what is compressed is looked into."""
        packed = packing.unpack(body)
        if packed is not None:
            content, pack = packed
            changed = self._bytes(content)
            return body if changed == content else pack(changed)
        return self._bytes(body)

    def _bytes(self, body: bytes) -> bytes:
        return self.text(body.decode("utf-8", errors="surrogateescape")).encode("utf-8", errors="surrogateescape")

    def _in_base64(self, found: re.Match[str]) -> str:
        """Return a run of base64 with what it encodes replaced; what is none, or holds no name, stays as it is."""
        text = found[0]
        bare = text.rstrip("=")
        altchars = b"-_" if set("-_") & set(bare) else b"+/"
        try:
            raw = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=altchars, validate=True)
        except (binascii.Error, ValueError):
            return text
        packed = packing.unpack(raw)
        content, pack = packed or (raw, None)
        before = content.decode("utf-8", errors="surrogateescape")
        changed = self._plain(before, least=_ANYWHERE).encode("utf-8", errors="surrogateescape")
        if changed == content:
            return text
        encoded = base64.b64encode(pack(changed) if pack else changed, altchars=altchars).decode().rstrip("=")
        return encoded + "=" * (-len(encoded) % 4 if text.endswith("=") else 0)


def _like(char: str, number: int) -> str:
    """Return a character of the same kind: a digit for a digit, a letter for a letter as long in UTF-8, and a sign as it is."""
    if char.isascii():
        if char.isdigit():
            return str(number % 10)
        return chr(ord("a") + number % 26) if char.isalpha() else char
    if not char.isalpha():
        return char
    match len(char.encode(errors="surrogatepass")):
        case 2:
            return _TWO_BYTES[number % len(_TWO_BYTES)]
        case 3:
            return chr(0x4E00 + number)
    return char


def _in_case(char: str, like: str) -> str:
    """Return a character in the letter case of another."""
    other = char.upper() if like.isupper() else char
    return other if len(other) == 1 else char
