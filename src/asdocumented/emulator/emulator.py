"""The emulator: one ASGI application for every API of the contracts, whose whole state belongs to the instance."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from fnmatch import fnmatchcase
from random import Random

from starlette.types import ASGIApp

from asdocumented.contracts.model import JSON, Api, Catalogue
from asdocumented.emulator import handlers, tokens
from asdocumented.emulator.application import Application
from asdocumented.emulator.clock import Clock
from asdocumented.emulator.control import Control
from asdocumented.emulator.delivery import Courier
from asdocumented.emulator.framing import lenient
from asdocumented.emulator.log import Log, Record
from asdocumented.emulator.openid import OpenId
from asdocumented.emulator.pipeline import Pipeline
from asdocumented.emulator.services import Service, build
from asdocumented.emulator.state import Keeper
from asdocumented.emulator.switches import Switch, Switchboard
from asdocumented.emulator.worlds import Draws, Setting, World
from asdocumented.errors import UsageError, suggest

_LATENCY = "latency"


class Emulator:
    """All APIs of a catalogue, emulated.

    `seed` decides every id and the key of every token; `strict` refuses what no source forbids but none allows; `clock` is the
    system's unless one that steps is given. `app` is the ASGI application.
    """

    def __init__(
        self, catalogue: Catalogue, *, seed: int = 0, strict: bool = False, clock: Clock | None = None
    ) -> None:
        self.catalogue = catalogue
        self.seed = seed
        self.clock = clock or Clock()
        self._services = {name: build(api, seed) for name, api in catalogue.apis.items()}
        self._switchboard = Switchboard(Draws(f"{seed}/switches"))
        self._log = Log()
        self._keeper = Keeper(catalogue, seed, self._services, self._switchboard, self.clock)
        self._pipeline = Pipeline(self._services, self.clock, self._switchboard, self._log, strict=strict)
        courier = Courier(self.clock, self._switchboard.draws)
        authority = OpenId(catalogue, seed, self.clock)
        self.app: ASGIApp = Application(self._pipeline, Control(self), authority, courier)

    def protocol(self) -> type[asyncio.Protocol]:
        """Return the protocol that a server has to read with, so that switches for what it would refuse show (uvicorn)."""
        return lenient(self._pipeline.takes)

    @property
    def resources(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """Return the ids that exist now: API -> pool -> ids."""
        return {name: service.world.ids() for name, service in self._services.items()}

    @property
    def switches(self) -> tuple[Switch, ...]:
        """Return the switches that are on."""
        return self._switchboard.on

    @property
    def log(self) -> list[Record]:
        """Return the latest requests, the oldest first."""
        return self._log.records()

    def clear_log(self) -> None:
        """Forget the requests so far."""
        self._log.clear()

    def reset(self) -> None:
        """Go back to how the emulator started: the state of every API, the switches and the log. The clock goes on."""
        for service in self._services.values():
            service.reset()
        self.clear_switches()
        self.clear_log()

    def export_state(self) -> dict[str, JSON]:
        """Return the whole state but for the log: what exists, sessions (their digests), switches, clock and what was drawn."""
        return self._keeper.exported()

    def import_state(self, state: JSON) -> None:
        """Go on from an exported state. Raises UsageError, with nothing changed, for what is no state for this emulator."""
        self._keeper.imported(state, self._check_switch)

    def arrange(self, api: str, state: str) -> Mapping[str, tuple[str, ...]]:
        """Put an API into one of its states, from scratch; return the ids by pool that the state is about.

        The ids are the same for the same seed whatever happened before. Raises UsageError for an unknown API or state.
        """
        service = self._service(api)
        arranger = handlers.arranger(api, state) if state in service.api.states else None
        if arranger is None:
            message = f"The API {api} has no state {state!r}."
            raise UsageError("state-unknown", message, remedy=suggest(state, service.api.states))
        world = World.initial(service.api)
        left = arranger(Setting(world, Random(f"{self.seed}/{api}/{state}"), self.clock.now()))
        service.world, service.lagging = world, None
        return dict(left)

    def credential(
        self, api: str, identity: str, *, expires_in: int = 3600, security: str = "token"
    ) -> tuple[str, str] | None:
        """Return the name and value of the header with which an identity calls; None for the anonymous one.

        With `security` "basic" the value is HTTP Basic: the identity's own password, or a wrong one where the identity is
        refused. Raises UsageError for an unknown API or identity.
        """
        contract = self._service(api).api
        if identity == tokens.ANONYMOUS:
            return None
        if security == "basic":
            return "Authorization", _basic(contract, identity, self.seed)
        token = tokens.sign(contract, identity, seed=self.seed, now=self.clock.now(), expires_in=expires_in)
        return contract.credential["header"], f"{contract.credential['scheme']} {token}".strip()

    def switch(self, name: str, /, **arguments: JSON) -> None:
        """Put a switch on.

        Among the arguments, `operation` is a glob on operation ids (default: all), `times` for how many more requests it is
        on (default: without end) and `share` for which part of them (default: 1); with `alternates` it is on for every second
        one whose answer it changes. Raises UsageError for an unknown switch, argument, API or operation.
        """
        operation = arguments.pop("operation", "*")
        limits = {each: arguments.pop(each) for each in ("times", "share", "alternates") if each in arguments}
        self.add_switch(Switch(name, operation, arguments, **limits))

    def add_switch(self, switch: Switch) -> None:
        """Put a switch on that is already data."""
        self._check_switch(switch)
        self._switchboard.add(switch)

    def _check_switch(self, switch: Switch) -> None:
        """Raise UsageError for a switch that is for no operation here, or about an API that is not here."""
        known = [operation.id for operation in self.catalogue.operations]
        if not any(fnmatchcase(each, switch.operation) for each in known):
            message = f"No operation fits {switch.operation!r}."
            raise UsageError("operation-unknown", message, remedy=suggest(switch.operation, known))
        if "api" in switch.arguments:
            self._service(switch.arguments["api"])

    def late(self, seconds: float, *, operation: str = "*", jitter: float = 0) -> None:
        """Let answers come so many seconds late, and up to `jitter` more; a line for the same glob is replaced."""
        switch = Switch(_LATENCY, operation, {"seconds": seconds, "jitter": jitter})
        self._switchboard.remove(_LATENCY, operation)
        self.add_switch(switch)

    def in_time(self) -> None:
        """Let every answer come at once again."""
        self._switchboard.remove(_LATENCY)

    def clear_switches(self) -> None:
        """Put every switch off; what a switch kept readers from seeing shows again."""
        self._switchboard.clear()
        for service in self._services.values():
            service.lagging = None

    def _service(self, api: str) -> Service:
        if api not in self._services:
            raise UsageError("api-unknown", f"There is no API {api!r}.", remedy=suggest(api, self._services))
        return self._services[api]


def _basic(api: Api, identity: str, seed: int) -> str:
    known = api.identities.get(identity)
    right = known is not None and known.refused is None and identity not in tokens.FAULTS
    password = tokens.basic_password(seed, identity) if right else "wrong-password"
    return "Basic " + base64.b64encode(f"{identity}:{password}".encode()).decode()
