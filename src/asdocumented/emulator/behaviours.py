"""The declared behaviours that decide whether a handler runs at all, and the switches that bend them."""

from __future__ import annotations

import copy
from collections.abc import Mapping

from asdocumented.contracts.matching import literals_in_other_case
from asdocumented.contracts.model import JSON, Parameter
from asdocumented.emulator import pointers, strict_json
from asdocumented.emulator.calls import Answer, Call
from asdocumented.emulator.deviations import another
from asdocumented.emulator.messages import RequestRefusedError
from asdocumented.emulator.switches import Arguments, argument
from asdocumented.emulator.worlds import Pool

_ABSENT = object()
_UNCHANGED = 304
_UNLISTED = "unlisted"
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
    if "case-insensitive.segments" in call.active:
        path = call.request.target.partition("?")[0]
        if literals_in_other_case(call.endpoint.operation.path, path):
            message = "A switch compares the path letter by letter."
            raise RequestRefusedError("route-missing", "switch/case-insensitive.segments", message)
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
        busy = "exclusive.always-busy" in call.active or holds(call) or _is_stuck(call, state)
        if busy and "exclusive.never-released" in call.active:
            call.world.shown[_stuck(call, state)] = [state]
        if busy and "exclusive.never-busy" not in call.active:
            model = call.service.api.error_model
            wrong = (
                f"{model.prefix}{model.codes['injected']['code']}" if "exclusive.wrong-type" in call.active else None
            )
            status = argument(call.active, "exclusive.wrong-status", "status")
            message = f"The operation is not possible in the state {state!r}."
            raise RequestRefusedError(state, f"exclusive/{state}", message, status=status, code=wrong)


def _stuck(call: Call, state: str) -> str:
    return f"{state} {call.request.target.partition('?')[0]}"


def _is_stuck(call: Call, state: str) -> bool:
    """Tell whether the operation was excluded before, and by a switch is so for ever."""
    return "exclusive.never-released" in call.active and _stuck(call, state) in call.world.shown


def second_write(call: Call) -> Answer | None:
    """Return the answer to a PUT or a DELETE where a switch bends what it does; None lets the handler carry it out.

    Raises RequestRefusedError where a switch refuses it.
    """
    operation = call.endpoint.operation
    if operation.method == "DELETE" and call.endpoint.references:
        return _deletion(call, call.endpoint.references[-1])
    own = call.endpoint.own
    stored = call.world.pools[own.resource].get(call.path[own.name]) if own else None
    if own is not None and call.path[own.name] in (hidden := call.world.hidden.get(own.resource, [])):
        hidden.remove(call.path[own.name])
    if own is None or stored is None:
        return None
    return _upsert(call, own, stored) or _repetition(call, own, stored)


def _upsert(call: Call, own: Parameter, stored: Mapping[str, JSON]) -> Answer | None:
    """Return the answer to a PUT to an id that is taken, where a switch keeps what is stored under it."""
    if not call.endpoint.operation.behaviour("upsert"):
        return None
    if "upsert.conflict" in call.active:
        raise RequestRefusedError("conflict", "switch/upsert.conflict", f"The {own.resource} exists already.")
    if "upsert.ignored" in call.active:
        return Answer(int(call.endpoint.operation.successes[0].key), stored)
    if call.endpoint.handler is None or not {"upsert.adds", "upsert.unstored"} & call.active.keys():
        return None
    before, things, identifier = copy.deepcopy(dict(stored)), call.world.pools[own.resource], call.path[own.name]
    answer = call.endpoint.handler(call)
    if "upsert.unstored" in call.active:
        things[identifier] = before
    elif before != things[identifier]:
        _store_beside(call, things, identifier, before)
    return answer


def _store_beside(call: Call, things: Pool, identifier: str, thing: Mapping[str, JSON]) -> None:
    """Store a thing under a new id too."""
    other = call.new_id()
    things[other] = {key: other if value == identifier else value for key, value in thing.items()}


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


def _repetition(call: Call, own: Parameter, stored: Mapping[str, JSON]) -> Answer | None:
    """Carry out a PUT, and where it only repeats what is stored, give it the effect that a switch says."""
    pointer = argument(call.active, "idempotent.changes", "pointer")
    doubles, removes = (f"idempotent.{each}" in call.active for each in ("second-item", "removes"))
    if call.endpoint.handler is None or not (doubles or removes or pointer):
        return None
    before, things, identifier = dict(stored), call.world.pools[own.resource], call.path[own.name]
    answer = call.endpoint.handler(call)
    if before == things[identifier]:
        changed = copy.deepcopy(before)
        if doubles:
            _store_beside(call, things, identifier, changed)
        elif removes:
            del things[identifier]
        else:
            pointers.change(changed, pointer, another)
            things[identifier] = changed
    return answer


def _deletion(call: Call, own: Parameter) -> Answer | None:
    """Return the answer to a DELETE that removes nothing, or too much, because of a switch."""
    things, identifier = call.world.pools[own.resource], call.path[own.name]
    success = Answer(int(call.endpoint.operation.successes[-1].key))
    if "delete.ignored" in call.active:
        return success
    if identifier in things and "delete.listed" in call.active:
        call.world.hidden.setdefault(own.resource, []).append(identifier)
        return success
    if identifier in things and "delete.unlisted" in call.active:
        call.world.shown.setdefault(_UNLISTED, []).append(identifier)
        return success
    if identifier in things:
        _remove_more(call, things, identifier)
        return None
    if "delete.again-fails" in call.active:
        raise RequestRefusedError("injected", "switch/delete.again-fails", "There is nothing to delete.")
    if "delete.again-missing" in call.active:
        cause = f"{own.resource}-missing"
        raise RequestRefusedError(cause, "switch/delete.again-missing", f"There is no such {own.resource}.")
    if "idempotent.removes-another" in call.active and things:
        things.pop(next(iter(things)))
    return None


def _remove_more(call: Call, things: Pool, identifier: str) -> None:
    """Remove what a delete is not about, where a switch says so."""
    others = [each for each in things if each != identifier]
    for each in (
        others if "delete.all" in call.active else others[:1] if "delete.removes-another" in call.active else ()
    ):
        del things[each]


def without_unlisted(call: Call, items: list[JSON]) -> list[JSON]:
    """Return the items of a list without those that were deleted from lists alone."""
    gone = call.world.shown.get(_UNLISTED, [])
    return [each for each in items if not any(value in gone for value in each.values())] if gone else items


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


def revalidate(call: Call, answer: Answer) -> Answer:
    """Return 304 in place of an answer that the client has already: the `conditional` behaviour (RFC 9110 section 13.1.2)."""
    for declaration in call.endpoint.operation.behaviour("conditional"):
        pointer = declaration.parameters["tag"]
        tag = pointers.get(answer.body, pointer)
        if not isinstance(tag, str):
            return answer
        if "conditional.always" in call.active or _is_current(call, declaration.parameters["header"], tag):
            return Answer(_UNCHANGED)
        if "conditional.unstable" in call.active:
            pointers.put(answer.body, pointer, f"{tag[:24]}{call.new_id()[:8]}")
    return answer


def _is_current(call: Call, header: str, tag: str) -> bool:
    """Tell whether a request names the tag, as it stands or as an entity tag, or any."""
    if "conditional.never" in call.active:
        return False
    forms = {"*"}
    forms |= {tag} if "conditional.quoted-alone" not in call.active else set()
    forms |= {f'"{tag}"', f'W/"{tag}"'} if "conditional.raw-alone" not in call.active else set()
    return any(each.strip() in forms for each in call.request.header(header.lower()).split(","))
