"""The demo's faxes as if they had just been sent: advice to wait says nothing about a fax of last year."""

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playground.stonefax import ANSWERS, StoneFaxServer, exhibits

TIMES = ("submitTime", "startTime", "endTime")
THIS_YEAR = "2026-"
"""How the times of the made-up faxes begin; the documented one keeps its own."""
JUST_NOW = timedelta(minutes=2)


def bring_up_to_date(fax_server: StoneFaxServer, zone: str) -> None:
    """Let every made-up fax have its last moment two minutes ago, on the clock of a server in this zone."""
    now = datetime.now(ZoneInfo(zone)).replace(tzinfo=None)
    for exhibit in exhibits():
        file = ANSWERS / f"{exhibit.id}.json"
        if file.exists():
            fax_server.put(exhibit.id, moved(json.loads(file.read_text()), now - JUST_NOW))


def moved(answer: dict[str, Any], last: datetime) -> dict[str, Any]:
    """Move a fax's times so that the latest is `last`; .NET writes seven digits of a second."""
    fax = answer.get("fax", answer)
    times = {name: read(fax[name]) for name in TIMES if str(fax.get(name)).startswith(THIS_YEAR)}
    by = last - max(times.values()) if times else timedelta()
    moved_fax = fax | {name: f"{time + by:%Y-%m-%dT%H:%M:%S.%f}0" for name, time in times.items()}
    return {"fax": moved_fax} if "fax" in answer else moved_fax


def read(time: str) -> datetime:
    """Read a time to the microsecond."""
    return datetime.strptime(time[:26], "%Y-%m-%dT%H:%M:%S.%f")  # noqa: DTZ007 - the server's times have no zone
