"""README, settings, commands and example files say the same."""

import re
from pathlib import Path

import typer.main

from bot.__main__ import cli
from bot.settings import GROUPS, HINTS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def variables() -> set[str]:
    """Give every variable that is read."""
    return {str(field.validation_alias) for group in GROUPS for field in group.model_fields.values()}


def test_every_setting_is_in_the_readme_and_no_other() -> None:
    """The table of settings."""
    table = README.partition("## Settings")[2].partition("## ")[0]
    names = re.findall(r"^\| (.*?) \|", table, re.MULTILINE)
    assert {name for cell in names for name in re.findall(r"`([A-Z_]+)`", cell)} == variables()


def test_defaults_in_the_readme_are_those_of_the_code() -> None:
    """A default that is a value, not a word of explanation."""
    table = README.partition("## Settings")[2].partition("## ")[0]
    cells = dict(re.findall(r"^\| `([A-Z_]+)` \| `?([^`|]*?)`? \|", table, re.MULTILINE))
    for group in GROUPS:
        for field in group.model_fields.values():
            told = cells.get(str(field.validation_alias))
            if told is not None:
                assert told == "required" if field.is_required() else True
                if isinstance(field.default, int) and not isinstance(field.default, bool):
                    assert told == str(field.default)


def test_every_command_is_in_the_readme() -> None:
    """And no other is."""
    told = set(re.findall(r"^\| `faxbot ([a-z]+)", README, re.MULTILINE))
    assert told == set(typer.main.get_group(cli).commands)


def test_every_example_setting_exists() -> None:
    """.env.example and the hints name real settings."""
    example = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert example <= variables()
    assert set(HINTS) <= variables()


def test_every_make_target_of_the_readme_exists() -> None:
    """As written."""
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"make ([a-z]+)", README.replace("and make:", "")):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
