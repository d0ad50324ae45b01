"""People who look faxes up on a day that begins at noon, and the ways in which faxes fail."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.stonefax import Fax, Recipient, Status
from bot.triage import Cause, Failure, SendAgain, Side
from bot.triage.hint import Hint
from bot.triage.outages import Outages
from bot.triage.sayings import Saying

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def failed(family: str, side: Side, code: int | None = None, words: str = "") -> Failure:
    """Give a judgement of which the family, the side and the cause matter here."""
    cause = Cause(code, "") if code is not None else None
    headline = f"{family.replace('_', ' ')} {code or ''}".strip()
    saying = Saying("families.tsv", headline, headline, "", "", "")
    return Failure(family, side, SendAgain.LATER, saying, cause, (words,), ())


DOWN = failed("network_down", Side.NETWORK, 38)
DISTURBED = failed("network_down", Side.NETWORK, 41)
FULL = failed("congestion", Side.NETWORK, 34)
BROKE = failed("transfer_broke", Side.NETWORK)
CAPACITY = failed("our_capacity", Side.OUR_SIDE)
NO_ROUTE = failed("bad_number", Side.DIALLED_NUMBER, 3)
REFUSED = failed("rejected", Side.FAR_END, 21)
NO_SUCH = failed("bad_number", Side.DIALLED_NUMBER, 1)
BUSY = failed("busy", Side.FAR_END, 17)
SILENT = failed("no_answer", Side.FAR_END, 18)
NO_TONE = failed("no_fax_tone", Side.FAR_END)
VOICE = failed("voice", Side.DIALLED_NUMBER)
UNREADABLE = failed("document", Side.DOCUMENT)
PUZZLING = failed("unknown", Side.UNKNOWN)


def number_like(index: int) -> str:
    """Give a number of its own for each index."""
    return f"+39 06 {index:08}"


@dataclass
class Day:
    """A bot on a day that begins at noon, and people who look faxes up."""

    seconds: float = 0.0
    asked: int = 0
    outages: Outages = field(init=False)

    def __post_init__(self) -> None:
        """Start the bot."""
        self.outages = Outages(lambda: self.seconds, self.wall)

    def wall(self) -> datetime:
        """Give the time of day."""
        return NOON + timedelta(seconds=self.seconds)

    def look_up(
        self,
        number: str | None,
        failure: Failure | None = None,
        *,
        ended: datetime | None = NOON,
        fax_id: str | None = None,
        server: str | None = "IAS-N1",
        status: Status | None = None,
        others: tuple[Recipient, ...] = (),
    ) -> Hint | None:
        """Look up a fax that was delivered, or failed in this way, and give the hint of its card."""
        self.asked += 1
        fax = Fax(
            id=fax_id or f"IAS-N1_{self.asked:015x}_0",
            status=status or (Status.FAILED if failure else Status.COMPLETED),
            recipients=(Recipient(number=number, name="Ann Lee"), *others),
            server=server,
            ended=ended,
        )
        self.outages.note(fax, failure)
        return self.outages.hint(fax, failure)

    def last_of(self, story: str, failure: Failure = DOWN) -> Hint | None:
        """Look up faxes to different numbers: F failed in this way, b busy, d delivered; give the last card's hint."""
        kinds = {"F": failure, "b": BUSY, "d": None}
        hints = [
            self.look_up(number_like(index), kinds[letter], ended=NOON + timedelta(seconds=index))
            for index, letter in enumerate(story)
        ]
        return hints[-1]
