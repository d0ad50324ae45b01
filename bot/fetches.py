"""Questions to the fax server: one for any number of askers, and hardly any while it is known to be down."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from time import monotonic

from cachetools import TTLCache

from bot.stonefax import Fax, FaxError, StoneFaxClient
from bot.stonefax.errors import ServerBusy
from bot.tasks import Joint
from bot.triage import Failure, judge

KEPT_FAXES = 4096
SECONDS_KEPT = 60.0
"""A final fax changes only where the server sends it again, which takes longer than this."""
IN_A_ROW = 3
"""So many questions in vain, and none answered in between: the server is down, and not this one fax difficult."""
LONGEST_REST = 20
"""How many times longer than between two probes a server is left alone that asks for a pause."""


@dataclass(frozen=True)
class Fetched:
    """What the server said, and when (UTC)."""

    fax: Fax
    at: datetime

    @cached_property
    def failure(self) -> Failure | None:
        """Why it failed, if it did: the same for all who ask."""
        return judge(self.fax)


@dataclass(slots=True)
class Outlook:
    """Whether it is worth asking the server now, as its last answers show.

    One that is down is asked every `between_probes` seconds.
    """

    between_probes: float
    in_vain: int = 0
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When the first of the questions in vain was answered, or given up."""
    last: FaxError | None = None
    next_probe: float = 0.0
    """When the server is asked again, on the monotonic clock; until then it is left alone."""

    def check(self) -> None:
        """Raise what the server said last, with the time since when, where it is known to be down and was just asked.

        The first to come after a pause is let through, and finds out whether that is still so.
        """
        left = self.next_probe - monotonic()
        if self.last is None or self.in_vain < IN_A_ROW:
            return
        if left <= 0:
            self.next_probe = monotonic() + self.between_probes
            return
        error = copy(self.last)
        error.since = self.since
        if isinstance(error, ServerBusy) and error.retry_after:
            error.retry_after = left
        raise error

    def note(self, error: FaxError | None) -> None:
        """Note how a question went; an answer about the fax itself is one."""
        if error is None or not error.about_the_server:
            self.in_vain = 0
            self.last = None
            return
        if not self.in_vain:
            self.since = datetime.now(UTC)
        self.in_vain += 1
        self.last = error
        rest = self.between_probes
        if isinstance(error, ServerBusy) and error.retry_after:
            # It says itself that asking is in vain.
            self.in_vain = max(self.in_vain, IN_A_ROW)
            rest = min(max(rest, error.retry_after), LONGEST_REST * rest)
        self.next_probe = monotonic() + rest


class Fetches:
    """One GET for any number of askers, none for a final fax that was fetched a moment ago, few to a server in need."""

    def __init__(self, client: StoneFaxClient, note: Callable[[FaxError | None], None], between_probes: float) -> None:
        self.client = client
        self.note = note
        self.outlook = Outlook(between_probes)
        self.joint: Joint[str, Fetched] = Joint()
        self.kept: TTLCache[str, Fetched] = TTLCache(KEPT_FAXES, SECONDS_KEPT, timer=monotonic)

    async def fetched(self, fax_id: str, deadline: float) -> Fetched:
        """Give the fax, kept if it is final, else fetched within `deadline` seconds. Raises FaxError."""
        if kept := self.kept.get(fax_id):
            return kept
        return await self.fresh(fax_id, deadline)

    async def fresh(self, fax_id: str, deadline: float) -> Fetched:
        """Fetch the fax, or join who is fetching it, but never take a kept one. Raises FaxError."""
        return await self.joint.result(fax_id, lambda: self.fetch(fax_id, deadline))

    async def fetch(self, fax_id: str, deadline: float) -> Fetched:
        """Ask the server, note how it is, and keep a final fax for a while. Raises FaxError."""
        self.outlook.check()
        try:
            fetched = Fetched(await self.client.fax(fax_id, deadline), datetime.now(UTC))
        except FaxError as error:
            self.noted(error)
            raise
        self.noted(None)
        if fetched.fax.status.final:
            self.kept[fax_id] = fetched
        return fetched

    def noted(self, error: FaxError | None) -> None:
        """Note how a question went, for those who ask next and for readiness."""
        self.outlook.note(error)
        self.note(error)
