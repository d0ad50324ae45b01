"""Unique marks in the place of what is private, the places in which they are looked for, and the search itself."""

import base64
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any

import httpx

from bot.masking import in_plain_digits, only_digits
from playground.slack import Message
from playground.slack.example import ANN_DM
from playground.slack.rules import objects_in
from tests.conftest import Desk

NUMBER = "+44 20 7946 0987"
"""Of the numbers that are kept for films: nobody has it."""
ACCOUNT, PASSWORD = "accountplum", "passwordkumquat"
MARKS: Mapping[str, tuple[str, ...]] = {
    "sender": ("senderquince",),
    "subject": ("subjectfig",),
    "server": ("serverlychee",),
    "account": (ACCOUNT,),
    "password": (PASSWORD, base64.b64encode(f"{ACCOUNT}:{PASSWORD}".encode()).decode()),
    "bot token": ("xoxb-1-tokenguava",),
    "signing secret": ("signingsecretmedlar",),
}
"""How each is written where it is found; the number is told by its digits."""
TOLD = 7
"""So many digits of the number in a row, whatever stands between them, are the number; fewer could be a time."""
ALL = " ".join([NUMBER, *(forms[0] for forms in MARKS.values())])
"""Every mark once."""
FAX: Mapping[str, object] = {
    "recipient": {"name": "Ann Lee 020.7946.0987", "faxNumber": NUMBER},
    "username": "senderquince",
    "subject": "About subjectfig (020) 7946    0987",
    "serverName": "serverlychee",
    "faxId": "to 442079460987",
    "detailedStatus": "dialled 02    07    94    60    98    7",
    "failureReason": "Remote station busy 0044-20-7946-0987, ٠٢٠٧٩٤٦٠٩٨٧, 0\u200b2\u200b0\u200b7946\u200b0987",
}
"""The number as its own field, in a name, in an id, and as servers and people spell it."""


def marks_in(text: str) -> frozenset[str]:
    """Give the marks that a text holds."""
    told = {name for name, forms in MARKS.items() if any(form.lower() in text.lower() for form in forms)}
    digits = only_digits(NUMBER)
    windows = [digits[start : start + TOLD] for start in range(len(digits) - TOLD + 1)]
    joined = re.sub(r"[\W_]+", "", in_plain_digits(text))
    runs = map(only_digits, re.findall(r"\d+", joined))
    return frozenset(told | ({"number"} if any(window in run for run in runs for window in windows) else set()))


class Planted(Exception):
    """An exception that a test raises itself, with marks in its text."""


NO_FAULTS = (Planted, StopIteration, StopAsyncIteration)
"""What is no fault of the bot's: planted, or how Python hands over what was awaited."""


@dataclass
class Raised:
    """The text of every exception that is raised in our code, or passes through it."""

    texts: set[str] = field(default_factory=set)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Collect for a while."""
        before = sys.gettrace()
        sys.settrace(self.entered)
        try:
            yield
        finally:
            sys.settrace(before)

    def entered(self, frame: FrameType, _event: str, _arg: object) -> Callable[..., Any] | None:
        """Follow the frames of our own code."""
        if not re.search(r"/(bot|handlers)/", frame.f_code.co_filename):
            return None
        frame.f_trace_lines = False
        return self.happened

    def happened(self, _frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:  # noqa: ANN401 - by the event
        """Note an exception."""
        if event == "exception" and not isinstance(arg[1], NO_FAULTS):
            self.texts.add(f"{arg[0].__name__}: {arg[1]} {getattr(arg[1], '__notes__', '')}")
        return self.happened


@dataclass
class Sinks:
    """Every place in which a mark could come to light."""

    desk: Desk
    log: StringIO
    raised: Raised = field(default_factory=Raised)
    texts: dict[str, str] = field(default_factory=dict)

    async def read(self, output: str) -> None:
        """Read them all while the bot is running; `output` is what the process has printed."""
        said = [change.message for change in self.desk.slack.workspace.changes]
        private = [one for one in said if one.seen_only_by or one.channel == ANN_DM]
        modals = [view.as_sent for views in self.desk.slack.workspace.modals.values() for view in views]
        self.texts = {
            "log": self.log.getvalue(),
            "output": output,
            "exceptions": "\n".join(self.raised.texts),
            "database": stored(self.desk.folder),
            "buttons": "\n".join(kept_by_slack([*said, *modals])),
            "others": "\n".join(as_json(one) for one in said if one not in private),
            "asker": "\n".join([*(as_json(one) for one in private), *map(as_json, modals)]),
            "fax server": "\n".join(credentials(self.desk)),
        }
        async with httpx.AsyncClient(base_url=self.desk.url) as http:
            self.texts["readiness"] = "\n".join([(await http.get(path)).text for path in ("/healthz", "/readyz")])
            self.texts["metrics"] = (await http.get(f"http://127.0.0.1:{self.metrics_port}/metrics")).text

    @property
    def metrics_port(self) -> int:
        """Where the metrics are."""
        lines = map(json.loads, self.log.getvalue().splitlines())
        return next(int(line["port"]) for line in lines if line["event"] == "metrics")

    def found(self) -> dict[str, frozenset[str]]:
        """Give the marks in each sink."""
        return {name: marks_in(text) for name, text in self.texts.items()}


def as_json(shown: Message | Mapping[str, object]) -> str:
    """Give all that Slack knows of a message or a view: texts, blocks, values, metadata, previews."""
    known = (
        {"text": shown.text, "blocks": shown.blocks, "metadata": shown.metadata, "unfurls": shown.unfurls}
        if isinstance(shown, Message)
        else shown
    )
    return json.dumps(known, ensure_ascii=False)


def kept_by_slack(shown: list[Message | Mapping[str, object]]) -> Iterator[str]:
    """Give what is not to be read, and yet comes back to us: values, names of actions and blocks, metadata."""
    unseen = ("value", "action_id", "block_id", "private_metadata", "metadata", "callback_id", "url", "event_payload")
    for one in shown:
        for _, part in objects_in(json.loads(as_json(one)), ""):
            yield from (json.dumps(part[name]) for name in unseen if name in part)


def stored(folder: Path) -> str:
    """Give the bytes of the database, its log of writes included."""
    files = sorted(folder.glob("faxbot.db*"))
    assert files
    return "".join(file.read_bytes().decode("latin-1") for file in files)


def credentials(desk: Desk) -> Iterator[str]:
    """Give what the fax server was asked, with the credentials as it reads them."""
    for request in desk.fax_server.requests:
        scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
        yield f"{request.raw_path} {scheme} {base64.b64decode(coded).decode()}"
