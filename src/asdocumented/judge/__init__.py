"""The judge: pure, from a trace to marks."""

from asdocumented.judge.judging import judge
from asdocumented.judge.ledger import Judgement

__all__ = ["Judgement", "judge"]
