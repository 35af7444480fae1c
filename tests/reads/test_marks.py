"""What marks say of a requirement where somebody else changed what was looked at."""

from __future__ import annotations

from asdocumented.reads.marks import CHANGED, Finding, Mark, Outcome, Seen, blocked, broken, crashed, met, without_luck


def test_luck_is_left_out() -> None:
    """Where one mark says that the target changed meanwhile, another that says "met" proves nothing; all else stays."""
    changed = blocked("a", 1, reason=f"{CHANGED} it was read")
    others = [met("b", 2), broken("a", 3, expected="x", got="y", where="z"), Seen("o", "X1", "one", 4)]

    assert [changed, *others] == without_luck([met("a", 2), changed, *others])
    assert [met("a", 2), blocked("a", 1, reason="busy")] == without_luck([met("a", 2), blocked("a", 1, reason="busy")])


def test_marks_hold_what_was_said() -> None:
    """Each mark has the requirement, its exchanges, and the words that it was made with."""
    assert Mark("a", Outcome.MET, (1, 2)) == met("a", 1, 2)
    assert Mark("a", Outcome.ERROR, reason="a bug") == crashed("a", "a bug")
    assert Mark("a", Outcome.BLOCKED, (1,), reason="busy", blocker="b") == blocked("a", 1, reason="busy", blocker="b")
    assert Mark("a", Outcome.BLOCKED, (), reason="blocked by b", blocker="b") == blocked("a", blocker="b")
    assert Mark("a", Outcome.FINDING, (1,), Finding("x", "y", "z"), reading=("X1", "one")) == broken(
        "a", 1, expected="x", got="y", where="z", reading=("X1", "one")
    )
