"""docs/doctor.md says what the doctor does."""

import re
from pathlib import Path

from bot.doctor import State, every_check
from bot.settings import GROUPS

PAGE = (Path(__file__).parent.parent.parent / "docs" / "doctor.md").read_text()


def test_every_check_is_on_the_page_in_its_order() -> None:
    """And no other is; each by its name for scripts, and as it is shown."""
    told = re.findall(r"^\| `([a-z_]+)` \| (.+?) \|", PAGE, re.MULTILINE)
    assert told == [(check.name, check.title) for _, check in every_check()]


def test_every_state_is_explained() -> None:
    """By its word."""
    for state in State:
        assert f"**{state}**" in PAGE


def test_every_setting_that_the_page_or_a_check_names_exists() -> None:
    """A renamed one would send people astray, and never block a check."""
    variables = {str(field.validation_alias) for group in GROUPS for field in group.model_fields.values()}
    named = set(re.findall(r"\b(?:SLACK|STONEFAX|FAXBOT)_[A-Z_]+\b", PAGE))
    named |= {name for _, check in every_check() for name in check.settings}
    assert named <= variables


def test_a_check_comes_after_what_it_needs() -> None:
    """By its name; and no two have the same."""
    before: set[str] = set()
    for _, check in every_check():
        assert set(check.after) <= before
        assert check.name not in before
        before.add(check.name)
