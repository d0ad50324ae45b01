"""Whatever is done to events and in whatever order: each is held by one at a time, and done stays done."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule

from bot.store import Lease, Spans, Taken, database_url, open_store
from tests.store.conftest import let_pass

SPANS = Spans(lease=100, done=1000)


@dataclass
class Expected:
    """What an event should be: held under this lease, or done, and for how long."""

    lease: Lease | None
    seconds_left: float


class AnyOrder(RuleBasedStateMachine):
    """The store beside a model of it, which is a dictionary."""

    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.opening = open_store(database_url(f"sqlite:///{Path(self.folder.name) / 'faxbot.db'}"), SPANS)
        self.store = self.runner.run(self.opening.__aenter__())
        self.events: dict[str, Expected] = {}

    def teardown(self) -> None:
        """Close everything."""
        self.runner.run(self.opening.__aexit__(None, None, None))
        self.runner.close()
        self.folder.cleanup()

    @rule(target=leases, event_id=st.sampled_from(["Ev1", "Ev2"]))
    def claim(self, event_id: str) -> Lease:
        """Expect a lease where nobody has one, else the reason why not; give that lease, or the one in its way."""
        claim = self.runner.run(self.store.claim(event_id))
        expected = self.events.get(event_id)
        if expected is None:
            assert isinstance(claim, Lease)
            self.events[event_id] = Expected(claim, SPANS.lease)
            return claim
        assert claim is (Taken.UNDER_WAY if expected.lease else Taken.DONE)
        return expected.lease or Lease(event_id, "of somebody else")

    @rule(lease=leases)
    def renew(self, lease: Lease) -> None:
        """Only the holder can; a lease that lapsed and that nobody took may be renewed or not be there any more."""
        renewed = self.runner.run(self.store.renew(lease))
        expected = self.events.get(lease.event_id)
        if expected and expected.lease == lease:
            assert renewed
            expected.seconds_left = SPANS.lease
        elif renewed:
            assert expected is None
            self.events[lease.event_id] = Expected(lease, SPANS.lease)

    @rule(lease=consumes(leases))
    def release(self, lease: Lease) -> None:
        """Only the holder can."""
        self.runner.run(self.store.release(lease))
        expected = self.events.get(lease.event_id)
        if expected and expected.lease == lease:
            del self.events[lease.event_id]

    @rule(lease=leases)
    def done(self, lease: Lease) -> None:
        """Whoever says so is right."""
        self.runner.run(self.store.done(lease))
        self.events[lease.event_id] = Expected(None, SPANS.done)

    @rule(seconds=st.sampled_from([50, 500, 1000]))
    def wait(self, seconds: float) -> None:
        """Time passes, a little more than is said: the clock goes on by itself."""
        self.runner.run(let_pass(self.store, seconds + 5))
        for expected in self.events.values():
            expected.seconds_left -= seconds + 5
        self.events = {event_id: expected for event_id, expected in self.events.items() if expected.seconds_left > 0}

    @rule()
    def forget_old(self) -> None:
        """Nobody notices."""
        self.runner.run(self.store.forget_old())


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
