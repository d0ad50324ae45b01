"""The demo as a person tries it: a pipe of lines, or a terminal, into the command in a process of its own."""

import asyncio
import os
import pty
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from playground.stonefax import exhibits
from tests.conftest import BUSY, DOCUMENTED
from tests.test_cli import Ran, environment, faxbot

SLOW = "IAS-N1_a7c64170-316d-4776-bb2b-78ea7588f773_0"
IDS = [exhibit.id for exhibit in exhibits()]
PROMPT = "ann in #support> "
PROMPTS = re.compile(r"^(\w+ in \S+)> (.*)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of a pipe, and what was shown until the next."""

    prompt: str
    line: str
    came: str


PIPES = {
    "late": (f"/fax {DOCUMENTED}", f"/fax {SLOW}", "hello"),
    "empty": (),
    "named": ("help", "0", "2 99", "2", BUSY, f"https://fax.example.com/faxes/{BUSY}?x=1", *[f"/fax {BUSY}"] * 28),
    "shared": ("2", "share", "as bob", "details", "as guest", "details", "2"),
    "pressed": ("1 2 5", "details 2", "details", "details 4", "3", "refresh", "refresh", "refresh"),
    "watched": ("/fax IAS-N1_64782331-badb-45dd-a0d2-77a19badcd0b_0", "watch", "unwatch", "/fax watches"),
    "places": ("in #shared-with-acme", "2", "as guest", "in DM", "2", "in random", "2", "share", "in nowhere", "as"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def piped(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ran]:
    """Give what the demo shows for each pipe of lines; all run side by side, since each starts a bot of its own."""
    cwd = tmp_path_factory.mktemp("demo")
    values = {"TZ": "XYZ-1"}
    pipes = ("".join(f"{line}\n" for line in lines).encode() for lines in PIPES.values())
    ran = await asyncio.gather(*(faxbot("demo", values=values, cwd=cwd, stdin=pipe) for pipe in pipes))
    return dict(zip(PIPES, ran, strict=True))


async def test_a_language_that_is_none_of_ours_is_refused_as_by_serve(tmp_path: Path) -> None:
    """Rather than spoken to in English."""
    ran = await faxbot("demo", values={"FAXBOT_LANGUAGE": "xx"}, cwd=tmp_path)
    assert ran.code == 2
    assert "FAXBOT_LANGUAGE: must be en, it, de, fr or es." in ran.err


def turns_of(ran: Ran) -> list[Turn]:
    """Take apart what came back for each line."""
    assert (ran.code, ran.err) == (0, "")
    _, *rest = re.split(PROMPTS, ran.out)
    return [Turn(*turn) for turn in zip(rest[::3], rest[1::3], rest[2::3], strict=True)]


def test_a_pipe_is_answered_to_its_end(piped: Mapping[str, Ran]) -> None:
    """The ids first, then each line with what came back, and at the end the answer that came late."""
    first, *_ = PROMPTS.split(piped["late"].out)
    assert re.findall(r"^ ?(\d+)  .*  (IAS\S+)$", first, re.MULTILINE) == [
        (str(number), fax_id) for number, fax_id in enumerate(IDS, 1)
    ]
    delivered, slow, hello = turns_of(piped["late"])
    assert delivered.came.startswith("only you see:\n")
    assert "✅ Fax delivered" in delivered.came
    assert "follows here" in slow.came
    assert "Here one types" in hello.came
    assert "✅ Fax delivered" in hello.came


def test_without_any_line_the_first_fax_is_shown_once(piped: Mapping[str, Ran]) -> None:
    """A plain delivered one, just sent, with times that name their zone."""
    (turn,) = turns_of(piped["empty"])
    assert (turn.prompt, turn.line) == ("ann in #support", "1")
    assert turn.came.count("✅ Fax delivered") == 1
    assert IDS[0] in turn.came
    assert "another id" not in turn.came
    assert re.search(r"Ended +\d+ \w+ \d{4}, \d\d:\d\d XYZ", turn.came)
    assert re.search(r"as of \d\d:\d\d XYZ", turn.came)


def test_a_fax_is_named_by_number_id_or_link(piped: Mapping[str, Ran]) -> None:
    """All that people have at hand, with no limit per minute; a number that is not in the list is said."""
    _, zero, beyond, *found = turns_of(piped["named"])
    assert ["❌ Fax failed: the line was busy" in turn.came for turn in found] == [True] * 31
    assert f"from 1 to {len(IDS)}" in zero.came
    assert f"from 1 to {len(IDS)}" in beyond.came


def test_help_fits_four_lines_of_a_terminal(piped: Mapping[str, Ran]) -> None:
    """And names every way to go on."""
    turn, *_ = turns_of(piped["named"])
    lines = turn.came.splitlines()
    assert len(lines) == 4
    assert max(map(len, lines)) <= 80
    for word in ("/fax", "ids", "share", "refresh", "details 2", "as ann, bob, guest", "#shared-with-acme", "dm"):
        assert word in turn.came


def test_a_share_is_seen_by_everybody_and_opened_by_each_alone(piped: Mapping[str, Ran]) -> None:
    """Bob sees Ann's card without the number, and presses for it; a guest who presses gets nothing."""
    _, share, as_bob, details, as_guest, *guest = turns_of(piped["shared"])
    posted, _, kept = share.came.partition("only you see, in place of what was there:")
    assert "Shared here" in kept
    for card in (posted, as_bob.came, as_guest.came):
        assert card.startswith("everybody in #support sees:\n")
        assert "shared by @ann" in card
        assert "+39 ••• 678" in card
        assert "Referral letter" not in card
    assert (details.prompt, details.came.splitlines()[0]) == ("bob in #support", "only you see:")
    assert "+39 06 1234 5678" in details.came
    for refused in guest:
        assert "not to guests" in refused.came
        assert "Rossi" not in refused.came


def test_a_row_of_a_summary_is_opened(piped: Mapping[str, Ran]) -> None:
    """Each row shows its button; without a number it is the first row's, and one that is not there is said."""
    summary, second, first, missing = turns_of(piped["pressed"])[:4]
    assert "3 faxes: 2 failed, 1 delivered" in summary.came
    assert summary.came.count("[Details]") == 3
    assert "❌ Fax failed: the line was busy" in second.came
    assert "✅ Fax delivered" in first.came
    assert "No message that you see here" in missing.came


def test_refresh_replaces_the_card(piped: Mapping[str, Ran]) -> None:
    """Until the fax is final: then the button is gone."""
    queued, sending, delivered, gone = turns_of(piped["pressed"])[4:]
    assert "⏳ Fax waiting in the queue" in queued.came
    for turn, state in ((sending, "📤 Fax being sent"), (delivered, "✅ Fax delivered")):
        assert turn.came.startswith("only you see, in place of what was there:\n")
        assert state in turn.came
    assert "No message that you see here" in gone.came


def test_a_watch_begins_and_ends(piped: Mapping[str, Ran]) -> None:
    """As with the buttons."""
    _, watch, unwatch, listed = turns_of(piped["watched"])
    assert "You will be told by direct message" in watch.came
    assert "You will not be told" in unwatch.came
    assert "You are watching no fax" in listed.came


def test_the_place_decides_what_can_be_shared(piped: Mapping[str, Ran]) -> None:
    """With another organisation, and between two, nothing is; where somebody is not, they cannot go."""
    empty, with_acme, guest, _, alone, _, apart, share, nowhere, nobody = turns_of(piped["places"])
    assert "nothing to see here yet" in empty.came
    for turn in (with_acme, alone):
        assert "the line was busy" in turn.came
        assert "[Share to channel]" not in turn.came
    assert "Guest is not in #shared-with-acme." in guest.came
    assert (alone.prompt, apart.prompt) == ("ann in dm", "ann in #random")
    assert share.came.startswith("everybody in #random sees:\n")
    for turn in (nowhere, nobody):
        assert "as ann, bob, guest" in turn.came


class Terminal:
    """A terminal of 80 columns with the demo in it."""

    def __init__(self, typing: int, shown: asyncio.StreamReader) -> None:
        self.typing = typing
        self.shown = shown

    def type(self, keys: str) -> None:
        """Type keys."""
        os.write(self.typing, keys.encode())

    async def until_prompt(self) -> str:
        """Give what is shown up to the next prompt."""
        async with asyncio.timeout(10.0):
            return (await self.shown.readuntil(PROMPT.encode())).decode().replace("\r\n", "\n")


@asynccontextmanager
async def terminal(cwd: Path) -> AsyncIterator[Terminal]:
    """Open a terminal, and end the demo with Ctrl-D."""
    ours, its = pty.openpty()
    shown = asyncio.StreamReader()
    values = {"PYTHONPATH": str(Path(__file__).parent.parent), "COLUMNS": "80", "TERM": "dumb"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        "--terminal",
        cwd=cwd,
        env=environment(values),
        stdin=its,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(shown), os.fdopen(ours, "rb", buffering=0)
    )
    try:
        yield Terminal(ours, shown)
        os.write(ours, b"\x04")
        async with asyncio.timeout(10.0):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        transport.close()


async def test_at_a_terminal_a_late_answer_leaves_the_prompt_below_it(tmp_path: Path) -> None:
    """Lines of the list break between words, and what was half typed when the answer came still counts."""
    async with terminal(tmp_path) as here:
        listed = await here.until_prompt()
        assert [line for line in listed.splitlines() if len(line) > 80] == []
        whole = " ".join(listed.split())
        for number, exhibit in enumerate(exhibits()[:12], 1):
            assert f" {number} {exhibit.shows} {exhibit.id} " in whole
        assert IDS[12] not in listed
        here.type(f"{SLOW}\n")
        assert "follows here" in await here.until_prompt()
        here.type("/fax he")
        late = await here.until_prompt()
        assert late.startswith("/fax he\nonly you see:\n")
        assert "✅ Fax delivered" in late
        here.type("lp\n")
        assert "/fax help shows this" in await here.until_prompt()
