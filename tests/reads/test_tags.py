"""In which forms the entity tag of an answer is sent back."""

from __future__ import annotations

import pytest

from asdocumented.reads.tags import tags_of
from asdocumented.traces import Response
from tests.judge.traces import answer


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        pytest.param(answer(200, {"etag": "abc"}), ("abc", '"abc"'), id="in the body"),
        pytest.param(answer(200, {"etag": '"abc"'}), ('"abc"',), id="quoted in the body"),
        pytest.param(answer(200, {"etag": "abc"}, headers={"ETag": '"x"'}), ('"x"',), id="header first"),
        pytest.param(answer(200, {}), (), id="none"),
        pytest.param(answer(200, b"{"), (), id="no JSON"),
        pytest.param(answer(200, {"etag": 7}), (), id="number"),
        pytest.param(answer(200, {"etag": ""}), (), id="empty"),
        pytest.param(answer(200, {"etag": "*"}), (), id="any"),
        pytest.param(answer(200, {"etag": "a\r\nX-Other: b"}), (), id="another header"),
        pytest.param(answer(200, {"etag": "ä"}), (), id="no ASCII"),
        pytest.param(answer(200, {"etag": "a" * 5000}), (), id="too long"),
        pytest.param(answer(404, {"etag": "abc"}), (), id="error"),
        pytest.param(None, (), id="no answer"),
    ],
)
def test_tags_have_their_forms(response: Response | None, expected: tuple[str, ...]) -> None:
    """A tag of a header is sent as it is, one of a body also in quotation marks, and nothing that no header can carry."""
    assert expected == tags_of(response, "/etag")
