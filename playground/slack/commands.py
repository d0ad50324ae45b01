"""Slash commands: what a person types, and what they see of the answer."""

from dataclasses import replace

from .acks import Typed
from .records import Delivery
from .stage import Stage


class Commands(Stage):
    """People type commands."""

    async def command(
        self, command: str, text: str = "", *, user: str, channel: str, thread_ts: str | None = None
    ) -> Delivery:
        """Type a command and give what came of it.

        In a thread, and from another organisation, it never reaches the bot: `status` is None, `failure` says why.
        """
        self.require_member(user, channel)
        typed = Typed(command, text, user, channel)
        if thread_ts is not None:
            return self._refused(typed, "not_in_threads", f"{command} is not supported in threads. Sorry!")
        if not self.workspace.is_ours(user):
            return self._refused(typed, "invalid_command", f"{command} is not a valid command.")
        response_url = self.response_urls.give("commands", user, channel)
        form = self.payloads.command(command, text, user, self.workspace.channels[channel])
        form |= {"response_url": response_url.url, "trigger_id": self.triggers.give(user)}
        delivery = await self.send_form("command", form)
        shown, failure = self.acks.show(delivery, typed)
        delivery = replace(delivery, shown=shown, failure=failure, response_url=response_url)
        self.journal.note(delivery)
        return delivery

    def _refused(self, typed: Typed, failure: str, words: str) -> Delivery:
        told = self.acks.tell(typed, words)
        delivery = Delivery("command", {"command": typed.command, "text": typed.text}, failure=failure, shown=(told,))
        self.journal.note(delivery)
        return delivery
