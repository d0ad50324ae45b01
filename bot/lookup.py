"""The one look-up behind every way in: ids and an asker go in, what this reader may see comes out.

allowed? → fetch, one GET for any number of askers → judge → mask → `Seen`
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.audit import Event, event_of, note
from bot.fetches import Fetched, Fetches
from bot.metrics import Metrics
from bot.pace import Pace
from bot.policy import READ_BY_ALL, Asker, Audience, Facts, Policy, Refusal, Sharing
from bot.stonefax import Fax, FaxError
from bot.telemetry import Arrival
from bot.triage import Failure
from bot.triage.hint import Hint
from bot.triage.outages import Outages


@dataclass(frozen=True, slots=True)
class SeenFax:
    """A fax as its reader may see it, `as_of` the moment (UTC) at which the server told it."""

    fax: Fax
    failure: Failure | None
    hint: Hint | None
    as_of: datetime
    audience: Audience


@dataclass(frozen=True, slots=True)
class NotSeen:
    """Why there is nothing to see of the fax that was asked for; `reference` leads to the log.

    `reason` is the server's own words for it, as this reader may see them.
    """

    fax_id: str
    error: FaxError
    reference: str
    reason: str | None = None


Seen = SeenFax | NotSeen


@dataclass(frozen=True, slots=True)
class Looked:
    """What there is to see of each fax, in the order asked for, who reads it, and how it may be shown to all there."""

    seen: tuple[Seen, ...]
    sharing: Sharing
    audience: Audience


@dataclass(frozen=True, slots=True)
class TooOften:
    """This person asked `per_minute` times in a minute and may go on in `wait` seconds."""

    per_minute: int
    wait: float


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """This person gets nothing; `reference` leads to the log."""

    refusal: Refusal
    reference: str


@dataclass(frozen=True, slots=True)
class NotShareable:
    """This cannot be shown to everybody in the place that it was asked in; `sharing` says why."""

    sharing: Sharing


Refused = TooOften | NotAllowed | NotShareable


@dataclass(frozen=True, slots=True)
class Lookup:
    """The use case. `facts` asks what is known of an asker; `deadline` is in seconds from a request's arrival."""

    fetches: Fetches
    facts: Callable[[Asker], Coroutine[Any, Any, Facts]]
    policy: Policy
    pace: Pace
    outages: Outages
    metrics: Metrics
    deadline: float

    async def __call__(
        self,
        ids: tuple[str, ...],
        asker: Asker,
        arrival: Arrival,
        audience: Audience = Audience.ASKER,
        *,
        paced: bool = True,
    ) -> Looked | Refused:
        """Give what this audience may see of each fax; the asker is asked about beside the fetch.

        What is not `paced` does not count as theirs: it was not they who asked.
        """
        wait = self.pace.seconds_to_wait(asker.user_id) if paced else 0.0
        if wait:
            return self.refused(TooOften(self.pace.per_minute, wait), "too_often", ids, asker, arrival)
        facts, *fetched = await asyncio.gather(self.facts(asker), *(self.fetched(fax_id, arrival) for fax_id in ids))
        if refusal := self.policy.refusal(asker, facts):
            return self.refused(NotAllowed(refusal, arrival.reference), refusal.value, ids, asker, arrival)
        sharing = self.policy.sharing(facts)
        if audience is Audience.OTHERS and sharing not in READ_BY_ALL:
            return self.refused(NotShareable(sharing), "not_shareable", ids, asker, arrival)
        # All are noted before a hint is given on any, or the first of several that failed alike would go without.
        judged = [(one, self.judged(one)) for one in fetched]
        seen = tuple(self.seen(one, failure, asker, arrival, audience) for one, failure in judged)
        return Looked(seen, sharing, audience)

    def judged(self, fetched: Fetched | NotSeen) -> Failure | None:
        """Say why a fax failed, if it did, and note how it ended."""
        if isinstance(fetched, NotSeen):
            return None
        self.outages.note(fetched.fax, fetched.failure)
        return fetched.failure

    def refused(self, refused: Refused, outcome: str, ids: tuple[str, ...], asker: Asker, arrival: Arrival) -> Refused:
        """Note a refusal, for each fax that it is about."""
        for fax_id in ids:
            self.note(Event.REFUSED, asker, fax_id, outcome, arrival)
        return refused

    async def fetched(self, fax_id: str, arrival: Arrival) -> Fetched | NotSeen:
        """Give one fax as the server tells it; a fault of the fax server is an answer too."""
        try:
            return await self.fetches.fetched(fax_id, max(0.0, self.deadline - arrival.seconds_since()))
        except FaxError as error:
            return NotSeen(fax_id, error, arrival.reference)

    def seen(
        self, fetched: Fetched | NotSeen, failure: Failure | None, asker: Asker, arrival: Arrival, audience: Audience
    ) -> Seen:
        """Give one fax without what this audience may not see."""
        if isinstance(fetched, NotSeen):
            error = fetched.error
            self.note(Event.NOT_ANSWERED, asker, fetched.fax_id, error.kind, arrival, admin=error.for_an_admin)
            return replace(fetched, reason=self.policy.reason_seen_by(audience, error.reason))
        fax = fetched.fax
        hint = self.outages.hint(fax, failure)
        outcome = "shown" if audience is Audience.ASKER else "shown_to_others"
        event = event_of(asker.way_in, audience, in_full=not self.policy.hides_numbers_from(audience))
        self.note(event, asker, fax.id, outcome, arrival)
        if failure:
            failure = replace(failure, server_words=self.policy.words_seen_by(audience, failure.server_words, fax))
        return SeenFax(self.policy.seen_by(audience, fax), failure, hint, fetched.at, audience)

    def note(  # noqa: PLR0913 - as the line of the log has it
        self, event: Event, asker: Asker, fax_id: str, outcome: str, arrival: Arrival, *, admin: bool = False
    ) -> None:
        """Note what came of one fax, for whoever must know it later, and count it."""
        seconds = arrival.seconds_since()
        note(event, asker, fax_id, outcome, reference=arrival.reference, seconds=seconds, admin=admin)
        self.metrics.note_lookup(asker.way_in, outcome, seconds)
