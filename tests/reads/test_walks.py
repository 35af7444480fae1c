"""Putting the pages of a list back together."""

from __future__ import annotations

from asdocumented.reads.case import Case
from asdocumented.reads.walks import Walk, walks
from tests.judge.traces import ACCESS, LIST, RUNTIME, Conversation, answer, assignment, catalogue, listing


def _walks(conversation: Conversation, operation: str = LIST) -> list[Walk]:
    found = catalogue().operation(operation)
    reads = tuple(read for read in conversation.reads() if read.api.name == found.api)
    return list(walks(Case(catalogue().apis[found.api], reads), found))


def _page(conversation: Conversation, item: str, *, sent: str = "", named: str | None = None, **query: str) -> None:
    headers = {} if named is None else {"x-ms-continuation": named}
    conversation.list(answer(200, listing(assignment(item)), headers=headers), continuation=sent, **query)


def _shape(found: list[Walk]) -> list[tuple[list[int], bool]]:
    return [([page.id for page in walk.pages], walk.complete) for walk in found]


def test_continued_pages_are_one_walk() -> None:
    """Pages that continue each other are one walk, complete when the last names no continuation."""
    conversation = Conversation()
    _page(conversation, "a", named="one")
    _page(conversation, "b", sent="one", named="two")
    _page(conversation, "c", sent="two")
    expected = [([1, 2, 3], True)]

    assert expected == _shape(_walks(conversation))


def test_items_come_in_order() -> None:
    """The items of a walk are those of its pages in order."""
    conversation = Conversation()
    _page(conversation, "a", named="one")
    _page(conversation, "b", sent="one")
    expected = ["a", "b"]

    assert expected == [item["id"] for item in _walks(conversation)[0].items("/value")]


def test_empty_continuation_ends_walk() -> None:
    """A continuation header without a value ends a walk."""
    conversation = Conversation()
    _page(conversation, "a", named="")
    expected = [([1], True)]

    assert expected == _shape(_walks(conversation))


def test_unfollowed_continuation_is_incomplete() -> None:
    """A walk whose last page names a continuation is not complete."""
    conversation = Conversation()
    _page(conversation, "a", named="one")
    expected = [([1], False)]

    assert expected == _shape(_walks(conversation))


def test_interleaved_walks_are_separate() -> None:
    """Two walks that go on side by side are kept apart by their continuations."""
    conversation = Conversation()
    _page(conversation, "a", named="one")
    _page(conversation, "x", named="other")
    _page(conversation, "b", sent="one")
    _page(conversation, "y", sent="other")
    expected = [([1, 3], True), ([2, 4], True)]

    assert expected == _shape(_walks(conversation))


def test_other_filter_is_no_continuation() -> None:
    """A page with another filter than the first does not continue it."""
    conversation = Conversation()
    _page(conversation, "a", named="one", scope="workspaces/a")
    _page(conversation, "b", sent="one", scope="workspaces/b")
    expected = [([1], False)]

    assert expected == _shape(_walks(conversation))


def test_new_epoch_ends_walk() -> None:
    """A page after another state was arranged does not continue a walk from before."""
    conversation = Conversation()
    _page(conversation, "a", named="one")
    conversation.arrange(ACCESS, "two-pages")
    _page(conversation, "b", sent="one")
    expected = [([1], False)]

    assert expected == _shape(_walks(conversation))


def test_invented_continuation_starts_nothing() -> None:
    """A page that was asked for with a continuation that nobody named belongs to no walk."""
    conversation = Conversation()
    _page(conversation, "b", sent="invented")
    expected: list[tuple[list[int], bool]] = []

    assert expected == _shape(_walks(conversation))


def test_faulty_request_is_no_page() -> None:
    """An answer to a request with a fault is no page."""
    conversation = Conversation()
    conversation.send(conversation.call(LIST, identity="expired"), answer(401))
    expected: list[tuple[list[int], bool]] = []

    assert expected == _shape(_walks(conversation))


def test_failed_page_is_incomplete() -> None:
    """A walk that ends in an error is not complete."""
    conversation = Conversation()
    _page(conversation, "a", named="one")
    conversation.list(answer(500), continuation="one")
    expected = [([1, 2], False)]

    assert expected == _shape(_walks(conversation))


def test_operation_without_pages_walks_once() -> None:
    """Each answer of an operation without pages is a walk of its own."""
    conversation = Conversation()
    conversation.send(RUNTIME, answer(200, {}))
    conversation.send(RUNTIME, answer(200, {}))
    expected = [([1], True), ([2], True)]

    assert expected == _shape(_walks(conversation, RUNTIME))


def test_retried_page_counts_once() -> None:
    """A page that is asked for twice with one continuation is not counted twice."""
    conversation = Conversation()
    _page(conversation, "a", named="one")
    _page(conversation, "b", sent="one")
    _page(conversation, "b", sent="one")
    expected = ["a", "b"]

    assert expected == [item["id"] for item in _walks(conversation)[0].items("/value")]
