"""Throttling: a state of every API, which ends by itself and leaves nothing behind."""

from __future__ import annotations

import pytest

from asdocumented.contracts import load_catalogue
from asdocumented.reads.retrying import http_date
from tests.emulator.client import ACCESS, FABRIC, Client


def test_throttled_api_says_when(client: Client) -> None:
    """In the state a request is refused with 429, and taken again when the seconds that it was told are over."""
    client.emulator.arrange(ACCESS, "throttled")
    refused = client.page()
    client.clock.advance(int(refused.headers["retry-after"]))

    assert 429 == refused.status_code
    assert 200 == client.page().status_code


def test_others_are_not_throttled(client: Client) -> None:
    """The state is that of one API, and those who may not call are told so first."""
    client.emulator.arrange(FABRIC, "throttled")

    assert 200 == client.page().status_code


def test_another_state_ends_it(client: Client) -> None:
    """Nothing of the state is left in the next one."""
    client.emulator.arrange(ACCESS, "throttled")
    client.emulator.arrange(ACCESS, "no-role-assignments")

    assert 200 == client.page().status_code


@pytest.mark.parametrize("api", load_catalogue().apis)
def test_every_api_has_it(client: Client, api: str) -> None:
    """Each API can be put into the state, which leaves no resources."""
    assert {} == client.emulator.arrange(api, "throttled")


def test_every_answer_has_date(client: Client) -> None:
    """The Date of an answer is the emulator's own time, once, whatever the answer."""
    client.clock.advance(3600)
    answers = [client.page(), client.send("GET", "/nothing/here"), client.start({"credentials": 1})]

    assert [int(client.clock.now())] * 3 == [http_date(each.headers["date"]) for each in answers]
