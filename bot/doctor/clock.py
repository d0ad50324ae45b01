"""Three clocks: ours, Slack's and the fax server's; and the zone in which the latter writes its times."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.doctor.fax_api import MINE, answer_of
from bot.doctor.finding import Finding, fail, ok, skip, warn
from bot.doctor.questions import Answer, NoAnswer
from bot.doctor.slack import asked
from bot.doctor.visit import Visit
from bot.settings import StoneFaxSettings
from bot.stonefax.client import OUTBOUND

NOTICED = 30.0
"""Seconds by which a clock is off, and had better be set."""
REFUSED = 300.0
"""Seconds beyond which a request's signature counts no more (docs.slack.dev/authentication)."""
SET_OURS = "Set this machine's clock: turn its time service on (timedatectl set-ntp true)."
IN_THE_FUTURE = 600.0


async def against_slack(visit: Visit) -> Finding:
    """Hold our clock against Slack's: signatures have a time in them."""
    ahead = (await asked(visit, "auth.test")).answer.ahead
    if ahead is None:
        return skip("Slack did not say what time it is.", SET_OURS)
    if abs(ahead) > REFUSED:
        return fail(f"This machine's clock is {off(-ahead)}: every request of Slack's is refused with 401.", SET_OURS)
    if abs(ahead) > NOTICED:
        return warn(f"This machine's clock is {off(-ahead)}; beyond 5 minutes Slack's requests are refused.", SET_OURS)
    return ok("This machine's clock and Slack's agree.")


async def against_the_fax_server(visit: Visit) -> Finding:
    """Hold the fax server's clock against Slack's, or ours where that is not known."""
    there = (await answer_of(visit, MINE)).ahead
    if there is None:
        return skip("The fax server did not say what time it is.", "Look at its clock yourself.")
    ahead = there - await true_time(visit)
    if abs(ahead) <= NOTICED:
        return ok("The fax server's clock is right.")
    return warn(f"The fax server's clock is {off(ahead)}: so are the times on cards.", "Set the fax server's clock.")


async def true_time(visit: Visit) -> float:
    """Give by how many seconds Slack is ahead of us, as far as that can be asked."""
    if "SLACK_BOT_TOKEN" in visit.setup.reading.wrong:
        return 0.0
    try:
        return (await asked(visit, "auth.test")).answer.ahead or 0.0
    except NoAnswer:
        return 0.0


def off(ahead: float) -> str:
    """Say how wrong a clock is."""
    return f"{abs(ahead):.0f} s {'fast' if ahead > 0 else 'slow'}"


async def time_zone(visit: Visit) -> Finding:
    """Look whether the server's times can be converted, and whether none of them then lies in the future."""
    zone = visit.settings[StoneFaxSettings].time_zone
    if zone is None:
        return warn(
            'STONEFAX_TIME_ZONE is not set, so cards show "server time", which nobody elsewhere can read.',
            "Set it to the zone of the machine that the fax server runs on, such as Europe/Rome.",
        )
    now = visit.setup.machine.clock()
    if any(time - now > IN_THE_FUTURE for time in times_heard(visit, zone)):
        return warn(
            f"In the zone {zone.key} the fax server has sent faxes in the future.",
            "Set STONEFAX_TIME_ZONE to the zone of the machine that the fax server runs on.",
        )
    return ok(f"The fax server's times are read as those of {zone.key}.")


def times_heard(visit: Visit, zone: ZoneInfo) -> Iterator[float]:
    """Give the times, in seconds since 1970, at which faxes were submitted that the server has told of by now."""
    for url, answer in visit.questions.kept.items():
        if OUTBOUND not in url or not isinstance(answer, Answer) or not isinstance(answer.json, dict):
            continue
        listed = answer.json.get("faxList", [answer.json.get("fax", answer.json)])
        for fax in listed if isinstance(listed, list) else []:
            written = (fax.get("date") or fax.get("submitTime")) if isinstance(fax, dict) else None
            if (time := moment(written)) is not None:
                yield (time if time.tzinfo else time.replace(tzinfo=zone)).timestamp()


def moment(written: object) -> datetime | None:
    """Read a time as the fax server writes it."""
    try:
        return datetime.fromisoformat(str(written))
    except ValueError:
        return None
