"""Generate requests with Schemathesis from an API's exported document: the only module that imports it.

What comes out is a draft: plain values as Schemathesis thought of them, not yet fit for a target. Its coverage phase gives one
request for each way in which a parameter or a body can be right or wrong; its strategies give as many more as are asked for.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from urllib.parse import unquote

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import HypothesisException, Unsatisfiable
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.strategies import SearchStrategy
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation.meta import CoveragePhaseData

from asdocumented.contracts.model import JSON, Api, Operation
from asdocumented.corpus.cases import Kind
from asdocumented.openapi import export
from asdocumented.traces import Exchange

GENERATOR = f"schemathesis {schemathesis.__version__}, hypothesis {hypothesis.__version__}"
_ELSEWHERE = {"unspecified_http_method", "duplicate_parameter"}  # what other families send, and no case can say
_RESENDING = ("ignored_auth", "use_after_free", "ensure_resource_availability", "object_level_authorization")
"""Checks that send requests of their own, or need the history of a stateful run."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A generated request in plain values. `group` says what it is an example of; drafts of one group are much alike."""

    kind: Kind
    why: str
    group: tuple[str, ...]
    path: dict[str, str]
    query: dict[str, JSON]
    headers: dict[str, JSON]
    has_body: bool
    body: JSON | bytes
    media_type: str
    origin: Any = field(compare=False, repr=False, default=None)  # the case of Schemathesis


class _FailsError(Exception):
    """A draft fails, as Hypothesis wants to be told."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a check of Schemathesis says about an exchange."""

    check: str
    message: str


class Generator:
    """Generates drafts for the operations of one API."""

    def __init__(self, api: Api) -> None:
        document = copy.deepcopy(export(api))
        for item in document["paths"].values():
            for operation in item.values():
                operation["security"] = []  # who calls is decided elsewhere
        self._schema = schemathesis.openapi.from_dict(document)
        self._operations = {}
        for result in self._schema.get_all_operations():
            if isinstance(result, Ok):
                self._operations[result.ok().method.upper(), result.ok().path] = result.ok()

    def covering(self, operation: Operation) -> Iterator[Draft]:
        """Yield the requests of the coverage phase: each parameter and the body, right and wrong in every known way."""
        found = self._operations[operation.method, operation.path]
        configuration = self._schema.config.generation_for(operation=found, phase="coverage")
        modes = list(schemathesis.GenerationMode)
        for case in self._schema.iter_coverage_cases(found, generation_modes=modes, generation_config=configuration):
            data = case.meta.phase.data if case.meta else None
            if isinstance(data, CoveragePhaseData) and data.scenario.value not in _ELSEWHERE:
                yield _draft(case, encoded=False)

    def strategy(self, operation: Operation, kind: Kind) -> SearchStrategy[Draft]:
        """Return the strategy for one operation's requests of one kind."""
        found = self._operations[operation.method, operation.path]
        return found.as_strategy(schemathesis.GenerationMode(str(kind))).map(_draft)

    def drawn(self, operation: Operation, kind: Kind, number: int, count: int) -> list[Draft]:
        """Return `count` drafts at most of one kind, always the same for a seed (`number`)."""
        found: list[Draft] = []

        @seed(number)
        @drawing(count)
        @given(self.strategy(operation, kind))
        def collect(draft: Draft) -> None:
            found.append(draft)

        with (
            unaware_of_source(),
            contextlib.suppress(Unsatisfiable),
        ):  # there is no wrong request where anything is right
            collect()
        return found

    def smallest(
        self, operation: Operation, kind: Kind, number: int, count: int, fails: Callable[[Draft], bool]
    ) -> Draft | None:
        """Return the smallest draft for which `fails` holds, or None when it holds for none.

        The drafts are those of `drawn` for the same seed, so what held for one of them is found again, and then shrunk.
        """
        smallest: list[Draft] = []

        @seed(number)
        @drawing(count, shrinking=True)
        @given(self.strategy(operation, kind))
        def search(draft: Draft) -> None:
            if fails(draft):
                smallest.append(draft)
                raise _FailsError

        with unaware_of_source(), contextlib.suppress(_FailsError, HypothesisException, ExceptionGroup):
            search()
        return smallest[-1] if smallest else None

    def alarms(self, draft: Draft, exchange: Exchange) -> list[Alarm]:
        """Return what Schemathesis's own checks of a response say about an exchange; they send nothing."""
        response = exchange.response
        if response is None or draft.origin is None:
            return []
        headers: dict[str, list[str]] = {}
        for name, value in response.headers:
            headers.setdefault(name.lower(), []).append(value)
        sent = draft.origin.as_transport_kwargs(base_url=exchange.server)
        got = schemathesis.Response(
            status_code=response.status,
            headers=headers,
            content=response.body,
            request=_prepared(exchange, sent),
            elapsed=0.0,
            verify=False,
        )
        try:
            draft.origin.validate_response(got, excluded_checks=_resending())
        except FailureGroup as group:
            return [Alarm(type(each).__name__, str(each).splitlines()[0]) for each in group.exceptions]
        except Failure as failure:
            return [Alarm(type(failure).__name__, str(failure).splitlines()[0])]
        return []


@contextlib.contextmanager
def unaware_of_source() -> Iterator[None]:
    """Keep Hypothesis from drawing constants of whatever source happens to be imported, which a seed cannot repeat.

    There is no setting for it. A version without the function draws other cases, which its number in the corpus tells.
    """
    if not hasattr(providers, "_get_local_constants"):
        yield
        return
    nothing = Constants()
    with mock.patch.object(providers, "_get_local_constants", return_value=nothing):
        providers.CONSTANTS_CACHE.cache.clear()
        yield
    providers.CONSTANTS_CACHE.cache.clear()


def drawing(count: int, *, shrinking: bool = False) -> settings:
    """Return how Hypothesis is to draw: so many examples, none from its database, without a deadline and in silence."""
    return settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if shrinking else [Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )


def _draft(
    case: Any, *, encoded: bool = True
) -> Draft:  # the generated classes of Schemathesis are generic over its own
    meta = case.meta
    kind = Kind(meta.generation.mode.value) if meta else Kind.POSITIVE
    has_body = not isinstance(case.body, schemathesis.core.NotSet)
    negative = [
        place.name.lower() for place, each in (meta.components if meta else {}).items() if each.mode.is_negative
    ]
    data = meta.phase.data if meta else None
    scenario = getattr(data, "scenario", None)
    place = data.parameter_location.name.lower() if data is not None and data.parameter_location else ""
    parameter = (data.parameter or "") if data is not None else ""
    description = (data.description or "") if data is not None else ""
    group = (str(kind), scenario.value if scenario else "drawn", place, parameter, description)
    own_type = next((value for name, value in case.headers.items() if name.lower() == "content-type"), None)
    return Draft(
        kind,
        _why(description, parameter if place != "body" else "", place, negative),
        group,
        {name: unquote(str(value)) if encoded else str(value) for name, value in case.path_parameters.items()},
        dict(case.query),
        {name: value for name, value in case.headers.items() if name.lower() not in ("content-type", "authorization")},
        has_body,
        case.body if has_body else None,
        own_type or case.media_type or "",
        case,
    )


def _why(description: str, parameter: str, place: str, negative: list[str]) -> str:
    plain = description.partition("\n")[0].removeprefix("- ").partition(" (was")[0].removeprefix("Positive test case")
    what = plain[:1].lower() + plain[1:] if plain else "drawn at random"
    where = f" in {place} {parameter}".rstrip() if place else f" in {', '.join(negative)}" if negative else ""
    return what if parameter and parameter in what else f"{what}{where}"


def _resending() -> list[Any]:
    from schemathesis.checks import CHECKS, load_all_checks

    load_all_checks()
    return [CHECKS.get_one(name) for name in _RESENDING if name in CHECKS.get_all_names()]


def _prepared(exchange: Exchange, sent: dict[str, Any]) -> Any:
    import requests

    request = exchange.request
    return requests.Request(
        request.method, exchange.server + request.target, headers=dict(request.headers), data=request.body
    ).prepare()
