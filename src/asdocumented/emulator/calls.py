"""One request on its way through the pipeline, and what a handler answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from asdocumented.contracts.model import JSON
from asdocumented.emulator.messages import Headers, Request
from asdocumented.emulator.switches import Active
from asdocumented.emulator.worlds import World

if TYPE_CHECKING:
    from asdocumented.emulator.services import Endpoint, Service


class Answer(NamedTuple):
    """What a handler answers: a documented status, the body as a structure that is its own (None: empty), and headers."""

    status: int
    body: JSON = None
    headers: Headers = ()


@dataclass(slots=True)
class Call:
    """A request whose operation is known. Each step of the pipeline reads what the ones before it found."""

    request: Request
    service: Service
    endpoint: Endpoint
    path: Mapping[
        str, str
    ]  # decoded path parameters; once they were looked up, as the ids are written where they exist
    query: Mapping[str, tuple[str, ...]]
    active: Active
    world: World
    now: float
    strict: bool
    identity: str = ""
    credential: str = field(default="", repr=False)
    body: JSON = field(default=None, repr=False)
    notes: list[str] = field(default_factory=list)

    def new_id(self) -> str:
        """Return a fresh UUID that the seed determines."""
        return self.service.random.uuid()

    def note(self, text: str) -> None:
        """Say in the log what was accepted although no source has it."""
        self.notes.append(text)
