"""What a contract says of broken emulators that nothing can tell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from asdocumented.contracts import load_catalogue
from asdocumented.contracts.grounds import Equivalent
from asdocumented.contracts.locating import bundled
from asdocumented.errors import ContractError

API = "microsoft-fabric-mirroring"
CLAIM = Equivalent("*:response.status:*", "nobody can see it, whatever is sent")
WRITTEN = f'equivalent: [{{mutant: "{CLAIM.mutant}", because: "{CLAIM.because}"}}]'


def loaded(folder: Path, file: str, text: str) -> object:
    """Load one API's contracts with a text at the end of a file."""
    shutil.copytree(bundled("contracts") / API, folder / API)
    path = folder / API / file
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")
    api = load_catalogue(folder).apis[API]
    return api.equivalents if file == "api.yaml" else api.operations["stop-mirroring"].equivalents


@pytest.mark.parametrize("file", ["api.yaml", "stop-mirroring/contract.yaml"])
def test_claim_is_read(tmp_path: Path, file: str) -> None:
    """A claim of an API or of an operation is kept as it is written."""
    assert (CLAIM,) == loaded(tmp_path, file, WRITTEN)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("equivalent: []", id="no claim"),
        pytest.param('equivalent: [{mutant: "*"}]', id="no argument"),
        pytest.param('equivalent: [{mutant: "*", because: "so it is"}]', id="hardly an argument"),
        pytest.param('equivalent: [{because: "nobody can see it, whatever is sent"}]', id="no mutant"),
        pytest.param(WRITTEN.replace("because", "reason"), id="another key"),
    ],
)
@pytest.mark.parametrize("file", ["api.yaml", "stop-mirroring/contract.yaml"])
def test_claim_needs_an_argument(tmp_path: Path, file: str, text: str) -> None:
    """A claim without a glob or without an argument is a mistake in the contract."""
    with pytest.raises(ContractError, match="equivalent"):
        loaded(tmp_path, file, text)
