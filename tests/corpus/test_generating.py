"""Generated corpora are the same for a seed, in any process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from asdocumented.contracts.locating import bundled
from asdocumented.corpus.generating import GENERATOR
from asdocumented.corpus.store import FILE, read_corpus
from tests.support import catalogue, ended

OPERATION = "microsoft-fabric-mirroring/stop-mirroring"
_GENERATE = """
import sys
from pathlib import Path
from asdocumented.contracts import load_catalogue
from asdocumented.corpus.choosing import generate
from asdocumented.corpus.store import write_corpus
catalogue = load_catalogue()
write_corpus(Path(sys.argv[1]), generate(catalogue, catalogue.operation(sys.argv[2]), int(sys.argv[3])))
"""


def generated(folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return the corpus that a process of its own generates, with hashes of its own."""
    monkeypatch.setitem(os.environ, "PYTHONHASHSEED", str(seed + 7))
    ended(sys.executable, "-c", _GENERATE, str(folder), OPERATION, str(seed), cwd=folder)
    return (folder / OPERATION / FILE).read_bytes()


def test_seed_gives_the_committed_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process generates what is committed, byte by byte, where the generator is the same."""
    committed = read_corpus(bundled("contracts"), catalogue().operation(OPERATION))
    assert committed is not None
    again = generated(tmp_path, 0, monkeypatch)

    if committed.generator == GENERATOR:
        assert (bundled("contracts") / OPERATION / FILE).read_bytes() == again
    assert again == generated(tmp_path, 0, monkeypatch)


def test_other_seed_gives_another_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seed matters."""
    assert (bundled("contracts") / OPERATION / FILE).read_bytes() != generated(tmp_path, 1, monkeypatch)
