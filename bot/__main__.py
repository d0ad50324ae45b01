"""The command line: serve · demo · lookup · doctor · mcp · manifest."""

from typing import Annotated

import typer

from bot import __version__
from bot.commands.demo import demo
from bot.commands.doctor import doctor
from bot.commands.lookup import lookup
from bot.commands.manifest import print_manifest
from bot.commands.mcp import mcp
from bot.commands.serve import serve

cli = typer.Typer(
    name="faxbot",
    help="A Slack bot that says what became of a fax, why it failed, and what to do now.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (serve, demo, lookup, doctor, mcp):
    cli.command()(command)
cli.command("manifest")(print_manifest)


def main() -> None:
    """Run the command line."""
    cli()


def show_version(wanted: bool) -> None:  # noqa: FBT001 - typer gives an option's value so
    """Print the version."""
    if wanted:
        typer.echo(f"faxbot {__version__}")
        raise typer.Exit


@cli.callback()
def faxbot(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Say what became of a fax."""


if __name__ == "__main__":
    main()
