"""Where a scene with Slack plays, and the faxes and cards that it is played with."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import StringIO
from itertools import count

from bot.cards.buttons import Pressed, button
from playground.slack import Message
from playground.slack.example import BOB, BOT
from playground.stonefax import Rule
from tests.conftest import Desk
from tests.faults.desk import until

WITHIN = 4.0
"""Seconds in which something has to come of it."""
SLOW = Rule(delay=0.2)
"""Longer than a hasty bot is patient."""
CARD, WHO, UNNOTED = "the line was busy", "cannot tell me right now who you are", "could not note that"
TOLD = "You will be told"
LOST = "an answer was lost"
HOW, SPENT = "Give me the id", "exchanged_trigger_id"
NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a scene plays: `order` lets the next calls go wrong; `logged` is all that was logged since it began."""

    desk: Desk
    order: Callable[[], None]
    logged: StringIO
    lasting: float = 0.0
    """Seconds in which more may come, since Slack has done what it was too slow to say, or since it is asked again."""
    begins: int = 0

    async def rest(self) -> None:
        """Let come what comes late."""
        await asyncio.sleep(self.lasting)

    def log(self) -> str:
        """Give what was logged since the scene began."""
        return self.logged.getvalue()[self.begins :]


Play = Callable[[Scene], Awaitable[str]]


def new_fax(desk: Desk, status: str = "Queued") -> str:
    """Let the fax server know one more fax."""
    fax_id = f"IAS-N1_401d6c9d{next(NUMBERS):07}_0"
    desk.put(fax_id, status=status, recipient={"name": "Mario Rossi", "faxNumber": "+39 06 1234 5678"})
    return fax_id


def slow_fax(desk: Desk) -> str:
    """Let the fax server know one more fax, that failed, and of which it tells slowly."""
    fax_id = f"IAS-N1_401d6c9e{next(NUMBERS):07}_0"
    desk.put(fax_id, status="Failed", Q931Code=17)
    desk.fax_server.rule(fax_id, SLOW)
    return fax_id


def over(desk: Desk, fax_id: str) -> None:
    """Let it be delivered."""
    desk.put(fax_id, status="Completed", recipient={"name": "Mario Rossi", "faxNumber": "+39 06 1234 5678"})


def card_in(desk: Desk, channel: str, action: str, fax_id: str) -> Message:
    """Put a card of ours there that everybody sees, with this button."""
    blocks = [{"type": "actions", "elements": [button(action, "Press", Pressed(fax_id, BOB))]}]
    workspace = desk.slack.workspace
    return workspace.say(Message(channel, workspace.new_ts(), BOT, "a card", blocks, by_app=True))


def times(number: int) -> str:
    """Say how often something was shown."""
    return ("not at all", "once", "twice")[number] if number < 3 else f"{number} times"


async def brought(scene: Scene) -> None:
    """Wait until Slack brings no event again."""
    await until(lambda: not scene.desk.slack.retries, WITHIN, "an event comes again and again")
    await scene.rest()
