"""The fax server beside the page: its moods, a fax that fails while one watches, an outage, an answer of one's own."""

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from bot.references import EXAMPLE_ID, fax_ids
from playground.demo.settings import TIME_ZONE
from playground.page.feed import FaxesChanged, Feed
from playground.slack.wire import JsonObject
from playground.stonefax import FINE, Break, Exhibit, Rule, StoneFaxServer, exhibits

LONGEST_ANSWER = 100_000


class NotAnAnswer(ValueError):
    """What was written is no answer of a fax server; the message says what is wrong with it, and where."""


@dataclass(frozen=True, slots=True)
class Mood:
    """How the fax server feels."""

    label: str
    note: str
    rule: Rule


MOODS = {
    "fine": Mood("Fine", "Every fax answers as it should.", FINE),
    "slow": Mood("Slow", "2.5 seconds an answer: Slack's 3 would pass, so the card follows later.", Rule(delay=2.5)),
    "down": Mood("Down", "The connection breaks before an answer.", Rule(breaks=Break.RESET)),
    "refusing": Mood(
        "Refusing the account", "401: the bot's own password.", Rule(status=401, reason="Invalid username or password")
    ),
    "garbage": Mood("Garbage", "200, and then no fax at all.", Rule(body=b"<<< PBX maintenance mode >>>")),
}


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds that a fax which fails while one watches stays in each state."""

    queued: float = 6.0
    sending: float = 5.0


STATES = {
    "completed": "delivered",
    "failed": "failed",
    "queued": "waiting",
    "inprogress": "waiting",
    "canceled": "cancelled",
    "cancelled": "cancelled",
}
OUTAGE = (
    ("Clinica Santa Lucia", "+39 06 5550 1420"),
    ("Dr. Weber", "+49 30 5550 1737"),
    ("Studio Conti", "+39 02 5550 1966"),
    ("Ann's Pharmacy", "+44 20 5550 1208"),
)


class FaxRoom:
    """What can be done at the fax server, for as long as the `async with`."""

    def __init__(self, fax_server: StoneFaxServer, feed: Feed, pauses: Pauses) -> None:
        self.fax_server = fax_server
        self.feed = feed
        self.pauses = pauses
        self.mood = "fine"
        self.known = exhibits()
        self._made: dict[str, Exhibit] = {}
        self._flips: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for flip in self._flips:
            flip.cancel()
        await asyncio.gather(*self._flips, return_exceptions=True)

    def faxes(self) -> list[JsonObject]:
        """Give what there is to look up, the newest of one's own first."""
        made = [self._listed(each, own=True) for each in reversed(self._made.values())]
        return made + [self._listed(each, own=False) for each in self.known]

    def set_mood(self, mood: str) -> None:
        """Let the server feel like this from now on; KeyError for a mood that it does not have."""
        self.fax_server.mood = MOODS[mood].rule
        self.mood = mood
        self.feed.add(FaxesChanged())

    def send_one_that_fails(self) -> str:
        """Queue a fax that nobody will answer, and give its id."""
        fax_id = new_id()
        submitted = now()
        fax = {
            "faxId": fax_id,
            "status": "Queued",
            "submitTime": written(submitted),
            "startTime": None,
            "endTime": None,
            "recipient": {"name": "Clinica Santa Lucia", "faxNumber": "+39 06 5550 1420"},
            "subject": "Discharge letter",
            "username": "ann",
            "numberOfPages": 2,
            "size": 41_208,
            "serverName": "IAS-N1",
        }
        self._put(fax_id, fax, "fails while you watch")
        flip = asyncio.create_task(self._fail(fax_id, fax))
        self._flips.add(flip)
        flip.add_done_callback(self._flips.discard)
        return fax_id

    def break_the_line(self) -> list[str]:
        """Let four faxes to four numbers have failed on the same dead line, and give their ids."""
        ids = []
        for minutes, (name, number) in enumerate(OUTAGE, 1):
            fax_id, submitted = new_id(), now() - timedelta(minutes=minutes)
            fax = {
                "faxId": fax_id,
                "status": "Failed",
                "submitTime": written(submitted),
                "startTime": written(submitted + timedelta(seconds=4)),
                "endTime": written(submitted + timedelta(seconds=6)),
                "recipient": {"name": name, "faxNumber": number},
                "subject": f"Order {4710 + minutes}",
                "username": "ann",
                "numberOfPages": 1,
                "size": 19_004,
                "serverName": "IAS-N1",
                "Q931Code": 38,
                "failureReason": "Network out of order",
            }
            self._put(fax_id, fax, f"failed: the outage, to {name}")
            ids.append(fax_id)
        return ids

    def put_own(self, text: str) -> str:
        """Serve an answer of one's own, and give the id to ask for. Raises NotAnAnswer."""
        answer = read_answer(text)
        fax_id = str(fax_in(answer)["faxId"])
        self._put(fax_id, answer, "your own answer")
        self.fax_server.rule(fax_id, FINE)
        return fax_id

    async def _fail(self, fax_id: str, fax: JsonObject) -> None:
        await asyncio.sleep(self.pauses.queued)
        fax = {**fax, "status": "InProgress", "startTime": written(now())}
        self._put(fax_id, fax, "fails while you watch")
        await asyncio.sleep(self.pauses.sending)
        failed = {"status": "Failed", "endTime": written(now()), "Q931Code": 19, "failureReason": "No answer"}
        self._put(fax_id, {**fax, **failed}, "failed while you watched")

    def _put(self, fax_id: str, answer: Mapping[str, object], shows: str) -> None:
        self.fax_server.put(fax_id, answer)
        self._made[fax_id] = Exhibit(id=fax_id, shows=shows)
        self.feed.add(FaxesChanged())

    def _listed(self, exhibit: Exhibit, *, own: bool) -> JsonObject:
        return {"id": exhibit.id, "shows": exhibit.shows, "state": self._state(exhibit.id), "own": own}

    def _state(self, fax_id: str) -> str:
        rule = self.fax_server.rule_of(fax_id)
        if rule.steps:
            return "waiting"
        if rule != FINE:
            return "trouble"
        fax = self.fax_server.fax(fax_id) or {}
        return STATES.get(str(fax.get("status")).lower(), "odd")


def new_id() -> str:
    """Give an id as the server makes them."""
    return f"IAS-N1_{uuid.uuid4()}_0"


def now() -> datetime:
    """Give the time on the server's own clock, which has no zone."""
    return datetime.now(ZoneInfo(TIME_ZONE)).replace(tzinfo=None)


def written(time: datetime) -> str:
    """Write a time as .NET does, with seven digits of a second."""
    return f"{time:%Y-%m-%dT%H:%M:%S.%f}0"


def read_answer(text: str) -> JsonObject:
    """Read an answer of one's own. Raises NotAnAnswer, with the line where it is no JSON."""
    if len(text) > LONGEST_ANSWER:
        said = f"An answer has at most {LONGEST_ANSWER:,} characters; this one has {len(text):,}."
        raise NotAnAnswer(said)
    try:
        answer = json.loads(text)
    except json.JSONDecodeError as error:
        said = f"This is no JSON: {error.msg}, in line {error.lineno}, column {error.colno}."
        raise NotAnAnswer(said) from error
    if not isinstance(answer, dict):
        said = "The answer for a fax is one JSON object, in braces."
        raise NotAnAnswer(said)
    fax_id = fax_in(answer).get("faxId")
    if not isinstance(fax_id, str) or fax_ids(fax_id) != (fax_id,):
        said = f"“faxId” is missing, or is no id of a fax. One looks like {EXAMPLE_ID}."
        raise NotAnAnswer(said)
    return answer


def fax_in(answer: JsonObject) -> JsonObject:
    """Give the fax in either documented shape: as it is, or within `fax`."""
    inner = answer.get("fax")
    return inner if isinstance(inner, dict) else answer
