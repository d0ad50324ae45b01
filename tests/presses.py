"""Cards that tests ask for, and the buttons that they press on them."""

from playground.slack import Message
from playground.slack.example import ANN, SUPPORT
from tests.conftest import BUSY, Desk

QUEUED = "IAS-N1_401d6c8c0000001_0"


async def card(desk: Desk, fax_id: str = BUSY, *, user: str = ANN, channel: str = SUPPORT) -> Message:
    """Ask for a fax and give the private card."""
    return (await desk.ask(fax_id, user=user, channel=channel)).shown[0]


async def newest(desk: Desk, user: str, channel: str, after: int) -> Message:
    """Wait for the next change that this person sees in a channel."""

    def found() -> Message | None:
        changes = [change.message for change in desk.slack.workspace.changes[after:] if change.kind != "deleted"]
        return next((m for m in changes if m.channel == channel and m.seen_only_by in {None, user}), None)

    message = await desk.slack.until(found)
    assert message
    return message


async def pressed(desk: Desk, on: Message, action: str, user: str = ANN) -> Message:
    """Press a button and give what the presser sees next."""
    before = len(desk.slack.workspace.changes)
    delivery = await desk.slack.press(on, action, user=user)
    assert delivery.acked
    assert delivery.seconds < 1
    return await newest(desk, user, on.channel, before)


async def share(desk: Desk, fax_id: str = BUSY, channel: str = SUPPORT) -> Message:
    """Ask, share, and give the card that everybody sees."""
    private = await card(desk, fax_id, channel=channel)
    message = await pressed(desk, private, "share")
    assert message.seen_only_by is None, message.words
    seen = desk.slack.workspace.find
    await desk.slack.until(lambda: "Shared here" in str(seen(private.channel, private.ts)))
    return message
