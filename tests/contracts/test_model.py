"""What a contract's model says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support import catalogue


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/things/{thing}", "thing", id="at the end"),
        pytest.param("/groups/{group}/things/{thing}/stop", "thing", id="before a command"),
        pytest.param("/things/{thing}/", "thing", id="before a slash"),
        pytest.param("/things", "", id="nowhere"),
    ],
)
def test_operation_is_about_its_last_parameter(path: str, expected: str) -> None:
    """What an operation is about is named by the last parameter of its path, whatever follows it."""
    assert expected == replace(catalogue().operations[0], path=path).own


def test_own_parameter_is_declared() -> None:
    """Every operation with parameters in its path declares the one that it is about."""
    assert [] == [each.id for each in catalogue().operations if each.own and not each.parameter("path", each.own)]
