"""Look into compressed bytes, so that nothing hides there."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

LARGEST = 64 << 20
"""How many bytes a compressed body may become before nobody looks at the rest."""

HEAD = 3
"""How many bytes tell whether a body is compressed."""

_GZIP = b"\x1f\x8b\x08"
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


def is_packed(body: bytes) -> bool:
    """Tell whether a body begins as one that is compressed."""
    return body.startswith((_GZIP, *_ZLIB))


def unpack(body: bytes) -> tuple[bytes, Callable[[bytes], bytes]] | None:
    """Return the content of a body that is compressed by gzip or zlib, with how it is compressed again; None for any other.

    Of a body that was cut off, the content that is there is returned.
    """
    if body.startswith(_GZIP):
        wbits, pack = 16 + zlib.MAX_WBITS, _gzipped
    elif body.startswith(_ZLIB):
        wbits, pack = zlib.MAX_WBITS, _deflated
    else:
        return None
    decompressor = zlib.decompressobj(wbits)
    try:
        content = decompressor.decompress(body, LARGEST)
    except zlib.error:
        return None
    return (content, pack) if content else None


def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _deflated(content: bytes) -> bytes:
    return zlib.compress(content)
