"""Parsing bodies strictly, whatever a target sends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asdocumented.reads.strict_json import MAX_DEPTH, MAX_DIGITS, parse

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",)))
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner),
    max_leaves=30,
)
_TEXTS = st.text(st.sampled_from('[]{},:"\\u0aeE+-.1 truefalsn\t\n\ud800'), max_size=60)


def _nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(b"\xef\xbb\xbf{}", "byte order mark", id="byte order mark"),
        pytest.param(b'{"a": "\xff"}', "not UTF-8 at byte 7", id="not UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16"), "not UTF-8", id="UTF-16"),
        pytest.param(b'"\xed\xa0\x80"', "not UTF-8", id="surrogate as bytes"),
        pytest.param(b'"\\ud800"', "half of a surrogate pair", id="lone high surrogate"),
        pytest.param(b'["\\udc00\\ud800"]', "half of a surrogate pair", id="swapped surrogates"),
        pytest.param(b'{"\\ud800": 1}', "half of a surrogate pair", id="lone surrogate in a key"),
        pytest.param(b'{"a": 1, "a": 1}', 'key "a" stands twice', id="duplicate key"),
        pytest.param(b'[{"x": {"a": 1, "\\u0061": 2}}]', 'key "a" stands twice', id="duplicate key by escape"),
        pytest.param(b'{"a": NaN}', "NaN is not a JSON number", id="NaN"),
        pytest.param(b"Infinity", "Infinity is not a JSON number", id="Infinity"),
        pytest.param(b"[-Infinity]", "-Infinity is not a JSON number", id="negative Infinity"),
        pytest.param(b"1e999", "too large for any float", id="overflow"),
        pytest.param(b"[-1e999]", "too large for any float", id="negative overflow"),
        pytest.param(b"1" * (MAX_DIGITS + 1), "a number has more than", id="long number"),
        pytest.param(b"1." + b"1" * MAX_DIGITS, "a number has more than", id="long fraction"),
        pytest.param(_nested(MAX_DEPTH + 1), "nested more than", id="deep arrays"),
        pytest.param(b'{"a":' * 100_000, "nested more than", id="deep unclosed objects"),
        pytest.param(b"", "blank", id="nothing"),
        pytest.param(b" \n", "blank", id="blank"),
        pytest.param(b'{"a": ', "ends too early", id="truncated after a colon"),
        pytest.param(b'{"a": "b', "ends too early", id="truncated in a string"),
        pytest.param(b'{"a": tru', "", id="truncated in a word"),
        pytest.param(b'{"a": 1', "ends too early", id="truncated before a brace"),
        pytest.param(b"{}{}", "something follows the JSON value at character 2", id="two values"),
        pytest.param(b"{} x", "something follows", id="trailing text"),
        pytest.param(b"{'a': 1}", "not JSON at character 1", id="single quotes"),
        pytest.param(b"[1,]", "", id="trailing comma"),
        pytest.param(b"[01]", "", id="leading zero"),
        pytest.param(b"[+1]", "", id="plus"),
        pytest.param(b'"a\nb"', "", id="control character"),
        pytest.param(b"<html></html>", "not JSON at character 0", id="HTML"),
        pytest.param(b'{"a": 1}\x00', "something follows", id="NUL at the end"),
        pytest.param(b"\x0b{}", "not JSON", id="vertical tab before"),
        pytest.param(b"{}\xc2\xa0", "something follows", id="no-break space after"),
    ],
)
def test_each_problem_is_named(body: bytes, problem: str) -> None:
    """What is wrong with a text is named, as one problem."""
    found = parse(body).problems
    expected = (1, True)

    assert expected == (len(found), problem in found[0])


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param(b"{}", {}, id="object"),
        pytest.param(b" [1, 2.5, -0] \r\n\t", [1, 2.5, 0], id="white space"),
        pytest.param(b"null", None, id="null"),
        pytest.param(b'"\\ud83d\\ude00"', "😀", id="surrogate pair"),
        pytest.param('"é\u2028"'.encode(), "é\u2028", id="line separator"),
        pytest.param(b'{"a": {"b": 1}, "b": {"a": 1}}', {"a": {"b": 1}, "b": {"a": 1}}, id="same key elsewhere"),
        pytest.param(b"1" * 500, int("1" * 500), id="long number within bounds"),
        pytest.param(_nested(3), [[[]]], id="nested"),
        pytest.param(b'"[[[[[["', "[[[[[[", id="brackets in a string"),
        pytest.param(b'"' + b"[" * 1000 + b'"', "[" * 1000, id="many brackets in a string"),
        pytest.param(b'"' + b"1" * 5000 + b'"', "1" * 5000, id="many digits in a string"),
        pytest.param(b'"\\"[[[\\\\"', '"[[[\\', id="escaped quotes"),
    ],
)
def test_good_text_is_parsed(body: bytes, value: Any) -> None:
    """A JSON text gives its value and no problem."""
    parsed = parse(body)
    expected = (value, (), True)

    assert expected == (parsed.value, parsed.problems, parsed.usable)


def test_deepest_allowed_is_parsed() -> None:
    """A text that is nested just as deep as is allowed has no problem."""
    expected = ()

    assert expected == parse(_nested(MAX_DEPTH)).problems


def test_later_duplicate_wins() -> None:
    """A text with a duplicate key is still usable, with the last value."""
    parsed = parse(b'{"a": 1, "a": 2}')
    expected = ({"a": 2}, True)

    assert expected == (parsed.value, parsed.usable)


def test_marked_text_is_usable() -> None:
    """A text behind a byte order mark is still usable."""
    parsed = parse(b'\xef\xbb\xbf{"a": 1}')
    expected = ({"a": 1}, True)

    assert expected == (parsed.value, parsed.usable)


def test_same_problem_once() -> None:
    """A problem that occurs many times in one text is named once."""
    expected = 1

    assert expected == len(parse(b'["\\ud800", "\\ud801"]').problems)


def test_different_problems_together() -> None:
    """Problems of different kinds in one text are all named."""
    expected = 4

    assert expected == len(parse(b'\xef\xbb\xbf{"a": "\\ud800", "a": 1e999, "b": "\\ud800"}').problems)


@given(_VALUES)
def test_any_value_parses_itself(value: Any) -> None:
    """Any JSON value, written by the standard library, is read back without a problem."""
    parsed = parse(json.dumps(value, allow_nan=False).encode())
    expected = (value, ())

    assert expected == (parsed.value, parsed.problems)


@given(_VALUES)
def test_plain_unicode_parses_itself(value: Any) -> None:
    """Any JSON value, written without escapes, is read back without a problem."""
    parsed = parse(json.dumps(value, allow_nan=False, ensure_ascii=False).encode())
    expected = (value, ())

    assert expected == (parsed.value, parsed.problems)


@given(st.binary() | _TEXTS.map(lambda text: text.encode("utf-8", errors="surrogatepass")))
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
@example(b"9" * 100_000)
@example(b"-" * 5000)
@example(b'"' + b"\\" * 9999)
@example(b"]" * 1000 + b"[" * 1100)
def test_any_bytes_are_survived(body: bytes) -> None:
    """Any bytes whatever give a value or a problem and raise nothing."""
    parsed = parse(body)
    expected = True

    assert expected == (parsed.usable or bool(parsed.problems))


@given(st.binary(max_size=40) | _TEXTS.map(lambda text: text.encode("utf-8", errors="surrogatepass")))
def test_no_problem_means_json(body: bytes) -> None:
    """A text without problems is one that the standard library reads to the same value."""
    parsed = parse(body)
    expected = parsed.value

    assert parsed.problems or expected == json.loads(body)
