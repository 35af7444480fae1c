"""What goes through the emulator's pipeline: a request understood by its contract, and an answer as a structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from asdocumented.contracts.model import Api, Operation


@dataclass(slots=True)
class Incoming:
    """A request on its way through the pipeline, filled in step by step."""

    method: str
    target: str
    headers: Mapping[str, tuple[str, ...]]  # by name in lower case
    raw: bytes
    api: Api
    operation: Operation
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: Any = None
    identity: str = ""
    notes: list[str] = field(default_factory=list)

    def header(self, name: str) -> str:
        """Return the first header of that name, or the empty string."""
        return self.headers.get(name.lower(), ("",))[0]

    def argument(self, name: str) -> str:
        """Return the first value of a query parameter, or the empty string."""
        return self.query.get(name, ("",))[0]


@dataclass(slots=True)
class Answer:
    """An answer before it is written out. `text` replaces the structure `body` where a switch wants raw bytes."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/json; charset=utf-8"
    text: str | None = None
    cause: str = ""  # why it refuses; empty for a success


class RefusalError(Exception):
    """A request is refused for a cause of the contract (`unauthenticated`, `link-missing`, `sync-running`, ...)."""

    def __init__(self, cause: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.cause = cause
        self.message = message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
