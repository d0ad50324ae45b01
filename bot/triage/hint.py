"""What other faxes say about one that failed: a sentence or two for its card, in the language that is drawn in."""

from dataclasses import dataclass
from datetime import datetime

from bot.languages import _, marked
from bot.triage.sayings import Saying

SINCE = "{since}"
"""Where the time goes in the text of a hint."""

ONE_SERVER = "one_server"
BLAMED = {
    "line": (
        marked("probably the line, not this number. Hold off sending again."),
        marked("it was probably the line, not this number."),
    ),
    "our_side": (
        marked("probably something on our side, not this number. Hold off sending again."),
        marked("it was probably something on our side, not this number."),
    ),
    ONE_SERVER: (
        marked("probably the fax server that the failed ones went over, not this number. Hold off sending again."),
        marked("it was probably the fax server that the failed ones went over, not this number."),
    ),
}
"""What is said of it while it goes on, and when it is over."""

FAILED_ALIKE = {
    "last": marked(
        "{failed} of the last {all} faxes looked up since {since}, to different numbers, failed with “{headline}”"
    ),
    "some": marked("{failed} of {all} faxes looked up since {since}, to different numbers, failed with “{headline}”"),
    "all": marked("All {all} faxes looked up since {since}, to different numbers, failed with “{headline}”"),
}
"""How many failed as this one did, by whether it was all of them, and goes on."""


@dataclass(frozen=True, slots=True)
class Alike:
    """So many of all faxes failed as this one did, for what is to blame."""

    failed: int
    all: int
    saying: Saying
    blamed: str
    over: bool

    @property
    def text(self) -> str:
        """Say it."""
        which = "all" if self.failed == self.all else "some" if self.over else "last"
        alike = _(FAILED_ALIKE[which]).format(
            failed=self.failed, all=self.all, headline=self.saying.said().headline, since=SINCE
        )
        going_on, over = BLAMED[self.blamed]
        told = (
            _("{alike}, while faxes over another got through: {blamed}")
            if self.blamed == ONE_SERVER
            else _("{alike}: {blamed}")
        )
        return told.format(alike=alike, blamed=_(over if self.over else going_on))


@dataclass(frozen=True, slots=True)
class Reached:
    """The number was reached."""

    @property
    def text(self) -> str:
        """Say it."""
        return _("Another fax to this number got through ({since}): the number itself is probably right.").format(
            since=SINCE
        )


@dataclass(frozen=True, slots=True)
class Failing:
    """So many faxes to this number failed, while so many other numbers were reached."""

    failures: int
    reached: int

    @property
    def text(self) -> str:
        """Say it."""
        return _(
            "{failures} faxes to this number failed since {since} and none got through, while faxes to {reached} other "
            "numbers did: the problem is probably on the recipient's side."
        ).format(failures=self.failures, reached=self.reached, since=SINCE)


@dataclass(frozen=True, slots=True)
class Hint:
    """What is to be said on the card, and since when that is so: aware where the zone is known, else the server's time.

    No number, name or server is in it.
    """

    said: Alike | Reached | Failing
    since: datetime

    @property
    def text(self) -> str:
        """Say it in a sentence or two: plain text to be escaped, then `SINCE` in it to be replaced by the time."""
        return self.said.text
