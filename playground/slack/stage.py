"""What all ways of acting in Slack stand on: one workspace, one installed app, one bot that listens."""

import asyncio
import json
from dataclasses import KW_ONLY, dataclass, field
from typing import NoReturn
from urllib.parse import urlencode

from .acks import Acks
from .faults import Faults
from .grant import ALL_SCOPES, Grant
from .links import Links
from .panes import Panes
from .payloads import Payloads
from .rates import SLACK_LIMITS, Limits, Rates
from .records import Delivery, Journal
from .response_urls import ResponseUrls
from .sender import FORM, JSON, Sender
from .sockets import Sockets
from .steps import Steps
from .triggers import Triggers
from .wire import JsonObject, dumps
from .workspace import Workspace

EVENTS = frozenset(
    {"app_home_opened", "app_mention", "entity_details_requested", "function_executed", "link_shared", "message.im"}
)
RETRY_PAUSES = (0.0, 60.0, 300.0)
"""Seconds before each of the three retries of an event, counted from the failure before it."""


class CannotDo(LookupError):
    """Nobody could do that in Slack: press a button that is not there, write where they are not."""


def cannot(said: str) -> NoReturn:
    """Say what nobody could do."""
    raise CannotDo(said)


@dataclass(repr=False)
class Stage:
    """One workspace with the app installed. The bot's address may be set later than the rest."""

    workspace: Workspace
    _: KW_ONLY
    bot_url: str = ""
    signing_secret: str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"  # noqa: S105 (a secret of the playground's own)
    bot_token: str = "xoxb-playground"  # noqa: S105 (the same)
    app_token: str = "xapp-playground"  # noqa: S105 (the same)
    socket_mode: bool = False
    """Whether the bot is told by the WebSockets that it opens, and not at `bot_url`."""
    scopes: frozenset[str] = ALL_SCOPES
    events: frozenset[str] = EVENTS
    """The events that the app is subscribed to."""
    unfurl_domains: tuple[str, ...] = ()
    functions: JsonObject = field(default_factory=dict)
    """The steps for workflows that the manifest declares."""
    limits: Limits = SLACK_LIMITS
    ack_within: float = 3.0
    retry_pauses: tuple[float, ...] = RETRY_PAUSES
    host: str = "127.0.0.1"
    port: int = 0
    """0: any that is free."""
    journal: Journal = field(default_factory=Journal, init=False)
    faults: Faults = field(default_factory=Faults, init=False)

    def __post_init__(self) -> None:
        workspace = self.workspace
        self.grant = Grant(self.bot_token, self.scopes, self.app_token)
        self.links = Links(self.unfurl_domains)
        self.payloads = Payloads(workspace)
        self.triggers = Triggers(workspace.clock)
        self.panes = Panes()
        self.rates = Rates(self.limits, workspace.clock)
        self.response_urls = ResponseUrls(workspace)
        self.acks = Acks(workspace)
        self.sender = Sender(self.signing_secret, self.ack_within)
        self.steps = Steps(self.functions)
        self.sockets = Sockets(workspace.app.id, self.ack_within)
        self.retries: set[asyncio.Task[None]] = set()

    def require_member(self, user: str, channel: str) -> None:
        """Raise CannotDo unless the person is there to act in the channel."""
        person, there = self.workspace.people.get(user), self.workspace.channels.get(channel)
        if person is None or person.deleted or there is None or user not in there.members:
            cannot(f"{user} is not in {channel}")

    async def send_form(self, kind: str, form: dict[str, str]) -> Delivery:
        """Send a form as it is, and give the answer; nothing is recorded or shown."""
        if self.socket_mode:
            interaction = form.get("payload")
            if interaction is None:
                return await self.sockets.send(kind, "slash_commands", dict(form), {})
            return await self.sockets.send(kind, "interactive", json.loads(interaction), {})
        body = urlencode(form).encode()
        return await self.sender.send(self._address(), kind, dict(form), body, {"Content-Type": FORM})

    async def send_json(self, kind: str, payload: JsonObject, headers: dict[str, str]) -> Delivery:
        """Send JSON as it is, and give the answer; nothing is recorded."""
        if self.socket_mode:
            attempt, reason = headers.get("X-Slack-Retry-Num", "0"), headers.get("X-Slack-Retry-Reason", "")
            retry = {"retry_attempt": int(attempt), "retry_reason": reason}
            return await self.sockets.send(kind, "events_api", payload, retry)
        body = dumps(payload).encode()
        return await self.sender.send(self._address(), kind, payload, body, {"Content-Type": JSON, **headers})

    def _address(self) -> str:
        return self.bot_url or cannot("nothing can be sent before bot_url is set")
