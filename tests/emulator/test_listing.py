"""Filters and pages select from a list and lose nothing."""

from __future__ import annotations

import pytest

from tests.emulator.client import (
    ACCESS,
    FIRST,
    OTHER_PRINCIPAL,
    OTHER_ROLE,
    POOL_SCOPE,
    PRINCIPAL,
    ROLE,
    SCOPE,
    SECOND,
    VERSION,
    Client,
)


@pytest.fixture
def two(client: Client) -> Client:
    """Return a client of an emulator with two assignments that differ in every field."""
    client.create(FIRST)
    client.create(SECOND, roleId=OTHER_ROLE, principalId=OTHER_PRINCIPAL, scope=POOL_SCOPE)
    return client


@pytest.fixture
def many(client: Client) -> Client:
    """Return a client of an emulator with three pages."""
    client.emulator.arrange(ACCESS, "two-pages")
    return client


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"roleId": ROLE}, [FIRST]),
        ({"roleId": ROLE.upper()}, [FIRST]),
        ({"principalId": OTHER_PRINCIPAL}, [SECOND]),
        ({"scope": SCOPE}, [FIRST]),
        ({"scope": POOL_SCOPE}, [SECOND]),
        ({"scope": SCOPE.upper()}, []),
        ({"roleId": ROLE, "principalId": PRINCIPAL}, [FIRST]),
        ({"roleId": ROLE, "principalId": OTHER_PRINCIPAL}, []),
        ({"roleId": ""}, []),
    ],
    ids=str,
)
def test_filters_select(two: Client, filters: dict[str, str], found: list[str]) -> None:
    """A filter selects the items with its value, UUIDs in any letter case; several filters narrow together."""
    assert found == two.ids(**filters)


def test_pages_are_the_whole(many: Client) -> None:
    """The pages together have every item once and in order, fifty on each but the last."""
    pages = many.pages()

    assert [50, 50, 20] == [len(page) for page in pages]
    assert list(many.emulator.resources[ACCESS]["role-assignment"]) == many.ids()


def test_count_is_of_page(many: Client) -> None:
    """The count is the number of items on the page."""
    assert 50 == many.page().json()["count"]


def test_last_page_has_no_header(many: Client) -> None:
    """The last page names no continuation."""
    token = many.page().headers["x-ms-continuation"]
    token = many.page(token).headers["x-ms-continuation"]

    assert "x-ms-continuation" not in many.page(token).headers


def test_continuation_is_repeatable(many: Client) -> None:
    """A continuation leads to the same page each time."""
    token = many.page().headers["x-ms-continuation"]

    assert many.page(token).json() == many.page(token).json()


@pytest.mark.parametrize("token", ["x", "AAAA", "AAAAMgAAAAAAAAAAAAAAAA==", "ä"])
def test_forged_continuation_is_refused(many: Client, token: str) -> None:
    """A continuation that was not issued is refused with 400."""
    answer = many.send("GET", f"/roleAssignments?{VERSION}", headers=[(b"x-ms-continuation", token.encode())])

    assert 400 == answer.status_code
    assert "parameter/header/x-ms-continuation/unknown" == many.last_rule()


def test_continuation_is_bound_to_filters(many: Client) -> None:
    """A continuation of one list is none of a list with other filters."""
    token = many.page().headers["x-ms-continuation"]

    assert 400 == many.page(token, scope=SCOPE).status_code


def test_continuation_survives_deletion(many: Client) -> None:
    """A continuation behind the end of a list that has shrunk leads to an empty last page."""
    token = many.page().headers["x-ms-continuation"]
    for identifier in many.emulator.resources[ACCESS]["role-assignment"]:
        many.delete(identifier)
    answer = many.page(token)

    assert {"count": 0, "value": []} == answer.json()
    assert "x-ms-continuation" not in answer.headers


def test_filters_come_before_pages(many: Client) -> None:
    """Pages are of the items that a filter selects."""
    many.emulator.switch("page.size", size=7)
    pages = many.pages(scope=SCOPE)

    assert {7} == {len(page) for page in pages[:-1]}
    assert len(pages) > 2
