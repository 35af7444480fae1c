"""The declared behaviours that decide whether a handler runs at all, and the switches that bend them."""

from __future__ import annotations

import copy

from asdocumented.contracts.model import JSON
from asdocumented.emulator import pointers, strict_json
from asdocumented.emulator.calls import Answer, Call
from asdocumented.emulator.messages import RequestRefusedError
from asdocumented.emulator.switches import Arguments, argument

_ABSENT = object()
_TROUBLES = {"service.throttled": "throttled", "service.unavailable": "unavailable", "service.failing": "injected"}


def fail_by_switch(call: Call) -> None:
    """Refuse a request before anything of it is looked at, as a service in trouble does, where a switch says so."""
    if not call.active:
        return
    for name, cause in _TROUBLES.items():
        for line in call.active.get(name, ()):
            headers = (("retry-after", str(line["retry-after"])),) if "retry-after" in line else ()
            message = "The service cannot answer this request now."
            wanted, status = line.get("cause", cause), line.get("status")
            raise RequestRefusedError(wanted, f"switch/{name}", message, status=status, headers=headers)


def refuse_by_switch(call: Call) -> None:
    """Refuse a request that nothing is wrong with, where a switch says so."""
    for line in call.active.get("request.refuse", ()):
        if _has(call, line["parameter"]):
            message = f"A switch refuses requests with {line['parameter']!r}."
            raise RequestRefusedError("invalid-parameter", "switch/request.refuse", message, status=400)
    for line in call.active.get("error.injected", ()):
        _inject(call, line)


def _has(call: Call, parameter: str) -> bool:
    if parameter == "body":
        return bool(call.request.body)
    if parameter.startswith("content-type "):
        return parameter.partition(" ")[2] in call.request.header("content-type")
    if parameter.startswith("/"):
        return pointers.get(call.body, parameter, _ABSENT) is not _ABSENT
    header = call.request.header(parameter.lower())
    return parameter in call.path or parameter in call.query or bool(header)


def _inject(call: Call, line: Arguments) -> None:
    """Refuse with the documented error of the name that the switch gives, or else with the API's own for faults."""
    message = "A switch makes this request fail."
    wanted = line.get("error")
    if wanted is None:
        raise RequestRefusedError("injected", "switch/error.injected", message)
    for response in call.endpoint.operation.responses.values():
        for error in response.errors:
            if error.error == wanted:
                code = f"{call.service.api.error_model.prefix}{error.error}"
                raise RequestRefusedError("injected", "switch/error.injected", message, status=error.status, code=code)


def exclude(call: Call) -> None:
    """Refuse the operation in a state that excludes it: the `exclusive` behaviour."""
    for state, holds in call.endpoint.excluding.items():
        busy = "exclusive.always-busy" in call.active or holds(call)
        if busy and "exclusive.never-busy" not in call.active:
            model = call.service.api.error_model
            wrong = (
                f"{model.prefix}{model.codes['injected']['code']}" if "exclusive.wrong-type" in call.active else None
            )
            status = argument(call.active, "exclusive.wrong-status", "status")
            message = f"The operation is not possible in the state {state!r}."
            raise RequestRefusedError(state, f"exclusive/{state}", message, status=status, code=wrong)


def second_write(call: Call) -> Answer | None:
    """Return the answer of a PUT to an id that is taken, where a switch keeps what is stored under it; else None.

    Raises RequestRefusedError where a switch makes it a conflict.
    """
    own = call.endpoint.own
    if own is None or not call.endpoint.operation.behaviour("upsert"):
        return None
    stored = call.world.pools[own.resource].get(call.path[own.name])
    if stored is None:
        return None
    if "upsert.conflict" in call.active:
        raise RequestRefusedError("conflict", "switch/upsert.conflict", f"The {own.resource} exists already.")
    if "upsert.ignored" in call.active:
        return Answer(int(call.endpoint.operation.successes[0].key), stored)
    return None


def shown_state(call: Call, body: JSON) -> JSON:
    """Return the body of a read that shows a state machine, bent where a switch makes it go back from its end."""
    if "transition.goes-back" not in call.active:
        return body
    for declaration in call.endpoint.operation.behaviour("transition"):
        pointer, commands = declaration.parameters["shows"], declaration.parameters["commands"].values()
        state = pointers.get(body, pointer)
        history = call.world.shown.setdefault(call.request.target.partition("?")[0], [])
        if state not in history[-1:]:
            history.append(state)
        elif len(history) > 1 and any(state in each["reaches"] for each in commands):
            body = copy.deepcopy(body)
            pointers.put(body, pointer, history[-2])
    return body


def secret_to_echo(call: Call) -> str:
    """Return the first secret in a request's body while a switch lets secrets out, even if an earlier step refused it."""
    if "secret.echoed" not in call.active:
        return ""
    try:
        body = strict_json.parse(call.request.body) if call.body is None else call.body
    except strict_json.NotJsonError:
        return ""
    values = (pointers.get(body, pointer) for pointer in call.endpoint.secrets)
    return next((value for value in values if isinstance(value, str)), "")
