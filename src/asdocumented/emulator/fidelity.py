"""The fidelity ledger: what each part of the emulator's conduct rests on, so that nobody takes an assumption for a fact."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Source(StrEnum):
    """Where a conduct is taken from, the firmest first."""

    DOCUMENTED = "documented"
    SPECIFIED = "specified"
    OBSERVED = "observed"
    ASSUMED = "assumed"


class Entry(NamedTuple):
    """One part of the emulator's conduct. `subject` is a step, a behaviour, or a handler as `<api>/<operation>`."""

    subject: str
    conduct: str
    source: Source
    reference: str


_CONTROL = "/_emulator"
_OPENID = "/{tenant}/oauth2/v2.0/token"
_AC = "azure-synapse-access-control"
_ARM = "azure-synapse-management"
_HVC = "vmware-vcenter-hvc"
_FAB = "microsoft-fabric-mirroring"

LEDGER: tuple[Entry, ...] = (
    Entry(
        "step/route",
        "the raw path decides; literal segments in any letter case",
        Source.ASSUMED,
        "RFC 3986 2.2; documented for the resource group alone",
    ),
    Entry("step/route", "a known path with another method is 405 with Allow", Source.SPECIFIED, "RFC 9110 15.5.6"),
    Entry(
        "step/authenticate",
        "signature, audience, issuer and times are checked; alg none is refused",
        Source.SPECIFIED,
        "RFC 7519 4.1; RFC 8725 3.2",
    ),
    Entry("step/fail_by_switch", "nothing without a switch", Source.ASSUMED, "for clients that have to bear it"),
    Entry("step/authenticate", "a 401 to a bearer token has a challenge", Source.SPECIFIED, "RFC 6750 3"),
    Entry(
        "step/authenticate",
        "every 401 has a challenge; without a session it is the one for logging in",
        Source.SPECIFIED,
        "RFC 9110 11.6.1; the words are those of each api.yaml",
    ),
    Entry(
        "step/authenticate",
        "authentication comes before parameters, body and existence",
        Source.ASSUMED,
        "no source gives an order",
    ),
    Entry(
        "step/authorise",
        "reader lacks the permission to write",
        Source.ASSUMED,
        "the permissions of each contract; roles of the real services are finer",
    ),
    Entry(
        "step/authorise",
        "a user needs one of the roles and one of the delegated scopes",
        Source.DOCUMENTED,
        "microsoft-fabric-mirroring/stop-mirroring, Permissions and Required Delegated Scopes",
    ),
    Entry(
        "step/authorise",
        "an identity of a kind that is not supported is refused with 403",
        Source.ASSUMED,
        "register entry D2; the specification supports all kinds since 2025-04-03 (switch identity.any-kind)",
    ),
    Entry(
        "step/check_parameters",
        "a missing, repeated or malformed parameter is refused",
        Source.ASSUMED,
        "conventions; codes in each api.yaml",
    ),
    Entry(
        "step/check_parameters",
        "an unknown query parameter is accepted with a note",
        Source.ASSUMED,
        "no source forbids it; refused under strict",
    ),
    Entry(
        "step/check_parameters",
        "an empty header counts as absent, with a note; refused under strict",
        Source.OBSERVED,
        "recorded traffic of the Azure CLI (empty x-ms-continuation)",
    ),
    Entry(
        "step/read_body",
        "a body where none is documented is accepted with a note",
        Source.OBSERVED,
        "the vAPI SDK sends {} on GET and DELETE",
    ),
    Entry("step/read_body", "a body is one JSON text without duplicate names", Source.SPECIFIED, "RFC 8259 4"),
    Entry(
        "step/find_resources",
        "the first missing thing of the path, from its left, is reported",
        Source.ASSUMED,
        "no source gives an order",
    ),
    Entry(
        "step/throttle",
        "nothing outside the state `throttled`; in it 429 with Retry-After for two seconds, to everybody who may call",
        Source.SPECIFIED,
        "RFC 6585 4; Retry-After from azure-docs request-limits-and-throttling and swagger.json since 2026-02-03",
    ),
    Entry("step/refuse_by_switch", "nothing without a switch", Source.ASSUMED, "for mutants"),
    Entry(
        "step/exclude",
        "a state excludes an operation by the documented error",
        Source.DOCUMENTED,
        "vmware-vcenter-hvc/start-sync-provider, resource_busy",
    ),
    Entry(
        "behaviour/echo",
        "ids and fields come back as they were sent",
        Source.DOCUMENTED,
        "the definitions of request and response",
    ),
    Entry("behaviour/upsert", "a second PUT to an id replaces", Source.ASSUMED, "register entry B7; RFC 9110 9.3.4"),
    Entry("behaviour/read-after-write", "a write is seen by the next read", Source.ASSUMED, "no source states a delay"),
    Entry("behaviour/filter", "filters narrow together", Source.ASSUMED, "register entry B18"),
    Entry(
        "behaviour/filter",
        "a scope selects itself alone",
        Source.ASSUMED,
        "register entry B18; recordings show ancestors (switch filter.ancestors)",
    ),
    Entry("behaviour/page", "a page holds 50 items", Source.ASSUMED, "register entry B12 (switch page.size)"),
    Entry(
        "behaviour/page",
        "the last page has no continuation header",
        Source.ASSUMED,
        "register entry B11; recordings show an empty one (switch page.last-empty)",
    ),
    Entry(
        "behaviour/page",
        "the count is of the items of the page",
        Source.OBSERVED,
        "register entry B13; recorded traffic of the Azure CLI",
    ),
    Entry("behaviour/page", "a continuation is bound to the filters of its list", Source.ASSUMED, "no source says"),
    Entry(
        "behaviour/conditional",
        "304 for the current etag, as it stands or in quotation marks, and for *",
        Source.SPECIFIED,
        "integrationRuntime.json, If-None-Match; RFC 9110 13.1.2; how the etag is written: register entry A13",
    ),
    Entry("behaviour/delete", "a delete is seen by the next read", Source.ASSUMED, "no source states a delay"),
    Entry("behaviour/idempotent", "a repeated PUT or DELETE changes nothing", Source.SPECIFIED, "RFC 9110 9.2.2"),
    Entry(
        "behaviour/exclusive",
        "see step/exclude",
        Source.DOCUMENTED,
        "vmware-vcenter-hvc/start-sync-provider, resource_busy",
    ),
    Entry(
        "behaviour/transition",
        "states follow each other in the order of their names, without a pause or a failure",
        Source.ASSUMED,
        "the enumerations of definitions.json and ProvidersTypes.go; no source lists the moves",
    ),
    Entry("behaviour/throttled", "see step/throttle", Source.SPECIFIED, "RFC 6585 4"),
    Entry(
        "behaviour/case-insensitive",
        "a resource group is found in any letter case",
        Source.DOCUMENTED,
        "URI Parameters, resourceGroupName",
    ),
    Entry(
        "behaviour/secret",
        "a secret of a request is neither kept nor answered",
        Source.DOCUMENTED,
        "credentials.password is of type secret",
    ),
    Entry("behaviour/empty-body", "no byte and no Content-Type", Source.OBSERVED, "recorded traffic of the Azure CLI"),
    Entry(
        "behaviour/identity",
        "refused identities get 401, those without permission 403",
        Source.SPECIFIED,
        "RFC 9110 15.5.2 and 15.5.4",
    ),
    Entry(
        "errors",
        "the documented error of a cause, else the code in api.yaml",
        Source.ASSUMED,
        "codes without a reference there are made up in the style of the API",
    ),
    Entry(
        "headers",
        "request ids, caching and security headers as each api.yaml lists them",
        Source.OBSERVED,
        "the evidence of each header in api.yaml; names alone are seen, values are the emulator's",
    ),
    Entry("headers", "the correlation id is the request id", Source.ASSUMED, "no client of the emulator hands one on"),
    Entry(
        "headers",
        "a client's request id comes back when it asks",
        Source.SPECIFIED,
        "resource provider contract; assumed for the data plane",
    ),
    Entry(
        "headers",
        "what is left of a rate limit counts down in each hour by the clock, and nothing is refused at 0",
        Source.ASSUMED,
        "request-limits-and-throttling for the numbers; throttling needs a switch, so that no run depends on its length",
    ),
    Entry("headers", "429 and 503 have Retry-After of one second", Source.ASSUMED, "RFC 6585 4; RFC 9110 15.6.4"),
    Entry(
        "delivery",
        "at once and as a whole; switches make it late, slow or cut short",
        Source.ASSUMED,
        "no source promises a time",
    ),
    Entry(
        f"{_AC}/create-role-assignment",
        "200 for a new id and for one that exists",
        Source.DOCUMENTED,
        "Responses, 200 OK",
    ),
    Entry(
        f"{_AC}/create-role-assignment",
        "a new id with an existing role, principal and scope is a conflict",
        Source.OBSERVED,
        "azure-cli issue 25872; 409 from the SDK's map",
    ),
    Entry(
        f"{_AC}/create-role-assignment",
        "principalType is User where the request has none",
        Source.ASSUMED,
        "recordings show a type derived from the directory",
    ),
    Entry(
        f"{_AC}/create-role-assignment",
        "principals and roles need not exist",
        Source.ASSUMED,
        "there is no directory behind the emulator",
    ),
    Entry(
        f"{_AC}/get-role-assignment",
        "404 RoleAssignmentNotFound for a missing id",
        Source.OBSERVED,
        "recorded traffic of the Azure CLI",
    ),
    Entry(
        f"{_AC}/delete-role-assignment",
        "204 for an id that existed",
        Source.OBSERVED,
        "recorded traffic of the Azure CLI; register entry B16",
    ),
    Entry(
        f"{_AC}/delete-role-assignment",
        "204 for an id that did not exist",
        Source.ASSUMED,
        "declared in roleAssignments.json without its meaning",
    ),
    Entry(f"{_AC}/list-role-assignments", "the oldest first", Source.ASSUMED, "no source gives an order"),
    Entry(
        f"{_ARM}/sync-integration-runtime-credentials",
        "200 at once; shows as credentialInSync of the nodes",
        Source.OBSERVED,
        "recorded traffic of the Azure CLI; register entry A10",
    ),
    Entry(
        f"{_ARM}/get-integration-runtime",
        "a self-hosted runtime whose etag never changes",
        Source.SPECIFIED,
        "integrationRuntime.json",
    ),
    Entry(
        f"{_ARM}/get-integration-runtime-status",
        "two nodes that are online",
        Source.ASSUMED,
        "the shape is that of integrationRuntime.json",
    ),
    Entry(
        f"{_HVC}/create-session",
        "a secret for an identity with HTTP Basic",
        Source.SPECIFIED,
        "HTML reference 7.0, cis.session.create",
    ),
    Entry(
        f"{_HVC}/create-session",
        "a signed token is accepted in place of a session id",
        Source.ASSUMED,
        "a convenience, so that all APIs take tokens",
    ),
    Entry(
        f"{_HVC}/delete-session",
        "closes the session; a signed token stays valid",
        Source.ASSUMED,
        "a token is no session",
    ),
    Entry(f"{_HVC}/list-links", "one link", Source.ASSUMED, "the shape is that of LinksTypes.go"),
    Entry(f"{_HVC}/list-sync-providers", "every provider under every link", Source.ASSUMED, "one link, one provider"),
    Entry(f"{_HVC}/get-sync-provider", "the session info of the latest sync", Source.SPECIFIED, "ProvidersTypes.go"),
    Entry(
        f"{_HVC}/start-sync-provider",
        "returns at once; the sync takes 30 seconds and completes",
        Source.ASSUMED,
        "no source says how long",
    ),
    Entry(
        f"{_FAB}/stop-mirroring",
        "200 at once, Stopping for 5 seconds, then Stopped",
        Source.ASSUMED,
        "states from definitions.json; register entry D6",
    ),
    Entry(f"{_FAB}/stop-mirroring", "200 where nothing is mirrored", Source.ASSUMED, "register entry D9"),
    Entry(
        f"{_FAB}/start-mirroring",
        "200 at once, Starting for 5 seconds, then Running",
        Source.ASSUMED,
        "states from definitions.json",
    ),
    Entry(
        f"{_FAB}/get-mirroring-status",
        "the status alone",
        Source.SPECIFIED,
        "definitions.json, MirroringStatusResponse",
    ),
    Entry(
        _OPENID,
        "client credentials with a checked secret; errors with their code and number",
        Source.SPECIFIED,
        "RFC 6749 4.4 and 5.2; the vendor's page on error codes of its identity platform",
    ),
    Entry(
        _OPENID,
        "a client is an identity of the API that the scope names; any tenant; no other grant, no public keys",
        Source.ASSUMED,
        "there is no directory behind the emulator",
    ),
    Entry(
        _CONTROL,
        "states, switches, latency, log, clock, export and import, and tokens",
        Source.ASSUMED,
        "the emulator's own; no vendor has it",
    ),
)
"""Every entry, by subject."""
