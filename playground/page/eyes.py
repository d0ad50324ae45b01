"""With whose eyes the page sees, and who then types and presses."""

from dataclasses import dataclass

from playground.slack import Workspace
from playground.slack.example import ANN, BOB, GUEST, RANDOM, SHARED, STRANGER, SUPPORT

CHANNELS = (SUPPORT, RANDOM, SHARED)
TOPICS = {
    SUPPORT: "Did the fax arrive? Faxbot is here.",
    RANDOM: "Faxbot is not in this channel: it answers the command, and shares by other means.",
    SHARED: "Shared with another organisation: your own people get private answers alone.",
}


@dataclass(frozen=True, slots=True)
class Eyes:
    """One choice of the switch."""

    key: str
    label: str
    user: str
    note: str

    def channels(self, workspace: Workspace) -> tuple[str, ...]:
        """Give the channels that this person looks into, their direct message with the bot last."""
        seen = tuple(channel for channel in CHANNELS if workspace.can_see(self.user, channel))
        direct = (workspace.direct_message(self.user).id,) if workspace.is_ours(self.user) else ()
        return (*seen, *direct)


EYES = {
    eyes.key: eyes
    for eyes in (
        Eyes("me", "me", ANN, "Ann Lee, of the support desk"),
        Eyes("others", "others", BOB, "Bob Rossi, a colleague who reads along"),
        Eyes("guest", "a guest", GUEST, "Gus Guest, who was let into some channels"),
        Eyes("outside", "outside", STRANGER, "Sid Stranger, of another organisation"),
    )
}
