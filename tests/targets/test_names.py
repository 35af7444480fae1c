"""What a targets file can name is what it may name, and what draws on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asdocumented.targets.file import read_target
from asdocumented.targets.names import names_of
from asdocumented.targets.remote import RemoteTarget
from tests.support import asdoc, catalogue

APIS = sorted(catalogue().apis)
ACCESS = "azure-synapse-access-control"


@pytest.mark.parametrize("api", APIS)
def test_targets_file_may_name_them(api: str, tmp_path: Path) -> None:
    """A targets file that names everything that is listed is taken."""
    names = names_of(catalogue().apis[api])
    lines = [f"[targets.all.apis.{api}]", 'base-url = "http://127.0.0.1:9"']
    lines += [
        f'credentials."{each}" = {{ env = "T_{each.upper().replace("-", "_")}" }}' for each in names["credentials"]
    ]
    lines += [f'resources."{each}" = ["one"]' for each in names["resources"]]
    lines += [f'states."{each}" = {{}}' for each in names["states"]]
    file = tmp_path / "targets.toml"
    file.write_text("\n".join(lines), encoding="utf-8")

    opened = RemoteTarget(catalogue(), read_target(catalogue(), "all", file), with_secrets=False)

    assert set(names["resources"]) == set(opened.pools[api])
    assert set(names["states"]) == set(opened.states[api])


@pytest.mark.parametrize("api", APIS)
def test_every_pool_is_drawn_on(api: str) -> None:
    """Each pool is listed with an operation and the place of it, so that nobody fills one for nothing."""
    assert [] == [pool for pool, places in names_of(catalogue().apis[api])["resources"].items() if not places]


def test_places_are_told() -> None:
    """A pool says which parameters and which fields of a body draw on it."""
    told = names_of(catalogue().apis[ACCESS])["resources"]["role"]

    assert "create-role-assignment (/roleId); list-role-assignments (roleId)" == told


def test_unauthenticated_identities_are_left_out() -> None:
    """An identity without a credential needs none in the file."""
    named = names_of(catalogue().apis[ACCESS])["credentials"]

    assert {"admin", "reader"} <= set(named)
    assert set() == {"anonymous", "malformed"} & set(named)


def test_names_are_printed(tmp_path: Path) -> None:
    """The command prints the names of every API, or as JSON those of one."""
    pretty = asdoc("contracts", "names", cwd=tmp_path)
    as_json = asdoc("contracts", "names", "--api", ACCESS, "--format", "json", cwd=tmp_path)
    unknown = asdoc("contracts", "names", "--api", "azure-synapse-access", cwd=tmp_path)

    assert [f"[targets.NAME.apis.{api}]" for api in APIS] == [
        line for line in pretty.stdout.splitlines() if line.startswith("[")
    ]
    assert {ACCESS: names_of(catalogue().apis[ACCESS])} == json.loads(as_json.stdout)
    assert (2, True) == (unknown.code, f"Did you mean '{ACCESS}'?" in unknown.stderr)
