"""What an administrator reads in Slack, whatever was found."""

import pytest

from bot.cards.doctor import Line, examined
from bot.doctor import State, every_check
from playground.slack.blocks import Surface, errors_in

HOSTILE = "<!channel> *bold* `code` _it_ <https://example.com|click> & "


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("text", ["", "short", HOSTILE * 100, "x" * 5000])
def test_any_findings_are_within_slacks_limits(state: State, text: str) -> None:
    """Fifty blocks, three thousand characters in each; what came from outside is no mention and no link."""
    lines = [Line(f"{about} · {check.title}", state, text, text) for about, check in every_check()]
    message = examined(lines).payload()
    assert not errors_in(message["blocks"], Surface.MESSAGE)
    for block in message["blocks"][1:]:
        assert "<" not in block["text"]["text"]


def test_what_fails_comes_first() -> None:
    """Then what is to be looked at, what is well, and what was not looked at."""
    lines = [Line(state, state, "so", "do") for state in ("skip", "ok", "fail", "warn")]
    words = examined(lines).payload()["blocks"][1]["text"]["text"]
    assert [words.index(f"*{state}:*") for state in ("fail", "warn", "ok", "skip")] == sorted(
        words.index(f"*{state}:*") for state in ("fail", "warn", "ok", "skip")
    )
    assert examined(lines).text == "Faxbot, examined: 1 failed, 1 to be looked at, 1 well, 1 not looked at."
