"""Who may call: tokens are verified in every respect, and refused callers are told how to be let in."""

from __future__ import annotations

import json

import jwt
import pytest

from asdocumented.contracts import load_catalogue
from asdocumented.emulator.tokens import FAULTS, sign, signing_key
from asdocumented.errors import UsageError
from tests.emulator.client import ACCESS, DATABASE, FABRIC, SESSION, VCENTER, VERSION, Client

LIST = f"/roleAssignments?{VERSION}"
API = load_catalogue().apis[ACCESS]


def bearer(token: str) -> dict[str, str]:
    """Return the header with a token."""
    return {"Authorization": f"Bearer {token}"}


def claims(client: Client) -> dict[str, object]:
    """Return the claims of a valid token."""
    token = sign(API, "admin", seed=0, now=client.clock.now(), expires_in=60)
    return dict(jwt.decode(token, options={"verify_signature": False}))


@pytest.mark.parametrize("identity", FAULTS)
def test_faulty_credential_is_refused(client: Client, identity: str) -> None:
    """Each kind of faulty credential is refused with 401, and the log names the fault."""
    answer = client.send("GET", LIST, identity=identity)

    assert 401 == answer.status_code
    assert f"unauthenticated/{identity}" == client.last_rule()


def test_unsigned_token_is_refused(client: Client) -> None:
    """A token with the algorithm none is refused although its claims are an admin's."""
    token = jwt.encode(claims(client), "", algorithm="none")

    assert 401 == client.send("GET", LIST, headers=bearer(token)).status_code
    assert "unauthenticated/unsigned" == client.last_rule()


def test_stripped_signature_is_refused(client: Client) -> None:
    """A signed token without its signature is refused."""
    token = sign(API, "admin", seed=0, now=client.clock.now(), expires_in=60)

    assert 401 == client.send("GET", LIST, headers=bearer(token.rpartition(".")[0] + ".")).status_code


def test_changed_role_is_refused(client: Client) -> None:
    """A reader's token whose payload was changed to an admin's is refused."""
    token = sign(API, "reader", seed=0, now=client.clock.now(), expires_in=60)
    header, _, signature = token.split(".")
    payload = jwt.utils.base64url_encode(json.dumps(claims(client)).encode()).decode()

    assert 401 == client.send("GET", LIST, headers=bearer(f"{header}.{payload}.{signature}")).status_code


def test_foreign_key_is_refused(client: Client) -> None:
    """A token that was signed for another seed is refused."""
    token = sign(API, "admin", seed=1, now=client.clock.now(), expires_in=60)

    assert 401 == client.send("GET", LIST, headers=bearer(token)).status_code


def test_token_expires_by_clock(client: Client) -> None:
    """A token ends when the emulator's clock reaches its expiry, though it was verified before."""
    headers = bearer(sign(API, "admin", seed=0, now=client.clock.now(), expires_in=60))

    assert 200 == client.send("GET", LIST, headers=headers).status_code
    client.clock.advance(60)
    assert 401 == client.send("GET", LIST, headers=headers).status_code


def test_token_of_other_api_is_refused(client: Client) -> None:
    """A valid token for another API of the same emulator has the wrong audience."""
    credential = client.emulator.credential("microsoft-fabric-mirroring", "admin")

    assert 401 == client.send("GET", LIST, headers=dict([credential or ("", "")])).status_code
    assert "unauthenticated/wrong-audience" == client.last_rule()


def test_unknown_role_is_refused(client: Client) -> None:
    """A signed token whose role is no identity of the API is refused."""
    token = jwt.encode({**claims(client), "role": "stranger"}, signing_key(0), algorithm="HS256")

    assert 401 == client.send("GET", LIST, headers=bearer(token)).status_code


@pytest.mark.parametrize("value", ["", "Bearer", "Basic YTpi", "bearer x y", "Bearer " + "a" * 5000])
def test_strange_header_is_refused(client: Client, value: str) -> None:
    """A credential header in another form is refused like any wrong token."""
    assert 401 == client.send("GET", LIST, headers={"Authorization": value}).status_code


def test_two_credentials_are_refused(client: Client) -> None:
    """Two credential headers are refused, since it is open which one counts."""
    name, value = client.emulator.credential(ACCESS, "admin") or ("", "")
    answer = client.send("GET", LIST, identity="anonymous", headers=[(name, value), (name, value)])

    assert 401 == answer.status_code


def test_challenge_names_scheme(client: Client) -> None:
    """A 401 has a challenge; only with a token does it say that the token is invalid (RFC 6750)."""
    anonymous = client.send("GET", LIST, identity="anonymous").headers["www-authenticate"]
    expired = client.send("GET", LIST, identity="expired").headers["www-authenticate"]

    assert API.challenges["token"] == anonymous
    assert f'{anonymous}, error="invalid_token", error_description="the token has expired"' == expired


def test_reader_lacks_permission(client: Client) -> None:
    """An identity without the permission is refused with 403, and may do what it has the permission for."""
    write = client.send("DELETE", f"/roleAssignments/x?{VERSION}", identity="reader")

    assert 403 == write.status_code
    assert "permission-missing" == client.last_rule()
    assert 200 == client.send("GET", LIST, identity="reader").status_code


def test_session_is_accepted(client: Client) -> None:
    """A session that Basic credentials opened is a credential, until it is deleted."""
    session = client.send("POST", SESSION, api=VCENTER, security="basic").json()["value"]
    headers = {"vmware-api-session-id": session}
    during = client.send("GET", "/rest/hvc/links", headers=headers, identity="anonymous").status_code
    client.send("DELETE", SESSION, headers=headers, identity="anonymous")
    after = client.send("GET", "/rest/hvc/links", headers=headers, identity="anonymous").status_code

    assert (200, 401) == (during, after)


def test_signed_token_is_session(client: Client) -> None:
    """A signed token is accepted in place of a session id, and outlives the deletion of the session."""
    deleted = client.send("DELETE", SESSION, api=VCENTER).status_code

    assert 200 == deleted
    assert 200 == client.send("GET", "/rest/hvc/links", api=VCENTER).status_code


def test_session_keeps_identity(client: Client) -> None:
    """A reader's session is a reader's."""
    session = client.send("POST", SESSION, api=VCENTER, identity="reader", security="basic").json()["value"]
    path = "/rest/hvc/links/link-7f3a51c0/sync/providers/provider-2c9d04e8?action=start"

    assert 403 == client.send("POST", path, headers={"vmware-api-session-id": session}).status_code


@pytest.mark.parametrize("value", ["", "Basic", "Basic ???", "Basic /w==", "Bearer YWRtaW46YQ=="])
def test_strange_basic_is_refused(client: Client, value: str) -> None:
    """A Basic credential in another form is refused with a challenge."""
    answer = client.send("POST", SESSION, api=VCENTER, headers={"Authorization": value})

    assert 401 == answer.status_code
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_wrong_password_is_refused(client: Client) -> None:
    """A refused identity's Basic credential has a wrong password."""
    assert 401 == client.send("POST", SESSION, api=VCENTER, identity="expired", security="basic").status_code


def test_unknown_identity_is_suggested(client: Client) -> None:
    """A misspelt identity is answered with the closest one."""
    with pytest.raises(UsageError, match="Did you mean 'reader'"):
        client.emulator.credential(ACCESS, "raeder")


def test_anonymous_has_no_token(client: Client) -> None:
    """The anonymous identity has no credential, and none can be signed."""
    assert client.emulator.credential(ACCESS, "anonymous") is None
    with pytest.raises(UsageError, match="no token"):
        sign(API, "anonymous", seed=0, now=0, expires_in=1)


def test_token_has_documented_claims(client: Client) -> None:
    """A token says for whom, by whom, of whom and for how long it is."""
    found = claims(client)

    assert {"aud", "iss", "sub", "idtyp", "role", "iat", "nbf", "exp"} == set(found)
    assert ("https://dev.azuresynapse.net", "user", "admin", 60) == (
        found["aud"],
        found["idtyp"],
        found["role"],
        int(str(found["exp"])) - int(str(found["iat"])),
    )


@pytest.mark.parametrize(
    ("identity", "kind", "scopes"),
    [("contributor", "user", "MirroredDatabase.ReadWrite.All"), ("service-principal", "app", None)],
)
def test_token_tells_kind_and_scopes(identity: str, kind: str, scopes: str | None) -> None:
    """A token says of which kind its caller is, and a delegated one which scopes it has."""
    token = sign(load_catalogue().apis[FABRIC], identity, seed=0, now=0, expires_in=60)
    found = jwt.decode(token, options={"verify_signature": False, "verify_exp": False})

    assert (kind, scopes) == (found["idtyp"], found.get("scp"))


@pytest.mark.parametrize(
    ("identity", "status"),
    [
        ("admin", 200),
        ("member", 200),
        ("contributor", 200),
        ("viewer", 403),
        ("read-scope", 403),
        ("service-principal", 403),
        ("managed-identity", 403),
    ],
)
def test_roles_and_scopes_decide(client: Client, identity: str, status: int) -> None:
    """A user needs a role and a scope of the page, and other kinds are not supported."""
    target = DATABASE.format(action="stopMirroring")

    assert status == client.send("POST", target, api=FABRIC, identity=identity).status_code
