"""`asdoc plan`: every request that a run would send, and nothing sent."""

from __future__ import annotations

import json
from pathlib import Path

import click

from asdocumented.cli.contradicting import check_corpora, check_options
from asdocumented.cli.planned import print_plan
from asdocumented.cli.run import run_command
from asdocumented.contracts import Catalogue, Tier, load_catalogue
from asdocumented.corpus.store import Corpora, load_corpora
from asdocumented.planning.outlook import outlook_of
from asdocumented.planning.recording import plan_record, plan_schema
from asdocumented.planning.showing import Shown, show
from asdocumented.preflight.probing import probes_of
from asdocumented.running import Options, make_plan
from asdocumented.selection import Selection
from asdocumented.targets.choosing import choose_target
from asdocumented.targets.model import Target
from asdocumented.targets.remote import RemoteTarget

_SHARED = {
    "target_name",
    "targets_file",
    "apis",
    "operations",
    "requirements",
    "profile",
    "seed",
    "allow",
    "strict_fields",
    "token_env",
    "folder",
    "corpus_folders",
    "no_corpus",
}
"""The options of `asdoc run` that decide what is sent; they are the same objects here."""

_FORMAT = click.Option(
    ["--format", "form"],
    type=click.Choice(["pretty", "json", "schema"]),
    default="pretty",
    show_default=True,
    help="How it is printed; 'schema' prints the JSON Schema of 'json'.",
)


@click.command("plan", params=[*(each for each in run_command.params if each.name in _SHARED), _FORMAT])
def plan_command(  # noqa: PLR0913 - each is an option of the command
    *,
    target_name: str,
    targets_file: Path | None,
    apis: tuple[str, ...],
    operations: tuple[str, ...],
    requirements: tuple[str, ...],
    profile: str,
    seed: int,
    allow: str | None,
    strict_fields: bool,
    token_env: str | None,
    folder: Path | None,
    corpus_folders: tuple[Path, ...],
    no_corpus: bool,
    form: str,
) -> None:
    """Show every request that `asdoc run` would send with the same options; send nothing, and read no credential.

    What depends on an answer is named as what may follow. Beside the requests: what they touch, what cannot be undone, which
    permissions they need, what stays unjudged and why, and how long it may take. This is the dry run of `asdoc run`.
    """
    if form == "schema":
        click.echo(plan_schema(), nl=False)
        return
    check_options(click.get_current_context())
    catalogue = load_catalogue(folder)
    selection = Selection(apis, operations, requirements, strict_fields)
    target = choose_target(catalogue, target_name, targets_file, token_env, selection, seed, with_secrets=False)
    check_corpora(catalogue, corpus_folders, exploring=False)
    corpora = Corpora() if no_corpus else load_corpora(catalogue, folder, *corpus_folders)
    options = Options(selection, profile, Tier(allow) if allow else None, seed, corpora=corpora)
    shown = shown_plan(catalogue, target, options)
    salt = options.salt_on(target)
    said = {"target": target.name, "allow": str(options.reach(target)), "profile": profile}
    if form == "json":
        click.echo(json.dumps(plan_record(shown, seed=seed, salt=salt, **said), ensure_ascii=False, indent=2))
    else:
        print_plan(shown, own_ids=bool(salt), **said)


def shown_plan(catalogue: Catalogue, target: Target, options: Options) -> Shown:
    """Return the plan of a run on a target, as it is shown; sends nothing."""
    requirements, plan = make_plan(catalogue, target, options)
    asked = {f"{each.api}/{each.operation}" for each in requirements.values()}
    probes = probes_of(catalogue, target, options.reach(target)) if isinstance(target, RemoteTarget) else ()
    before = [each.step for each in probes if each.operation.id in asked]
    return show(catalogue, plan, outlook_of(catalogue, target), before)
