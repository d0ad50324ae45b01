"""What handlers are given."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.answers import Answers
from bot.cards import Cards
from bot.lookup import Lookup
from bot.metrics import Metrics
from bot.settings import BotSettings, Settings, StoneFaxSettings
from bot.slack import Identity, Slack
from bot.stonefax import FaxError
from bot.store import Store
from bot.tasks import Tasks
from bot.watches import Counts, Watches

NOT_ASKED_YET = "not asked yet"
SOCKET_MODE_OFF, CONNECTED = "off", "ok"


@dataclass(slots=True)
class Health:
    """How things stand, as those who know write it; a problem is a word for what is in the way, if anything is."""

    identity: Identity | None = None
    slack_problem: str | None = NOT_ASKED_YET
    database_problem: str | None = None
    socket_mode: str = SOCKET_MODE_OFF
    """That, CONNECTED while at least one connection is up, or a word for why none is."""
    watches: Counts | None = None
    """As they were counted last, in all processes."""
    draining: bool = False
    fax_server: str = NOT_ASKED_YET
    fax_server_since: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def ready(self) -> bool:
        """Whether Slack should send us requests. The fax server is no reason not to: we can say how it is."""
        reached = self.socket_mode in {SOCKET_MODE_OFF, CONNECTED}
        return reached and self.slack_problem is None and self.database_problem is None and not self.draining

    def note_fax_server(self, error: FaxError | None) -> None:
        """Note how the last exchange with the fax server went, and since when it has been so."""
        state = "ok" if error is None or error.final else error.kind
        if state != self.fax_server:
            self.fax_server, self.fax_server_since = state, datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a way in may use."""

    lookup: Lookup
    cards: Cards
    answers: Answers
    slack: Slack
    tasks: Tasks
    health: Health
    metrics: Metrics
    store: Store
    watches: Watches
    link_domains: tuple[str, ...]
    """The hosts whose links to faxes are unfurled."""
    settings: Settings
    """As they were at the start."""
    most_connections: int
    """That this process takes at once."""


def cards_for(settings: Settings) -> Cards:
    """Give the cards in this desk's words."""
    bot = settings[BotSettings]
    fax_page = settings[StoneFaxSettings].fax_page
    return Cards(bot.command, bot.id_hint, bot.admins, fax_page, bot.language, bot.unfurl)
