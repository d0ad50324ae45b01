"""Every document names only settings, commands, targets of make and files that there are."""

import re
from pathlib import Path

import pytest
import typer.main

from bot.__main__ import cli
from bot.settings import GROUPS
from bot.settings.sources import FROM_SLACK_CLI

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("bench/*.md")])
SETTINGS = {str(field.validation_alias) for group in GROUPS for field in group.model_fields.values()} | {
    *FROM_SLACK_CLI
}
COMMANDS = set(typer.main.get_group(cli).commands)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_there_is(document: Path) -> None:
    """Whoever types what they read there gets what it says."""
    text = document.read_text()
    code = "\n".join(re.findall(r"`[^`]+`", text) + re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL))
    assert set(re.findall(r"\b(?:SLACK|STONEFAX|FAXBOT)_[A-Z_]+[A-Z]\b", text)) <= SETTINGS
    assert set(re.findall(r"\bfaxbot ([a-z]+)\b", code)) <= COMMANDS
    assert set(re.findall(r"\bmake ([a-z-]+)\b", code)) <= TARGETS
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    assert [link for link in links if not (document.parent / link).exists()] == []
