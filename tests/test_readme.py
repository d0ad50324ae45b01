"""README, settings, commands and example files say the same."""

import ast
import json
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import typer.main
from rich.console import Console

from bot.__main__ import cli
from bot.cards import Cards
from bot.lookup import SeenFax
from bot.policy import Audience
from bot.settings import GROUPS, HINTS
from bot.stonefax.models import fax_from_answer
from bot.terminal import drawn
from bot.triage import judge
from playground.stonefax import ANSWERS
from tests.conftest import BUSY

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


def test_the_card_at_the_top_is_the_one_that_the_demo_shows() -> None:
    """Word for word, but for the times, which the reader's own zone decides."""
    shown = README.partition("```\n")[2].partition("```")[0]
    answer = json.loads((ANSWERS / f"{BUSY}.json").read_text())
    fax = fax_from_answer(answer, BUSY, ZoneInfo("Europe/Rome"))
    assert fax.ended
    seen = SeenFax(fax, judge(fax), None, fax.ended + timedelta(minutes=1), Audience.ASKER)
    drawing = StringIO()
    Console(file=drawing, width=200).print(drawn(Cards("/fax").one(seen)))
    card = " ".join(drawing.getvalue().replace("│", " ").split())
    for line in shown.splitlines():
        for part in re.split(r"\d+ \w+ \d{4}, \d\d:\d\d| · as of .*", " ".join(line.split())):
            assert part.strip() in card


def test_every_picture_is_there_is_small_and_is_described() -> None:
    """Under 200 kB each, with words for whoever does not see it; and none lies about unused."""
    shown: set[Path] = set()
    for page in (ROOT / "README.md", ROOT / "docs" / "playground.md"):
        text = page.read_text()
        shown |= {(page.parent / name).resolve() for name in re.findall(r'(?:src|srcset)="([^"]+)"', text)}
        for image in re.findall(r"<img[^>]*>", text):
            assert re.search(r'alt="[^"]{30,}"', image), image
    assert shown == {picture.resolve() for picture in (ROOT / "docs" / "pictures").iterdir()}
    for picture in shown:
        assert picture.stat().st_size < 200_000


def test_every_make_target_of_the_readme_exists() -> None:
    """As written."""
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"make ([a-z-]+)", README.replace("and make:", "")):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_message_that_the_readme_explains_is_one_that_is_said() -> None:
    """By its first words; what the code writes is read out of its texts."""
    texts = []
    for path in (ROOT / "bot" / "cards").glob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text()))
        texts += [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    said = "\n".join(texts).replace("`{id}`", "…")
    table = README.partition("## What each message means")[2].partition("## ")[0]
    rows = [row for row in re.findall(r"^\| (.+?) \|", table, re.MULTILINE) if not set(row) <= set("-|")]
    assert len(rows) > 20
    for row in rows[1:]:
        first = re.split(r"…|, or outside", row.strip("… "))[0].strip()
        assert first in said, first
