"""The least that an ASGI application can do, for the floor of `throughput`: one answer from a file, to everything.

The file is named by the environment variable `BENCHMARK_ANSWER`: a JSON object with `headers` (pairs) and `body`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

_ANSWER = json.loads(Path(os.environ["BENCHMARK_ANSWER"]).read_text(encoding="utf-8"))
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in _ANSWER["headers"]],
}
_BODY = {"type": "http.response.body", "body": _ANSWER["body"].encode()}


async def app(
    scope: Mapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Answer a request; a connection's lifespan is not looked after."""
    if scope["type"] == "http":
        await receive()
        await send(_START)
        await send(_BODY)
