"""What people wish to be told, by command and by button, and what of it they read in Slack in the end."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from sqlalchemy import func, select

from bot.cards.buttons import SHARE, WATCH
from bot.cards.watching import Told as Where
from bot.references import fax_ids
from bot.store import Store
from bot.store.tables import watches
from bot.watches.watch import Step
from playground.slack import Call, Delivery, Message, Workspace
from playground.slack.example import BOT, PRIVATE
from playground.stonefax import Rule
from tests.conftest import Desk

PROMISED = "You will be told"
ANSWER_FOLLOWS = "is taking its time"
ANSWERED_WITHIN = 3.0
ASKING_AT_ONCE = 10
BEFORE_ASKING_AGAIN = 0.05
QUEUED, COMPLETED, FAILED = "Queued", "Completed", "Failed"


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants to be told of a fax, in the thread below a message, or by direct message: then `below` is None."""

    fax_id: str
    person: str
    below: tuple[str, str] | None = None

    @property
    def private(self) -> bool:
        """Whether it is to be told in a private channel."""
        return self.below is not None and self.below[0] == PRIVATE


@dataclass(frozen=True, slots=True)
class Told:
    """One message by which a wish came true, and the call that brought it to Slack."""

    wish: Wish
    mark: str
    call: Call


def fax_id(number: int) -> str:
    """Give the id of one of many faxes."""
    return f"IAS-N1_{number:08x}_0"


async def shared_card(desk: Desk, fax: str, person: str, channel: str) -> Message:
    """Look a fax up and share it; give the card that everybody sees."""
    private = (await desk.ask(fax, user=person, channel=channel)).shown[0]
    await desk.slack.press(private, SHARE, user=person)

    def card() -> Message | None:
        posts = (call for call in reversed(desk.slack.calls) if call.method == "chat.postMessage" and call.ok)
        messages = filter(None, (found(desk.slack.workspace, call) for call in posts))
        return next((message for message in messages if message.channel == channel and fax in message.words), None)

    message = await desk.slack.until(card)
    assert message
    return message


def found(workspace: Workspace, call: Call) -> Message | None:
    """Give the message that a call has posted, as it is now."""
    return workspace.find(call.answer["channel"], call.answer["ts"])


async def insist(desk: Desk, say: Callable[[], Coroutine[object, object, Delivery]]) -> str:
    """Repeat a wish until it is promised, and give the promise: Slack may be in trouble, and the bot may be dead."""
    while True:
        if promise := await promised(desk, await say()):
            return promise
        await asyncio.sleep(BEFORE_ASKING_AGAIN)


async def promised(desk: Desk, delivery: Delivery) -> str | None:
    """Give the promise that a wish will come true, if the bot makes it in its ack or later."""

    def answers() -> list[Message]:
        later = delivery.response_url.shown if delivery.response_url else []
        return [message for message in (*delivery.shown, *later) if ANSWER_FOLLOWS not in message.words]

    if not delivery.acked:
        return None
    try:
        said = await desk.slack.until(answers, within=ANSWERED_WITHIN)
    except TimeoutError:
        return None
    return next((message.words for message in said if PROMISED in message.words), None)


async def say(desk: Desk, wish: Wish) -> Delivery:
    """Say what is wished: by the button on the card, or by command."""
    if wish.below is None:
        return await desk.ask(f"watch {wish.fax_id}", user=wish.person)
    message = desk.slack.workspace.find(*wish.below)
    assert message
    return await desk.slack.press(message, WATCH, user=wish.person)


async def insist_on_all(
    desk: Desk, wishes: Iterable[Wish], begun: Callable[[Wish, Wish], None] = lambda _, __: None
) -> None:
    """Repeat all of them until they are promised, and tell of each when it is: as it was wished, and as it is promised.

    Where Slack does not say what a channel is, it is promised by direct message.
    """
    turns = asyncio.Semaphore(ASKING_AT_ONCE)

    async def insist_on(wish: Wish) -> None:
        async with turns:
            promise = await insist(desk, lambda: say(desk, wish))
        begun(wish, replace(wish, below=None) if Where.DIRECTLY.value in promise else wish)

    await asyncio.gather(*map(insist_on, wishes))


def end_after(desk: Desk, fax: str, status: str, polls: int) -> None:
    """Let a fax end so, after so many more questions that find it still in the queue."""
    desk.put(fax, status=status)
    waiting = [Rule(change={"status": QUEUED}, times=polls)] if polls else []
    desk.fax_server.rule(fax, Rule(steps=(*waiting, Rule())))


def told(desk: Desk) -> list[Told]:
    """Give all that was told, as people see it, in order."""
    posts = [call for call in desk.slack.calls if call.method == "chat.postMessage" and call.ok]
    seen = ((found(desk.slack.workspace, call), call) for call in posts)
    return [one for message, call in seen if message and (one := told_by(desk.slack.workspace, message, call))]


def told_by(workspace: Workspace, message: Message, call: Call) -> Told | None:
    """Read who was told of what; None: the message has no mark, so it is a card."""
    if message.metadata is None:
        return None
    mark = message.metadata["event_payload"]["mark"]
    (fax,) = fax_ids(message.words)
    members = workspace.channels[message.channel].members - {BOT}
    if message.thread_ts is None:
        (person,) = members
        return Told(Wish(fax, person), mark, call)
    (person,) = (one for one in members if f"<@{one}>" in message.words)
    return Told(Wish(fax, person, (message.channel, message.thread_ts)), mark, call)


def shows_the_end(desk: Desk, place: tuple[str, str]) -> bool:
    """Say whether a card, or the preview below a link, has nothing to wait for any more."""
    message = desk.slack.workspace.find(*place)
    assert message
    drawn = str([*message.blocks, *chain.from_iterable(message.unfurls.values())])
    return ("Fax delivered" in drawn or "Fax failed" in drawn) and WATCH not in drawn


async def steps(store: Store) -> Mapping[Step, int]:
    """Count the watches that there are, by how far they are."""
    counting = select(watches.c.step, func.count()).group_by(watches.c.step)
    async with store.engine.connect() as connection:
        return {Step(row[0]): row[1] for row in await connection.execute(counting)}


async def leases(store: Store) -> Counter[str]:
    """Count the watches that are leased, by the lease's token."""
    counting = select(watches.c.lease, func.count()).where(watches.c.lease.is_not(None)).group_by(watches.c.lease)
    async with store.engine.connect() as connection:
        return Counter({row[0]: row[1] for row in await connection.execute(counting)})


async def none_held(store: Store, tokens: Collection[str], within: float = 10.0) -> None:
    """Wait until no watch has one of these leases any more."""
    async with asyncio.timeout(within):
        while not (await leases(store)).keys().isdisjoint(tokens):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.02)


async def until_steps(store: Store, hold: Callable[[Mapping[Step, int]], bool], within: float = 5.0) -> None:
    """Wait until the watches are as far as that."""
    async with asyncio.timeout(within):
        while not hold(await steps(store)):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.02)


async def none_left(store: Store, within: float = 5.0) -> None:
    """Wait until every watch is over."""
    await until_steps(store, lambda there: not there, within)
