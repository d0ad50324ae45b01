"""Who types in the demo, and where."""

from dataclasses import dataclass

from playground.slack import Workspace
from playground.slack.example import ANN, BOB, GUEST, RANDOM, SHARED, SUPPORT

PEOPLE = {"ann": ANN, "bob": BOB, "guest": GUEST}
DIRECT = "dm"
CHANNELS = {"#support": SUPPORT, "#random": RANDOM, "#shared-with-acme": SHARED}
PLACES = (*CHANNELS, DIRECT)


@dataclass(frozen=True, slots=True)
class Seat:
    """A person and a place, by the words that are typed for them."""

    who: str = "ann"
    where: str = "#support"

    @property
    def user(self) -> str:
        """The person's id."""
        return PEOPLE[self.who]

    def channel(self, workspace: Workspace) -> str:
        """Give the channel's id; everybody has a direct message with the bot of their own."""
        return CHANNELS.get(self.where) or workspace.direct_message(self.user).id

    def is_allowed(self, workspace: Workspace) -> bool:
        """Say whether the person is in that channel."""
        return self.user in workspace.channels[self.channel(workspace)].members
