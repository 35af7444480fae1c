"""`asdoc explain`: everything about one requirement."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from asdocumented.contracts.grounds import Evidence
from asdocumented.explaining import Explanation, explain
from asdocumented.requirements import derive
from asdocumented.targets.description import ApiDescription, Description
from asdocumented.targets.emulated import EmulatorTarget
from asdocumented.targets.remote import RemoteTarget
from tests.support import asdoc, catalogue, clean_run, command, environment, served

ACCESS = "azure-synapse-access-control"
LIST = f"{ACCESS}/list-role-assignments"
START = "vmware-vcenter-hvc/start-sync-provider"
BUSY = f"{START}/exclusive/sync-running/status"
NO_LOSS = f"{LIST}/page/no-loss"


def explained(identifier: str) -> Explanation:
    """Return what there is to say about a requirement, with a request for the emulator."""
    return explain(catalogue(), derive(catalogue())[identifier], EmulatorTarget(catalogue()))


def test_why_is_the_page(tmp_path: Path) -> None:
    """The text says what is required, at which level, where on the page, and in which profiles it counts."""
    done = asdoc("explain", NO_LOSS, cwd=tmp_path)

    assert 0 == done.code, done.stderr
    for said in (
        "Every item that exists is on one page of a walk.",
        "MUST, evidence documented, family behaviour",
        "documented, interoperable, conventions",
        "请求头 (Request Headers), x-ms-continuation",
        "lines 43-45",
    ):
        assert said in done.stdout


def test_operation_by_its_name_alone(tmp_path: Path) -> None:
    """The name of an operation without its API, and what begins with it, mean what is below the operation."""
    bare, full = (asdoc("explain", name, cwd=tmp_path) for name in ("list-role-assignments", LIST))
    part = asdoc("explain", "list-role-assignments/page", cwd=tmp_path)

    assert (0, 0) == (bare.code, part.code), bare.stderr + part.stderr
    assert full.stdout == bare.stdout != ""
    assert NO_LOSS in part.stdout


def test_earlier_stages_block() -> None:
    """What looks at a field waits for everything that comes before it on the same answer."""
    field = next(each.id for each in derive(catalogue()).values() if each.id.startswith(f"{LIST}/response/200/schema/"))

    assert ("transport", "status", "media type", "parse") == explained(field).blocked_by


@pytest.mark.parametrize(("identifier", "needed"), [(f"{START}/error/link-missing/status", True), (NO_LOSS, False)])
def test_refusals_need_a_control(identifier: str, needed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A refusal needs a success beside it, and nothing else does."""
    assert needed == explained(identifier).needs_control


def test_convention_counts_in_one_profile() -> None:
    """A convention counts in the profile of conventions alone."""
    found = explained(f"{LIST}/refusal/method")

    assert ("conventions",) == found.profiles
    assert Evidence.CONVENTION is found.requirement.basis.evidence


def test_entries_that_touch_it_are_named() -> None:
    """The entries of the register whose place is the requirement's behaviour are told, and no others."""
    assert {"B11", "B13"} == {each.id for each in explained(NO_LOSS).entries}
    assert ["C5"] == [each.id for each in explained(BUSY).entries]
    assert () == explained(f"{START}/response/received").entries


def test_readings_say_who_accepts_them() -> None:
    """Each reading of an entry has the profiles that accept it."""
    found = explained(BUSY)

    assert ("interoperable", "conventions") == found.accepted_in(found.entries[0], "400")


def test_mutants_break_it() -> None:
    """The emulator's deviations that fail the requirement are named."""
    assert {"exclusive.never-busy", "exclusive.wrong-status"} == {each.switch for each in explained(BUSY).mutants}


def test_attempt_bears_on_it() -> None:
    """Whatever passes on the emulator has a request to try, but for what needs the whole run."""
    passed = [key for key, each in clean_run().results.items() if each.bearing][::40]

    assert [] == [key for key in passed if explained(key).attempt is None]


def test_unseen_requirement_has_no_attempt() -> None:
    """What the emulator never shows has no request to try."""
    unseen = f"{ACCESS}/create-role-assignment/response/other/schema/ErrorAdditionalInfo/info/type"

    assert explained(unseen).attempt is None


def test_attempt_for_another_target() -> None:
    """For another target, the same step of the plan is shown with its address and its variable; nothing is sent."""
    api = ApiDescription("https://server.example/base", {}, {"link": ("link-1",), "provider": ("provider-1",)})
    target = RemoteTarget(catalogue(), Description("mine", {"vmware-vcenter-hvc": api}))
    identifier = "vmware-vcenter-hvc/list-links/response/status"
    found = explain(catalogue(), derive(catalogue())[identifier], target).attempt

    assert found is not None
    assert (
        'curl -i -X GET -H "vmware-api-session-id: ${TOKEN_ADMIN}" https://server.example/base/rest/hvc/links'
        == found.curl
    )


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_lines_work_when_pasted(tmp_path: Path) -> None:
    """Pasted in their order, the lines for a state and a sequence show what the requirement is about."""
    found = explained(BUSY).attempt
    assert found is not None
    with served(tmp_path) as ready:
        lines = "\n".join([found.arrange, *found.before, found.curl]).replace(
            "http://127.0.0.1:8080", ready["apis"]["vmware-vcenter-hvc"]
        )
        env = environment({"PATH": f"{Path(command('asdoc')).parent}:{environment()['PATH']}"})
        done = subprocess.run(["sh", "-c", lines], capture_output=True, text=True, env=env, check=True)

    assert ["200", "500"] == [part.split()[1] for part in done.stdout.split("HTTP/")[1:]]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("page/no-loss", 1, id="end"),
        pytest.param("*/page/no-*", 2, id="glob"),
        pytest.param(BUSY, 1, id="id"),
    ],
)
def test_requirement_may_be_shortened(typed: str, expected: int, tmp_path: Path) -> None:
    """An id, the end of one and a glob are understood."""
    done = asdoc("explain", typed, "--format", "json", cwd=tmp_path)

    assert expected <= len(json.loads(done.stdout)), done.stderr


def test_operation_lists_its_requirements(tmp_path: Path) -> None:
    """What matches many is listed, and one line says what to do."""
    done = asdoc("explain", START, cwd=tmp_path)

    assert f"{START}/response/status" in done.stdout
    assert "name one" in done.stderr


def test_misspelt_requirement_is_suggested(tmp_path: Path) -> None:
    """A misspelt id ends with 2 and the closest."""
    done = asdoc("explain", f"{LIST}/page/no-los", cwd=tmp_path)

    assert (2, "") == (done.code, done.stdout)
    assert f"Did you mean '{NO_LOSS}'?" in done.stderr


def test_markdown_has_the_lines_in_a_block(tmp_path: Path) -> None:
    """As Markdown, what is to be pasted stands in a block of code."""
    shown = asdoc("explain", f"{LIST}/response/status", "--format", "markdown", cwd=tmp_path).stdout

    assert shown.startswith(f"## `{LIST}/response/status`")
    assert "```sh\ncurl " in shown


def test_no_secret_is_needed(tmp_path: Path) -> None:
    """A target of a file is shown without the variables of its secrets, since nothing is sent to it."""
    described = (
        '[targets.mine.apis.vmware-vcenter-hvc]\nbase-url = "http://127.0.0.1:9"\ncredentials.admin.env = "NOT_SET"\n'
    )
    (tmp_path / "targets.toml").write_text(described, encoding="utf-8")
    done = asdoc("explain", "vmware-vcenter-hvc/list-links/response/status", "--target", "mine", cwd=tmp_path)

    assert 0 == done.code, done.stderr
    assert "$NOT_SET" in done.stdout
