"""Write a shown plan as JSON; the published schema is `plan.schema.json` beside this module."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from asdocumented.planning.following import Follow, Further
from asdocumented.planning.showing import Planned, Shown

__all__ = ["VERSION", "plan_record", "plan_schema"]

VERSION = 1
"""The version of the document; it grows when something is taken away or changes its meaning."""


def plan_schema() -> str:
    """Return the JSON Schema of the document."""
    return files("asdocumented.planning").joinpath("plan.schema.json").read_text(encoding="utf-8")


def plan_record(shown: Shown, *, target: str, allow: str, profile: str, seed: int, salt: str = "") -> dict[str, Any]:
    """Return a plan as the object of `asdoc plan --format json`."""
    pace = shown.outlook.pace
    return {
        "kind": "plan",
        "version": VERSION,
        "target": target,
        "allow": allow,
        "profile": profile,
        "seed": seed,
        **({"salt": salt} if salt else {}),
        "count": shown.count,
        "followUpsAtMost": shown.most,
        "minutes": round(shown.seconds / 60, 2),
        "waitingAtMostMinutes": round(shown.waiting / 60, 2),
        "assumed": {
            "secondsPerRequest": shown.outlook.seconds,
            "concurrency": pace.concurrency,
            "requestsPerSecond": pace.rate,
        },
        "preflight": [_planned(each) for each in shown.preflight],
        "requests": [_planned(each) for each in shown.requests],
        "beside": [
            {
                "api": each.api,
                "operation": each.operation,
                "method": each.method,
                "path": each.path,
                "identity": each.identity,
                "why": each.why,
            }
            for each in shown.around
        ],
        **_touching(shown),
        "left": [
            {"reason": each.reason, "skipped": each.skipped, "requirements": list(each.requirements)}
            for each in shown.left
        ],
    }


def _planned(each: Planned) -> dict[str, Any]:
    return {
        "tier": str(each.tier),
        "api": each.api,
        "operation": each.operation,
        "method": each.method,
        "target": each.target,
        "identity": each.identity,
        "purposes": list(each.purposes),
        "count": each.count,
        "states": list(each.states),
        "intrusive": each.intrusive,
        "condition": each.condition,
        "followUps": [_follow(one) for one in each.follows],
    }


def _follow(each: Follow) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "text": each.text,
        "atMost": each.most,
        "waitingAtMostSeconds": each.seconds,
        "requests": [_further(one) for one in each.further],
    }


def _further(each: Further) -> dict[str, Any]:
    call = each.step.call
    return {
        "tier": str(each.step.tier),
        "operation": call.operation.name,
        "method": call.method or call.operation.method,
        "target": call.target,
        "identity": call.identity,
        "purpose": each.step.purpose,
        "atMost": each.most,
    }


def _touching(shown: Shown) -> dict[str, list[dict[str, Any]]]:
    return {
        "resources": [
            {
                "api": each.api,
                "pool": each.pool,
                "id": each.id,
                "created": each.created,
                "changed": _list(each.changed),
                "read": _list(each.read),
            }
            for each in shown.touched
        ],
        "irreversible": [
            {"api": each.api, "operation": each.operation, "resource": each.resource, "effect": each.effect}
            for each in shown.irreversible
        ],
        "permissions": [
            {
                "api": each.api,
                "identity": each.identity,
                "kind": each.kind,
                "permissions": _list(each.permissions),
                "roles": _list(each.roles),
                "scopes": _list(each.scopes),
                "for": _list(each.operations),
                "refused": _list(each.refused),
                "basis": _list(each.basis),
            }
            for each in shown.needs
        ],
    }


def _list(values: Iterable[str]) -> list[str]:
    return list(values)
