"""The command `asdoc`: results go to stdout, all else to stderr, and a mistake is one clear sentence.

Exit codes: 0 conformant, 1 nonconformant, 2 wrong usage, 3 the harness broke, 4 partial, 5 target unreachable or in
distress. Heavy modules are imported by the command that needs them.
"""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module

import click

from asdocumented import __version__
from asdocumented.errors import AsdocError, suggest

_COMMANDS = {
    "run": ("asdocumented.cli.run", "run_command", "Judge a target and report, requirement by requirement."),
    "init": ("asdocumented.cli.init", "init_command", "Write a commented targets.toml to fill in."),
    "targets": (
        "asdocumented.cli.targets",
        "targets_group",
        "Check, list and show what the targets file names; look at a target.",
    ),
    "plan": ("asdocumented.cli.plan", "plan_command", "Show every request that a run would send; send nothing."),
    "serve": ("asdocumented.cli.serve", "serve_command", "Start the emulator of all documented APIs."),
    "token": ("asdocumented.cli.serve", "token_command", "Print a token for the emulator."),
    "cleanup": ("asdocumented.cli.cleanup", "cleanup_command", "Undo what a run that was killed left on a target."),
    "contracts": ("asdocumented.cli.contracts", "contracts_group", "Look at the contracts, check and export them."),
    "requirements": (
        "asdocumented.cli.contracts",
        "requirements_command",
        "List the requirements that follow from the contracts.",
    ),
    "explain": ("asdocumented.cli.explain", "explain_command", "Explain a requirement, with a request to try."),
    "corpus": ("asdocumented.cli.corpus", "corpus_group", "Look at the generated cases, and generate them anew."),
    "report": ("asdocumented.cli.report", "report_group", "Read, render and judge again what a run left."),
    "mutate": (
        "asdocumented.cli.mutate",
        "mutate_command",
        "Judge broken and permitted emulators: what the suite catches and leaves alone.",
    ),
    "completion": ("asdocumented.cli.completion", "completion_command", "Print the completion script of a shell."),
}


_OF_THE_MACHINE = {
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EIO", "ENFILE", "EMFILE", "ENOMEM") if hasattr(errno, name)
}
"""What no other word on the command line would have changed."""


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that `asdoc --help` starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in their order of use."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None for an unknown name."""
        if cmd_name not in _COMMANDS:
            return None
        module, name, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; a misspelt one is answered with the closest."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"There is no command {args[0]!r}. {suggest(args[0], _COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="asdoc")
def asdoc() -> None:
    """Judge whether an API behaves as its reference page documents."""


def main(arguments: list[str] | None = None) -> None:
    """Run `asdoc` and end the process with its exit code."""
    try:
        # Without the standalone mode click returns the code that a command exits with instead of raising it.
        code = asdoc.main(args=arguments, standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except SystemExit:
        if type(sys.stdout).__name__.endswith("PacifyFlushWrapper"):  # click's answer to a reader that went away
            sys.exit(0)
        raise
    except click.ClickException as error:
        error.show(file=sys.stderr)
        sys.exit(2)
    except click.Abort:
        click.echo("asdoc: interrupted.", err=True)
        sys.exit(130)
    except AsdocError as error:
        click.echo(f"asdoc: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        from asdocumented.console import forget_stdout

        forget_stdout()
        sys.exit(0)
    except OSError as error:
        place = f" {str(error.filename)!r}" if error.filename else ""
        ours = error.errno in _OF_THE_MACHINE
        remedy = "See to this machine, and run again." if ours else "Choose another place."
        click.echo(
            f"asdoc: cannot read or write{place}: {error.strerror or error}. {remedy} [file-unusable]",
            err=True,
        )
        sys.exit(3 if ours else 2)
    except Exception as error:
        if os.environ.get("ASDOC_TRACEBACK"):
            raise
        click.echo(
            f"asdoc: the harness broke: {type(error).__name__}: {error}. This is a defect of asdocumented, not of the target;"
            " ASDOC_TRACEBACK=1 shows where, for a report. [harness-broke]",
            err=True,
        )
        sys.exit(3)
