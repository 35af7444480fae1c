"""Apply the switches that change an answer on its way out: always on the structure, as text only where text is the point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from asdocumented.contracts.model import Api
from asdocumented.emulation.bodies import fill
from asdocumented.emulation.checks import secret_pointers
from asdocumented.emulation.messages import Answer, Incoming
from asdocumented.emulation.switches import Switch, Switchboard

_TRACE = "Traceback (most recent call last):\n  File \"/srv/app/service.py\", line 42, in handle\nKeyError: 'id'"


def deviate(incoming: Incoming, answer: Answer, switches: Switchboard, apis: Mapping[str, Api]) -> None:
    """Change an answer as the switches say that are on for its operation."""
    if not switches.on:
        return
    table = _ERRORS if answer.cause else _SUCCESSES
    for name, apply in table.items():
        for switch in switches.all(name, incoming.operation):
            apply(incoming, answer, switch, apis)
    for switch in switches.all("response.header", incoming.operation):
        _header(answer, switch)
    for switch in switches.all("secret.echoed", incoming.operation):
        _secret(incoming, answer, switch)


def edit(body: Any, pointer: str, change: Callable[[Any, Any], None]) -> None:
    """Call `change(holder, key)` for every place that a pointer leads to; `*` stands for every item of an array."""
    *parts, last = pointer.split("/")[1:]
    holders = [body]
    for part in parts:
        holders = [inner for holder in holders for inner in _children(holder, part)]
    for holder in holders:
        if isinstance(holder, dict) and last in holder:
            change(holder, last)


def _children(holder: Any, part: str) -> list[Any]:
    if part == "*" and isinstance(holder, list):
        return holder
    return [holder[part]] if isinstance(holder, dict) and part in holder else []


def _drop(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    edit(answer.body, switch.arguments["pointer"], lambda holder, key: holder.pop(key))


def _set(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    edit(
        answer.body, switch.arguments["pointer"], lambda holder, key: holder.__setitem__(key, switch.arguments["value"])
    )


def _echo(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    edit(answer.body, switch.arguments["pointer"], lambda holder, key: holder.__setitem__(key, _other(holder[key])))


def _other(value: Any) -> Any:
    """Return another value of the same form: the last digit of a GUID is changed, other text gets an ending."""
    text = str(value)
    if len(text) == 36 and text.count("-") == 4:
        return text[:-1] + ("0" if text[-1] != "0" else "1")
    return f"{text}-other"


def _status(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    answer.status = int(switch.arguments["status"])


def _media_type(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    answer.media_type = str(switch.arguments["value"])


def _text(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    answer.text = str(switch.arguments["text"])


def _filled(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    if answer.body is None:
        answer.text = str(switch.arguments["text"])


def _empty(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    answer.body, answer.text = None, None


def _header(answer: Answer, switch: Switch) -> None:
    name, value = str(switch.arguments["name"]).lower(), switch.arguments["value"]
    answer.headers = {key: each for key, each in answer.headers.items() if key.lower() != name}
    if value is not None:
        answer.headers[name] = str(value)


def _words(incoming: Incoming, answer: Answer) -> dict[str, str]:
    """Return code and message of an error, read out of its structure as the error model says."""
    model = incoming.api.error_model
    found = {"$code": "", "$message": "", "$request-id": "00000000-0000-0000-0000-000000000000"}
    for word, pointer in (("$code", model.code), ("$message", model.message)):
        value = answer.body
        for part in pointer.split("/")[1:]:
            value = (
                value[int(part)] if isinstance(value, list) else value.get(part, "") if isinstance(value, dict) else ""
            )
        found[word] = str(value)
    return found


def _flat(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    words = _words(incoming, answer)
    answer.body = {"code": words["$code"], "message": words["$message"]}


def _object(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    answer.body = {}


def _html(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    answer.media_type, answer.text = "text/html", "<!DOCTYPE html><title>Error</title><h1>Something went wrong</h1>"


def _plain(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    answer.media_type, answer.text = "text/plain", "Something went wrong"


def _other_api(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    answer.body = fill(apis[switch.arguments["api"]].error_model.template, _words(incoming, answer))


def _for_cause(
    change: Callable[[Incoming, Answer, Switch], None],
) -> Callable[[Incoming, Answer, Switch, Mapping[str, Api]], None]:
    def apply(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
        if answer.cause == switch.arguments.get("cause", answer.cause):
            change(incoming, answer, switch)

    return apply


def _code(incoming: Incoming, answer: Answer, switch: Switch) -> None:
    words = _words(incoming, answer)
    words["$code"] = f"{incoming.api.error_model.prefix}{switch.arguments.get('code', 'error')}"
    answer.body = fill(incoming.api.error_model.template, words)


def _error_status(incoming: Incoming, answer: Answer, switch: Switch) -> None:
    answer.status = int(switch.arguments["status"])


def _stack_trace(incoming: Incoming, answer: Answer, switch: Switch) -> None:
    answer.body = fill(incoming.api.error_model.template, {**_words(incoming, answer), "$message": _TRACE})


def _busy(
    change: Callable[[Incoming, Answer, Switch], None],
) -> Callable[[Incoming, Answer, Switch, Mapping[str, Api]], None]:
    """Restrict a change to the refusal of a second start."""

    def apply(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
        if answer.cause in {each.parameters["while"] for each in incoming.operation.behaviour("exclusive")}:
            change(incoming, answer, switch)

    return apply


def _refused_status(incoming: Incoming, answer: Answer, switch: Switch, apis: Mapping[str, Api]) -> None:
    if answer.cause in ("unauthenticated", "permission-missing") and incoming.identity == switch.arguments["identity"]:
        answer.status = int(switch.arguments["status"])


def _secret(incoming: Incoming, answer: Answer, switch: Switch) -> None:
    for pointer in secret_pointers(incoming.api, incoming.operation):
        value = incoming.body
        for part in pointer.split("/")[1:]:
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, str):
            _leak(incoming, answer, switch.arguments["where"], value)


def _leak(incoming: Incoming, answer: Answer, where: str, value: str) -> None:
    if where == "header":
        answer.headers["x-debug"] = value
    elif where == "error" and answer.cause:
        words = _words(incoming, answer)
        answer.body = fill(incoming.api.error_model.template, {**words, "$message": f"{words['$message']} ({value})"})
    elif where == "body" and not answer.cause:
        answer.body = {"received": value}


Apply = Callable[[Incoming, Answer, Switch, Mapping[str, Api]], None]
_SUCCESSES: Mapping[str, Apply] = {
    "response.drop": _drop,
    "response.set": _set,
    "echo.wrong": _echo,
    "response.status": _status,
    "response.media-type": _media_type,
    "response.body": _text,
    "response.empty": _empty,
    "empty-body.filled": _filled,
}
_ERRORS: Mapping[str, Apply] = {
    "error.code": _for_cause(_code),
    "error.status": _for_cause(_error_status),
    "error.stack-trace": _for_cause(_stack_trace),
    "exclusive.wrong-type": _busy(_code),
    "exclusive.wrong-status": _busy(_error_status),
    "identity.refused": _refused_status,
    "error.other-api": _other_api,
    "error.flat": _flat,
    "error.empty-object": _object,
    "error.html": _html,
    "error.text": _plain,
    "error.empty": _empty,
}
