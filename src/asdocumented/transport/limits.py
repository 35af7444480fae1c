"""Read an answer within limits: how much there may be of it, and what a content coding may unfold it to."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, Iterator

LARGEST = 64 << 20
"""The most bytes that an answer may have where a target says nothing else."""

_PIECE = 65_536
_GZIP, _ZLIB, _BARE = 31, 15, -15  # the formats of zlib.decompressobj
_CODINGS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}


class TooLargeError(Exception):
    """An answer has more bytes than it may; `unfolded` says that a content coding hid most of them."""

    def __init__(self, largest: int, *, unfolded: bool) -> None:
        how = "once it is decoded, although no content coding was asked for" if unfolded else "and was not read further"
        super().__init__(f"the answer is larger than {largest} bytes {how}")
        self.unfolded = unfolded


class UndecodableError(Exception):
    """A content is not what its content coding says."""


class Content:
    """The content of one answer, decoded piece by piece as it comes. A coding that is not known is left as it is."""

    def __init__(self, codings: str, largest: int) -> None:
        """Take the value of Content-Encoding, or the empty string."""
        named = [each.strip().lower() for each in codings.split(",") if each.strip().lower() not in ("", "identity")]
        known = all(each in _CODINGS for each in named)
        self._layers = [_Layer(_CODINGS[each], largest) for each in reversed(named)] if known else []
        self._largest = largest
        self._wire = 0
        self._content = bytearray()

    def feed(self, data: bytes) -> None:
        """Take some bytes of the wire; raises TooLargeError or UndecodableError."""
        self._wire += len(data)
        if self._wire > self._largest:
            raise TooLargeError(self._largest, unfolded=False)
        for piece in _through(self._layers, data) if self._layers else (data,):
            self._content += piece

    def end(self) -> bytes:
        """Return the whole content; raises UndecodableError when a coding is not at its end."""
        if self._wire and not all(layer.ended for layer in self._layers):
            raise UndecodableError("the compressed content ends before it is complete")
        return bytes(self._content)


def _through(layers: list[_Layer], data: bytes) -> Iterator[bytes]:
    if not layers:
        yield data
        return
    for piece in layers[0].feed(data):
        yield from _through(layers[1:], piece)


class _Layer:
    """One content coding. What it gives counts, whatever a further coding makes of it: work is what a bomb costs."""

    def __init__(self, form: int, largest: int) -> None:
        self._decoder = zlib.decompressobj(form)
        self._form = form
        self._largest = largest
        self._given = 0

    @property
    def ended(self) -> bool:
        """Tell whether the end of the coding was reached."""
        return self._decoder.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what some bytes give, in pieces that are never long."""
        while True:
            piece = self._decoded(data)
            data = self._decoder.unconsumed_tail
            self._given += len(piece)
            if self._given > self._largest:
                raise TooLargeError(self._largest, unfolded=True)
            if piece:
                yield piece
            if self._decoder.eof or (not data and len(piece) < _PIECE):
                return

    def _decoded(self, data: bytes) -> bytes:
        try:
            return self._decoder.decompress(data, _PIECE)
        except zlib.error as error:
            if self._form == _ZLIB and not self._given:  # many servers send `deflate` without zlib's frame
                self._form, self._decoder = _BARE, zlib.decompressobj(_BARE)
                return self._decoded(data)
            raise UndecodableError(f"the content is not in its content coding: {error}") from error


async def read(chunks: AsyncIterable[bytes], codings: str, largest: int) -> bytes:
    """Return the decoded content of an answer; raises TooLargeError as soon as it is too large, or UndecodableError."""
    content = Content(codings, largest)
    async for chunk in chunks:
        content.feed(chunk)
    return content.end()


def decoded(raw: bytes, codings: str, largest: int) -> bytes:
    """Return the decoded form of a content that is here already; raises TooLargeError or UndecodableError."""
    content = Content(codings, largest)
    content.feed(raw)
    return content.end()
