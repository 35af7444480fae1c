"""`asdoc completion`: the script that makes a shell complete commands, options, operations and requirements."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_HOW = {
    "bash": 'eval "$(asdoc completion bash)"  in ~/.bashrc',
    "zsh": 'eval "$(asdoc completion zsh)"  in ~/.zshrc',
    "fish": "asdoc completion fish > ~/.config/fish/completions/asdoc.fish",
}


@click.command("completion", epilog="\b\n" + "\n".join(_HOW.values()))
@click.argument("shell", type=click.Choice(list(_HOW)))
def completion_command(shell: str) -> None:
    """Print the completion script of a shell."""
    kind = get_completion_class(shell)
    root = click.get_current_context().find_root().command
    if kind is not None:
        script = kind(root, {}, "asdoc", "_ASDOC_COMPLETE")
        click.echo(script.source_template % script.source_vars())
