"""What is said to whoever typed a command that cannot be carried out, a line for each thing that is wrong."""

from typing import NoReturn

import typer
from rich.console import Console

from bot.settings import Group, Settings, SettingsMistake, environment, read_settings, where_settings_come_from

WRONG_USAGE = 2

complaints = Console(stderr=True, soft_wrap=True)


def complain(*lines: str) -> NoReturn:
    """Say what is wrong with the usage or the settings, a line each, and leave."""
    for line in lines:
        complaints.print(line, markup=False, highlight=False)
    raise typer.Exit(WRONG_USAGE)


def settings_or_complaint(*groups: type[Group]) -> Settings:
    """Read these settings, or say what is wrong with them."""
    found = environment()
    for warning in found.warnings:
        complaints.print(warning, markup=False, highlight=False)
    try:
        return read_settings(found, *groups)
    except SettingsMistake as mistake:
        complain(f"Faxbot's settings ({where_settings_come_from()}):", *(f"  {line}" for line in mistake.lines))
