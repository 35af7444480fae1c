"""`page`: a long list comes in pages that together are the whole list, once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from asdocumented.traces import Exchange
from asdocumented.verdicts import Verdict
from tests.judge.traces import ACCESS, GET, LIST, Conversation, answer, assignment, azure_error, listing

_ASPECTS = ("advances", "no-repeat", "no-loss", "ends", "count")
_ITEMS = ("a", "b", "c", "d")


def _walk(
    *pages: tuple[str, ...], known: tuple[str, ...] = _ITEMS, last: str | None = None, **changes: Any
) -> Conversation:
    """Return a walk over pages with the given ids; the last page names `last` as its continuation."""
    conversation = Conversation()
    if known:
        conversation.arrange(ACCESS, "two-pages", role_assignment=known)
    for index, ids in enumerate(pages):
        named = str(index + 1) if index + 1 < len(pages) else last
        headers = {} if named is None else {"x-ms-continuation": named}
        body = listing(*(assignment(each) for each in ids), **changes)
        conversation.list(answer(200, body, headers=headers), continuation=str(index) if index else "")
    return conversation


def _verdicts(conversation: Conversation) -> dict[str, str]:
    return {each: str(conversation.verdict(f"{LIST}/page/{each}")) for each in _ASPECTS}


def test_whole_walk_passes() -> None:
    """A walk over every item, once each, with an end, meets everything."""
    expected = dict.fromkeys(_ASPECTS, "pass")

    assert expected == _verdicts(_walk(("a", "b"), ("c", "d")))


@pytest.mark.parametrize(
    ("pages", "last", "aspect"),
    [
        pytest.param((("a", "b"), ("d",)), None, "no-loss", id="item lost"),
        pytest.param((("a", "b"), ("b", "c", "d")), None, "no-repeat", id="item repeated"),
        pytest.param((("a", "b"), ("a", "b")), None, "advances", id="same page again"),
        pytest.param((("a", "b"), ("c", "d"), ()), "3", "ends", id="empty page goes on"),
        pytest.param((("a", "b"), ("c", "d")), "1", "ends", id="continuation given before"),
    ],
)
def test_each_fault_is_one_finding(pages: tuple[tuple[str, ...], ...], last: str | None, aspect: str) -> None:
    """Each way in which pages go wrong breaks its own requirement alone."""
    expected = {f"{LIST}/page/{aspect}"}

    assert expected == _walk(*pages, last=last).findings()


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        pytest.param(2, Verdict.PASS, id="of the page"),
        pytest.param(4, Verdict.PASS, id="of all pages"),
        pytest.param(3, Verdict.FAIL, id="of nothing"),
        pytest.param(0, Verdict.FAIL, id="zero"),
        pytest.param("2", Verdict.INCONCLUSIVE, id="string"),
        pytest.param(True, Verdict.INCONCLUSIVE, id="boolean"),
    ],
)
def test_count_is_page_or_all(count: Any, expected: Verdict) -> None:
    """A count is the number of items of the page or of all pages."""
    assert expected == _walk(("a", "b"), ("c", "d"), count=count).verdict(f"{LIST}/page/count")


def test_two_counts_are_two_readings() -> None:
    """A count of the page here and of all pages there follows two readings."""
    conversation = Conversation()
    conversation.list(answer(200, listing(assignment("a"), count=3), headers={"x-ms-continuation": "1"}))
    conversation.list(answer(200, listing(assignment("b"), assignment("c"), count=2)), continuation="1")
    expected = {f"{LIST}/ambiguity/B13"}

    assert expected == conversation.findings()


@pytest.mark.parametrize(
    "pages",
    [pytest.param((_ITEMS,), id="one page"), pytest.param(((),), id="an empty list")],
)
def test_single_page_is_no_proof(pages: tuple[tuple[str, ...], ...]) -> None:
    """A list of one page proves nothing of pages."""
    expected = ["inconclusive"] * 4

    assert expected == list(_verdicts(_walk(*pages, known=())).values())[:4]


def test_one_page_may_hold_everything() -> None:
    """A list that shows every known item on one page loses none, and shows nothing else of pages."""
    found = _verdicts(_walk(_ITEMS))
    expected = {"advances": "inconclusive", "no-repeat": "inconclusive", "no-loss": "pass", "ends": "inconclusive"}

    assert {**expected, "count": "pass"} == found


def test_unknown_items_prove_no_loss() -> None:
    """A walk proves that nothing is lost only against items that are known to exist."""
    expected = {"advances": "pass", "no-repeat": "pass", "no-loss": "inconclusive", "ends": "pass", "count": "pass"}

    assert expected == _verdicts(_walk(("a", "b"), ("c", "d"), known=()))


def test_written_items_are_known() -> None:
    """Items that this run wrote are known to exist."""
    ids = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "c")
    conversation = Conversation()
    for each in ids:
        conversation.create(each)
    conversation.list(answer(200, listing(assignment(ids[0])), headers={"x-ms-continuation": "1"}))
    conversation.list(answer(200, listing(assignment(ids[1]))), continuation="1")
    expected = {f"{LIST}/page/no-loss"}

    assert expected == conversation.findings()


def test_unfinished_walk_loses_nothing() -> None:
    """A walk that was not read to its end says nothing of a loss."""
    expected = {
        "advances": "pass",
        "no-repeat": "pass",
        "no-loss": "inconclusive",
        "ends": "inconclusive",
        "count": "pass",
    }

    assert expected == _verdicts(_walk(("a",), ("b",), last="more"))


@pytest.mark.parametrize(
    ("last", "reading"),
    [pytest.param(None, "header-absent", id="absent"), pytest.param("", "header-empty", id="empty")],
)
def test_last_page_reading_is_seen(last: str | None, reading: str) -> None:
    """Whether the last page has an empty header or none is a reading, and neither breaks anything."""
    conversation = _walk(("a", "b"), ("c", "d"), last=last)
    expected = (set(), {reading})

    seen = {each.reading for each in conversation.judgement().seen if each.ambiguity == "B11"}

    assert expected == (conversation.findings(), seen)


@pytest.mark.parametrize("filtered", ["roleId", "scope"])
def test_filtered_walk_loses_nothing(filtered: str) -> None:
    """A filtered walk need not show every item that exists."""
    conversation = Conversation()
    conversation.arrange(ACCESS, "two-pages", role_assignment=_ITEMS)
    query = {
        filtered: "6e4bf58a-b8e1-4cc3-bbf9-d73143322b78" if filtered == "roleId" else "workspaces/exampleWorkspace"
    }
    conversation.list(answer(200, listing(assignment("a")), headers={"x-ms-continuation": "1"}), **query)
    conversation.list(answer(200, listing(assignment("b"))), continuation="1", **query)
    expected: set[str] = set()

    assert expected == conversation.findings()


def test_broken_page_blocks_walk() -> None:
    """A page that is no JSON text blocks what the walk would show, with the text named."""
    conversation = Conversation()
    conversation.arrange(ACCESS, "two-pages", role_assignment=_ITEMS)
    conversation.list(answer(200, listing(assignment("a")), headers={"x-ms-continuation": "1"}))
    conversation.list(answer(200, b"["), continuation="1")
    expected = {"response/200/json"}

    assert expected == conversation.blockers(f"{LIST}/page/no-loss")


def test_failed_page_loses_nothing() -> None:
    """A walk that ends in an error says nothing of its items."""
    conversation = Conversation()
    conversation.arrange(ACCESS, "two-pages", role_assignment=_ITEMS)
    conversation.list(answer(200, listing(assignment("a")), headers={"x-ms-continuation": "1"}))
    conversation.list(answer(500, azure_error()), continuation="1")
    expected = True

    assert expected == (f"{LIST}/page/no-loss" not in conversation.findings())


def test_items_without_id_are_blocked() -> None:
    """Items without an id leave the walk unjudged."""
    conversation = Conversation()
    conversation.arrange(ACCESS, "two-pages", role_assignment=_ITEMS)
    conversation.list(answer(200, listing({"scope": "x"}), headers={"x-ms-continuation": "1"}))
    conversation.list(answer(200, listing({"scope": "x"})), continuation="1")
    expected = {"blocked"}

    assert expected == conversation.outcomes(f"{LIST}/page/no-repeat")


def test_ids_ignore_case() -> None:
    """An item whose id comes in another letter case is not lost."""
    expected: set[str] = set()

    assert expected == _walk(("A", "b"), ("C", "d")).findings()


def _walks(*walks: tuple[tuple[str, ...], ...], known: tuple[str, ...] = _ITEMS) -> Conversation:
    """Return walks over the same list, one right after the other."""
    conversation = Conversation()
    if known:
        conversation.arrange(ACCESS, "two-pages", role_assignment=known)
    for number, pages in enumerate(walks):
        for index, ids in enumerate(pages):
            headers = {"x-ms-continuation": f"{number}.{index + 1}"} if index + 1 < len(pages) else {}
            body = listing(*(assignment(each) for each in ids), count=sum(map(len, pages)))
            token = f"{number}.{index}" if index else ""
            conversation.list(answer(200, body, headers=headers), continuation=token)
    return conversation


_WHOLE, _LOST, _TWICE = (("a", "b"), ("c", "d")), (("a", "b"), ("d",)), (("a", "b"), ("b", "c", "d"))


@pytest.mark.parametrize(
    ("walks", "aspect", "expected"),
    [
        pytest.param((_LOST, _WHOLE, _WHOLE), "no-loss", Verdict.INCONCLUSIVE, id="lost once"),
        pytest.param((_TWICE, _WHOLE, _WHOLE), "no-repeat", Verdict.INCONCLUSIVE, id="repeated once"),
        pytest.param((_LOST, _LOST), "no-loss", Verdict.FAIL, id="lost twice"),
        pytest.param((_TWICE, _TWICE), "no-repeat", Verdict.FAIL, id="repeated twice"),
        pytest.param((_TWICE, _LOST, _LOST), "no-loss", Verdict.FAIL, id="lost in the end"),
        pytest.param((_TWICE, _LOST, _LOST), "no-repeat", Verdict.INCONCLUSIVE, id="repeated before that"),
        pytest.param((_LOST, _TWICE, _WHOLE), "no-loss", Verdict.INCONCLUSIVE, id="never the same"),
    ],
)
def test_list_that_changes_proves_nothing(walks: Any, aspect: str, expected: Verdict) -> None:
    """What another client may have caused stands only when the walk beside it shows the very same."""
    assert expected is _walks(*walks).verdict(f"{LIST}/page/{aspect}")


def test_change_during_a_walk_is_said() -> None:
    """The reason names the environment."""
    reason = _walks(_LOST, _WHOLE, _WHOLE).results()[f"{LIST}/page/no-loss"].reason

    assert "environment: the target changed while its pages were read" == reason


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        pytest.param(answer(404, azure_error()), Verdict.INCONCLUSIVE, id="removed"),
        pytest.param(answer(200, assignment("c")), Verdict.FAIL, id="still there"),
        pytest.param(answer(500, azure_error()), Verdict.FAIL, id="not told"),
    ],
)
def test_item_that_was_removed_is_not_lost(got: Any, expected: Verdict) -> None:
    """An item that is on no page is lost only while a read of it alone does not say that it is gone."""
    conversation = _walks(_LOST, _LOST)
    conversation.send(conversation.call(GET, roleAssignmentId="c"), got)

    assert expected is conversation.verdict(f"{LIST}/page/no-loss")


def test_list_that_lags_is_whole_in_the_end() -> None:
    """A walk that misses only what was just written is followed by one that shows it: that is no change by somebody else."""
    conversation = Conversation()
    for identifier in _ITEMS:
        conversation.create(identifier)
    conversation.events += [
        replace(each, id=each.id + len(_ITEMS)) if isinstance(each, Exchange) else each
        for each in _walks(_LOST, _WHOLE, known=()).events
    ]

    assert Verdict.PASS is conversation.verdict(f"{LIST}/page/no-loss")
