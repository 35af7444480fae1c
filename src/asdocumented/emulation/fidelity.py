"""The fidelity ledger: what each behaviour of the emulator rests on, so that nobody takes an assumption for a fact.

`documented`: a page of the contracts. `specified`: the vendor's official specification or SDK. `observed`: recorded
traffic. `assumed`: nobody says; the emulator had to do something.
"""

from __future__ import annotations

LEDGER: tuple[dict[str, str], ...] = (
    {"what": "statuses and bodies of successes and documented errors", "rests-on": "documented", "source": "the pages; siblings: the official specifications"},
    {"what": "codes of errors that no page names", "rests-on": "assumed", "source": "`errors.codes` in each api.yaml, with a reference where there is one"},
    {"what": "role assignments: a second PUT with the same id replaces", "rests-on": "assumed", "source": "register entry B7"},
    {"what": "role assignments: the same role, principal and scope twice is a conflict", "rests-on": "observed", "source": "azure-cli issue 25872; the status 409 from the SDK's map"},
    {"what": "role assignments: principalType is User when a request leaves it out", "rests-on": "assumed", "source": "the real service derives it from the directory"},
    {"what": "role assignments: deleting what is not there is 204", "rests-on": "assumed", "source": "register entry B16"},
    {"what": "role assignments: a scope selects itself alone", "rests-on": "assumed", "source": "register entry B18; recordings show ancestors too (switch filter.ancestors)"},
    {"what": "role assignments: 50 on a page, the last without continuation", "rests-on": "assumed", "source": "register entries B11 and B12; recordings show an empty header (switch page.last-empty)"},
    {"what": "integration runtimes: a sync shows as credentialInSync of the nodes", "rests-on": "observed", "source": "register entry A10"},
    {"what": "hybrid links: a start while a sync is going on is resource_busy, 500", "rests-on": "documented", "source": "page, line 39"},
    {"what": "hybrid links: a sync takes 30 seconds and always completes", "rests-on": "assumed", "source": "no source says how long"},
    {"what": "hybrid links: a signed token is accepted as a session id, beside created sessions", "rests-on": "assumed", "source": "a convenience for tests"},
    {"what": "mirroring: a stop goes through Stopping to Stopped in 5 seconds", "rests-on": "assumed", "source": "the states: definitions.json; the time: nobody says"},
    {"what": "mirroring: a stop of what has stopped is 200", "rests-on": "assumed", "source": "register entry D9"},
    {"what": "tokens: audience, issuer, signature and times are checked, `alg: none` is refused", "rests-on": "specified", "source": "RFC 7519, RFC 8725"},
)  # fmt: skip
