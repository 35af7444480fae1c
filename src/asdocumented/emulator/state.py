"""The state of an emulator as one JSON document: exported, checked, and taken over by another emulator as a whole or not at all.

`schemas/state.schema.json` describes it. It holds no credential: worlds keep digests of session ids, and tokens are made
from the seed. A digest over the document keeps a file that was cut short or edited from being taken for a state.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import jsonschema_rs

from asdocumented.contracts.model import JSON, Catalogue
from asdocumented.emulator.clock import EARLIEST, LATEST, Clock, Hands
from asdocumented.emulator.services import Service
from asdocumented.emulator.switches import Switch, Switchboard
from asdocumented.emulator.worlds import RateUse, World
from asdocumented.errors import UsageError

KIND: Final = "asdocumented-emulator-state"
VERSION: Final = 1
_REMEDY = "Export it again, or leave it out and start afresh."


@cache
def schema() -> dict[str, JSON]:
    """Return the JSON Schema of a state."""
    text = files("asdocumented.emulator").joinpath("schemas", "state.schema.json").read_text(encoding="utf-8")
    found: dict[str, JSON] = json.loads(text)
    return found


class Keeper:
    """Exports and imports the state of one emulator."""

    def __init__(
        self, catalogue: Catalogue, seed: int, services: Mapping[str, Service], switchboard: Switchboard, clock: Clock
    ) -> None:
        self._contracts = _contracts(catalogue)
        self._seed = seed
        self._services = services
        self._switchboard = switchboard
        self._clock = clock

    def exported(self) -> dict[str, JSON]:
        """Return the state as it is now."""
        state: dict[str, JSON] = {
            "kind": KIND,
            "version": VERSION,
            "seed": self._seed,
            "contracts": self._contracts,
            "clock": self._clock.hands._asdict(),
            "switches": {
                "on": [switch_line(each) for each in self._switchboard.on],
                "drawn": self._switchboard.draws.drawn,
                "turned": self._switchboard.turned,
            },
            "apis": {name: _api_state(service) for name, service in self._services.items()},
        }
        return {**state, "digest": _digest(state)}

    def imported(self, state: JSON, check: Callable[[Switch], None]) -> None:
        """Take over a state; `check` raises UsageError for a switch that cannot be put on.

        Raises UsageError, with nothing changed, for what is no state for this emulator.
        """
        self._check(state)
        hands = Hands(**state["clock"])
        clock = Clock()
        clock.hands = hands
        if not EARLIEST <= clock.now() < LATEST:
            raise _invalid("its time is not between the years 2000 and 2200")
        switches = [Switch(**each) for each in state["switches"]["on"]]
        for each in switches:
            check(each)
        self._switchboard.clear()
        for each in switches:
            self._switchboard.add(each)
        self._switchboard.draws.drawn = state["switches"]["drawn"]
        self._switchboard.turned = state["switches"].get("turned", 0)
        self._clock.hands = hands
        for name, service in self._services.items():
            _take(service, state["apis"][name])

    def _check(self, state: JSON) -> None:
        if not isinstance(state, dict) or state.get("kind") != KIND:
            raise _invalid(f"its 'kind' is not {KIND!r}")
        if state.get("version") != VERSION:
            raise _invalid(f"it is of version {state.get('version')!r}, this emulator knows version {VERSION}")
        try:
            jsonschema_rs.validate(schema(), state)
        except jsonschema_rs.ValidationError as error:
            where = "/".join(str(each) for each in error.instance_path)
            raise _invalid(f"/{where} does not fit the schema of states") from None
        if state["digest"] != _digest({name: value for name, value in state.items() if name != "digest"}):
            raise _invalid("it was changed after it was exported")
        if state["contracts"] != self._contracts:
            raise _invalid("it was exported with other contracts")
        if state["seed"] != self._seed:
            message = f"The state was exported with the seed {state['seed']}, and this emulator has {self._seed}."
            raise UsageError("state-seed", message, remedy=f"Start the emulator with --seed {state['seed']}.")


def switch_line(switch: Switch) -> dict[str, JSON]:
    """Return a switch that is on as data."""
    return {
        "name": switch.name,
        "operation": switch.operation,
        "arguments": dict(switch.arguments),
        "times": switch.times,
        "share": switch.share,
        "alternates": switch.alternates,
    }


def _invalid(why: str) -> UsageError:
    return UsageError("state-invalid", f"This is no state for this emulator: {why}.", remedy=_REMEDY)


def _api_state(service: Service) -> dict[str, JSON]:
    return {
        "drawn": service.random.drawn,
        "used": {"window": service.used.window, "counts": dict(service.used.counts)},
        "world": _world(service.world),
        "lagging": None if service.lagging is None else _world(service.lagging),
    }


def _world(world: World) -> dict[str, JSON]:
    copied = world.copy()
    return {"pools": copied.pools, "sessions": copied.sessions, "hidden": copied.hidden}


def _take(service: Service, state: Mapping[str, JSON]) -> None:
    service.random.drawn = state["drawn"]
    service.used = RateUse(**state["used"])
    service.world = World(**state["world"]).copy()
    service.lagging = None if state["lagging"] is None else World(**state["lagging"]).copy()


def _contracts(catalogue: Catalogue) -> str:
    """Return a digest of what a state of these contracts rests on."""
    rests_on = {
        name: {
            "version": api.version,
            "operations": list(api.operations),
            "identities": list(api.identities),
            "resources": {each.name: list(each.values) for each in api.resources.values()},
            "states": list(api.states),
        }
        for name, api in catalogue.apis.items()
    }
    return _digest(rests_on)


def _digest(value: JSON) -> str:
    """Return the SHA-256 of a JSON value; the order of members counts, since lists are answered in it."""
    return hashlib.sha256(json.dumps(value, separators=(",", ":")).encode()).hexdigest()
