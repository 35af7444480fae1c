"""Records of runs, made by hand: small enough to see at once what a rendering should make of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asdocumented.report.records import Record
from asdocumented.report.stream import Recorded
from asdocumented.requirement import PROFILES

STATUS = "shop/create-order/response/status"
MEDIA = "shop/create-order/response/other/media-type"
ALIKE = "stock/stop-audit/response/403/media-type"
WARNED = "shop/list-orders/refusal/method"
ELSEWHERE = "shop/list-orders/identity/reader/refused"
BLOCKED = "shop/create-order/echo/id"
SKIPPED = "shop/list-orders/page/no-loss"
UNSEEN = "shop/list-orders/response/200/schema/Order/note/type"
PASSED = "shop/list-orders/response/received"

CURL = (
    "curl -i -X PUT -H 'content-type: application/json' -H \"authorization: Bearer $TOKEN\" --data-raw "
    '\'{"customer":"11111111-1111-4111-8111-111111111111","items":[{"name":"pencil","count":12}]}\' '
    "'https://shop.example/orders/7?api-version=2024-01-01'"
)


def header(**changes: Any) -> Record:
    """Return the header of a run against a service called Acme Shop."""
    target = {"name": "nightly", "implementation": "Acme Shop", "version": "4.2", "selfTest": False}
    selection = {"apis": [], "operations": [], "requirements": [], "strictFields": False}
    return {
        "kind": "header",
        "format": 1,
        "run": "20240229T060000Z-nightly",
        "started": "2024-02-29T06:00:00+00:00",
        "seconds": 1.25,
        "harness": "0.1.0",
        "edition": "2026.1",
        "contracts": "0" * 64,
        "target": target | changes.pop("target", {}),
        "profile": "documented",
        "allowed": "write",
        "seed": 7,
        "failOn": "partial",
        "selection": selection | {"inScope": ["shop/create-order"]} | changes.pop("selection", {}),
        **changes,
    }


def requirement(identifier: str, verdict: str = "pass", **changes: Any) -> Record:
    """Return a requirement with one verdict in every profile that counts it (`evidence` decides which these are)."""
    api, operation, what = identifier.split("/", 2)
    evidence = changes.pop("evidence", "documented")
    counted = ["conventions"] if evidence == "convention" else list(PROFILES)
    return {
        "kind": "requirement",
        "id": identifier,
        "api": api,
        "operation": operation,
        "family": "response" if what.startswith("response") else "behaviour",
        "level": "MUST",
        "text": f"What {what} says holds.",
        "page": "Orders - Create",
        "url": "https://docs.example/orders/create",
        "basis": {"evidence": evidence, "place": "Responses, 200 OK", "lines": [[34, 35], [40, 40]], "reference": ""},
        "verdict": verdict,
        "counts": "documented" in counted,
        "profiles": dict.fromkeys(counted, verdict),
        "bearing": 1,
        "exchanges": [1],
        "strength": {"positive": 1, "negative": 0, "stateful": 0},
        **changes,
    }


def failed(identifier: str, said: Mapping[str, Any], **changes: Any) -> Record:
    """Return a requirement that failed once; `said` are the keys of its finding."""
    usual = {"exchanges": [1], "expected": "200", "got": "201", "where": "status"}
    return requirement(identifier, "fail", **{"failing": 1, "findings": [{**usual, **said}], **changes})


def exchange(number: int, **changes: Any) -> Record:
    """Return an exchange: an order that is put and answered with 201."""
    sent = {
        "method": "PUT",
        "target": "/orders/7?api-version=2024-01-01",
        "headers": [["content-type", "application/json"], ["authorization", "Bearer «token:admin»"]],
        "body": '{"customer":"x"}',
    }
    answered = {"status": 201, "headers": [["content-type", "text/html"]], "body": "<p>créé</p>"}
    own = {"id": number, "api": "shop", "server": "https://shop.example"}
    return {"kind": "exchange", **own, "request": sent, "response": answered, **changes}


def reading(ambiguity: str, name: str, accepted: list[str], **changes: Any) -> Record:
    """Return a reading that the target follows."""
    about = {"about": "whether an error is in the envelope", "operation": "shop/create-order"}
    seen = {"exchanges": [1], "count": 1}
    return {
        "kind": "reading",
        "ambiguity": ambiguity,
        "reading": name,
        "acceptedIn": accepted,
        **about,
        **seen,
        **changes,
    }


def observation(text: str, count: int) -> Record:
    """Return an observation on list-orders."""
    return {"kind": "observation", "operation": "shop/list-orders", "text": text, "exchanges": [1], "count": count}


def answer(cause: str, status: int, **changes: Any) -> Record:
    """Return a row of the error matrix of create-order, which broke nothing."""
    said = {"expected": "a 4xx", "evidence": "convention", "code": "BadRequest", "body": "Error"}
    seen = {"exchanges": [1], "count": 1, "breaks": []}
    return {
        "kind": "answer",
        "operation": "shop/create-order",
        "causes": [cause],
        "status": status,
        **said,
        **seen,
        **changes,
    }


KNOWN = {"reason": "ticket 4711", "expires": "2024-06-15", "accepted": True}
"""What the record of a requirement says where its failure is known."""


def known(state: str = "observed", **changes: Any) -> Record:
    """Return what a run says about a known deviation of create-order."""
    return {
        "kind": "known-deviation",
        "requirement": STATUS,
        "observed": "201",
        "reason": "ticket 4711",
        "expires": "2024-06-15",
        "state": state,
        "remove": state in ("gone", "expired"),
        "requirements": [STATUS],
        "text": "no longer observed: remove it from the targets file" if state == "gone" else "observed",
        **changes,
    }


def footer(code: int, state: str = "nonconformant", **changes: Any) -> Record:
    """Return a footer with one state for each API in each profile."""
    return {
        "kind": "footer",
        "exchanges": 2,
        "requirements": 11,
        "judged": 7,
        "verdicts": {"pass": 2, "not-observed": 1, "skipped": 1, "inconclusive": 2, "fail": 4, "error": 0},
        "conformance": {api: dict.fromkeys(PROFILES, state) for api in ("shop", "stock")},
        "exitCode": code,
        **changes,
    }


def recorded(*records: Record, path: Path = Path("runs/7/report.jsonl")) -> Recorded:
    """Return records as they are read back; without a footer at their end the run was cut short."""
    return Recorded(path, records[0], records, complete=records[-1]["kind"] == "footer")


def eventful() -> list[Record]:
    """Return the records of a run in which everything happened that a report can tell of."""
    html = {"expected": "application/json", "got": "text/html", "where": "header content-type"}
    blocked = {"reason": f"blocked by {STATUS}", "blocker": STATUS, "bearing": 0, "exchanges": []}
    return [
        header(),
        {"kind": "facts", "existing": {"shop": {"order": ["7"]}}, "absent": ["gone"]},
        exchange(1),
        exchange(2, response={"status": 403, "headers": [["content-type", "text/html"]], "base64": "/w=="}),
        {"kind": "arrangement", "api": "stock", "state": "audit-running", "resources": {"audit": ["3"]}},
        {"kind": "gap", "reason": "tier write is not allowed", "skipped": True, "requirements": [SKIPPED]},
        reading("B10", "flat", ["interoperable", "conventions"]),
        reading("B2", "enveloped", list(PROFILES), about="how the last page ends", operation="shop/list-orders"),
        *(observation(f"field extra{number} of a 200 is in no definition", number) for number in range(1, 8)),
        answer("identity/anonymous", 401),
        answer("identity/expired", 401),
        answer("refusal/method", 200, code="", body="empty", breaks=[WARNED]),
        requirement(BLOCKED, "inconclusive", **blocked),
        requirement("shop/create-order/response/200/json", "inconclusive", **blocked),
        failed(MEDIA, html),
        failed(STATUS, {"curl": CURL}, bearing=3, failing=2),
        failed(ELSEWHERE, {"expected": "403"}, evidence="convention"),
        requirement(SKIPPED, "skipped", reason="tier write is not allowed"),
        failed(WARNED, {"expected": "a 4xx", "got": "204", "curl": CURL}, level="SHOULD"),
        requirement(PASSED, exchanges=[2]),
        requirement(UNSEEN, "not-observed", reason="the field is optional"),
        failed(ALIKE, {**html, "exchanges": [2]}),
        requirement("stock/stop-audit/response/received"),
        footer(1),
    ]


HOSTILE = "a|b `c` [red]d[/red] \x1b[31me\x00\r\n<b>f</b> \u202eg\u202c שלום \ud800 **h**"
"""A value that would be markup, end a cell, colour a terminal, turn text around or not be written at all."""


def hostile() -> list[Record]:
    """Return the records of a run whose target puts HOSTILE wherever a target can put something."""
    longest = {"expected": HOSTILE, "got": HOSTILE + "x" * 100_000, "where": HOSTILE, "curl": f"curl '{HOSTILE}'"}
    return [
        header(target={"implementation": HOSTILE, "version": HOSTILE}),
        exchange(1, response={"status": 200, "headers": [["x-odd", HOSTILE]], "body": HOSTILE}),
        reading(HOSTILE, HOSTILE, [], about=HOSTILE),
        answer(HOSTILE, 0, code=HOSTILE, body=HOSTILE),
        observation(HOSTILE, 1),
        failed(STATUS, longest, page=HOSTILE, text=HOSTILE),
        failed(WARNED, longest, level="SHOULD"),
        failed(ELSEWHERE, longest, evidence="convention"),
        requirement(SKIPPED, "skipped", reason=HOSTILE),
        footer(1, interrupted=HOSTILE),
    ]
