"""Make a preflight: connections first, then credentials, then one valid read of what the run rests on.

What is sent is recorded and never judged (`Exchange.again`): the run sends its own requests afterwards, so that its verdicts
are the same with and without a preflight, and what is missing is a reason instead of a failure.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from asdocumented.contracts.model import Catalogue, Tier
from asdocumented.errors import UnreachableError, ended
from asdocumented.exchanges import Sender
from asdocumented.preflight.checks import Check, Kind, State
from asdocumented.preflight.connections import check_connections, require_one
from asdocumented.preflight.probing import Probe, probes_of
from asdocumented.preflight.reading import clock_check, elsewhere, read_answer
from asdocumented.targets.model import UnavailableError
from asdocumented.targets.remote import RemoteTarget
from asdocumented.traces import Exchange

__all__ = ["AGAIN", "Preflight"]

AGAIN = "preflight"
"""Why an exchange of a preflight is not judged."""

_ORDER = list(Kind)


@dataclass(slots=True)
class Preflight:
    """One look at a target. `operations` are those that are asked about; `checks` is what was found so far.

    `reach` is the highest tier of what it sends: where nothing may be read, nothing is said of what a read would show.
    """

    catalogue: Catalogue
    target: RemoteTarget
    operations: frozenset[str]
    checks: list[Check] = field(default_factory=list)
    reach: Tier = Tier.READ

    async def connect(self) -> None:
        """Look at the connections and the credentials.

        Raises UnreachableError where no server at all can be used.
        """
        apis = {each.partition("/")[0] for each in self.operations}
        self.checks += [each for each in await check_connections(self.target) if each.api in apis]
        require_one([each for each in self.checks if each.kind is Kind.CONNECTION])

    async def ask(self, sender: Sender, note: Callable[[Exchange], None]) -> None:
        """Look at the credentials, and send the probes; `note` is told of each exchange.

        Raises UnreachableError where no server is left, and BudgetError when the budget is used up.
        """
        reached = self._reached()
        self.checks += [each for each in await self._credentials() if each.api in reached]
        lost = {(each.api, each.name) for each in self.checks if each.state is State.MISSING}
        failures: dict[str, UnreachableError] = {}
        led: dict[str, list[str]] = defaultdict(list)  # where the probes of an API were redirected to; empty: nowhere
        for probe in probes_of(self.catalogue, self.target, self.reach):
            api, who = probe.operation.api, probe.step.call.identity
            wanted = probe.operation.id in self.operations and api in reached and api not in failures
            if wanted and (api, who) not in lost:
                try:
                    led[api] += await self._send(sender, probe, note)
                except UnreachableError as error:
                    failures[api] = error
                    self.checks.append(_lost(api, self.target.base_url(api), error))
        for api, servers in led.items():
            if servers and all(servers):
                failures[api] = _away(self.target.base_url(api), servers[0])
                self.checks.append(_lost(api, self.target.base_url(api), failures[api]))
        self.checks = list(_merged(self.checks))
        if failures and not self._reached():
            raise next(iter(failures.values()))

    def told(self) -> list[str]:
        """Return sentences on what the user of a run must know; what an operation answers is for the judge."""
        return [
            " ".join(filter(None, [ended(each.text), each.remedy]))
            for each in self.checks
            if each.state is State.MISSING or (each.state is State.DOUBT and each.kind is not Kind.OPERATION)
        ]

    def _reached(self) -> set[str]:
        lost = {each.api for each in self.checks if each.kind is Kind.CONNECTION and each.state is State.MISSING}
        return {each.partition("/")[0] for each in self.operations} - lost

    async def _credentials(self) -> list[Check]:
        problems = await self.target.check_credentials()
        found = [
            Check(
                Kind.CREDENTIAL,
                each.api,
                each.identity,
                State.MISSING if each.blocks else State.DOUBT,
                each.text.removeprefix("environment: "),
                f"See credentials.{each.identity} of {each.api} in the targets file.",
            )
            for each in problems
        ]
        told = {(each.api, each.name) for each in found}
        found += [
            Check(Kind.CREDENTIAL, api, identity, State.GOOD, "can be had")
            for api, described in self.target.description.apis.items()
            for identity in described.credentials
            if (api, identity) not in told
        ]
        return found

    async def _send(self, sender: Sender, probe: Probe, note: Callable[[Exchange], None]) -> list[str]:
        """Send a probe, read its answer, and return to which other server it leads, if it asks for what exists."""
        try:
            exchange = await sender.send(probe.step.call, note=note)
        except UnavailableError as error:
            who, api = probe.step.call.identity, probe.operation.api
            self.checks.append(Check(Kind.CREDENTIAL, api, who, State.MISSING, str(error)))
            return []
        note(replace(exchange, again=AGAIN))
        self.checks += read_answer(self.catalogue.apis[probe.operation.api], probe, exchange)
        clock = clock_check(probe.operation.api, exchange, time.time())
        self.checks += [clock] if clock is not None else []
        return [elsewhere(exchange)] if probe.reads else []


def _away(base: str, server: str) -> UnreachableError:
    message = f"{base} redirects every request to {server}, where no credential goes."
    return UnreachableError("target-elsewhere", message, remedy="Name the API itself as the base-url.")


def _lost(api: str, base: str, error: UnreachableError) -> Check:
    text = error.message.rstrip(".")
    return Check(Kind.CONNECTION, api, base, State.MISSING, f"{text[:1].lower()}{text[1:]}", error.remedy)


def _merged(checks: Iterable[Check]) -> Iterator[Check]:
    """Yield one check for each thing that was looked at: the worst that was found of it."""
    worst: dict[tuple[Kind, str, str, str], Check] = {}
    for check in checks:
        key = (check.kind, check.api, check.pool, check.name)
        known = worst.setdefault(key, check)
        if list(State).index(check.state) > list(State).index(known.state):
            worst[key] = check
    yield from sorted(worst.values(), key=lambda each: (each.api, _ORDER.index(each.kind)))
