"""The fidelity ledger: what each behaviour of the emulator rests on, so that nobody takes an assumption for a fact.

`documented`: a page of the contracts. `specified`: the vendor's official specification or SDK. `observed`: recorded
traffic. `assumed`: nobody says; the emulator had to do something.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One behaviour, what it rests on, and where that is found."""

    what: str
    rests_on: str
    source: str


LEDGER: tuple[Entry, ...] = (
    Entry(
        "statuses and bodies of successes and documented errors",
        "documented",
        "the pages; siblings: the official specifications",
    ),
    Entry(
        "codes of errors that no page names",
        "assumed",
        "`errors.codes` in each api.yaml, with a reference where there is one",
    ),
    Entry(
        "role assignments: a second PUT with the same id replaces",
        "assumed",
        "register entry B7",
    ),
    Entry(
        "role assignments: the same role, principal and scope twice is a conflict",
        "observed",
        "azure-cli issue 25872; the status 409 from the SDK's map",
    ),
    Entry(
        "role assignments: principalType is User when a request leaves it out",
        "assumed",
        "the real service derives it from the directory",
    ),
    Entry(
        "role assignments: deleting what is not there is 204",
        "assumed",
        "register entry B16",
    ),
    Entry(
        "role assignments: a scope selects itself alone",
        "assumed",
        "register entry B18; recordings show ancestors too (switch filter.ancestors)",
    ),
    Entry(
        "role assignments: 50 on a page, the last without continuation",
        "assumed",
        "register entries B11 and B12; recordings show an empty header (switch page.last-empty)",
    ),
    Entry(
        "integration runtimes: a sync shows as credentialInSync of the nodes",
        "observed",
        "register entry A10",
    ),
    Entry(
        "hybrid links: a start while a sync is going on is resource_busy, 500",
        "documented",
        "page, line 39",
    ),
    Entry(
        "hybrid links: a sync takes 30 seconds and always completes",
        "assumed",
        "no source says how long",
    ),
    Entry(
        "hybrid links: a signed token is accepted as a session id, beside created sessions",
        "assumed",
        "a convenience for tests",
    ),
    Entry(
        "mirroring: a stop goes through Stopping to Stopped in 5 seconds",
        "assumed",
        "the states: definitions.json; the time: nobody says",
    ),
    Entry(
        "mirroring: a stop of what has stopped is 200",
        "assumed",
        "register entry D9",
    ),
    Entry(
        "tokens: audience, issuer, signature and times are checked, `alg: none` is refused",
        "specified",
        "RFC 7519, RFC 8725",
    ),
)
