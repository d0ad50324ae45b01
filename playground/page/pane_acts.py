"""What is done on the page with Work Objects: opened and closed, and their buttons pressed."""

from collections.abc import Mapping

from playground.page.acts import Act, Acts, Asked, outcome
from playground.slack.wire import JsonObject


class EntityAct(Asked):
    """Something done with the entity below a link of a message; `action_id` where one of its buttons is pressed."""

    channel: str
    ts: str
    link: str
    action_id: str = ""


class PanePressed(Asked):
    """A press in the flexpane that is open."""

    action_id: str


class PaneActs:
    """Does with Work Objects what the page asks."""

    def __init__(self, acts: Acts) -> None:
        self.acts = acts
        self.slack = acts.slack

    def by_name(self) -> Mapping[str, Act]:
        """Give each act by its name."""
        return {
            "open_entity": lambda given: self.open(EntityAct(**given)),
            "press_entity": lambda given: self.press(EntityAct(**given)),
            "press_in_pane": lambda given: self.press_in_pane(PanePressed(**given)),
            "close_entity": lambda given: self.close(Asked(**given)),
        }

    async def open(self, opened: EntityAct) -> JsonObject:
        """Open the flexpane of an entity."""
        await self.slack.open_entity(opened.user, self.acts.message(opened.channel, opened.ts), opened.link)
        return {}

    async def press(self, pressed: EntityAct) -> JsonObject:
        """Press a button of an entity."""
        on = self.acts.message(pressed.channel, pressed.ts)
        return outcome(await self.slack.press_entity(pressed.user, on, pressed.link, pressed.action_id))

    async def press_in_pane(self, pressed: PanePressed) -> JsonObject:
        """Press a button of the flexpane."""
        return outcome(await self.slack.press_in_pane(pressed.user, pressed.action_id))

    async def close(self, asked: Asked) -> JsonObject:
        """Close the flexpane; the bot hears nothing of it."""
        self.slack.close_entity(asked.user)
        return {}
