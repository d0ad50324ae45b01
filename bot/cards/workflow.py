"""What a step in a workflow says of a fax: a verdict without names and numbers, and why a step gave none.

Whoever built the workflow decides who reads it, so it holds nothing of the fax but its id, and no word of the server's.
"""

from bot.lookup import SeenFax
from bot.references import EXAMPLE_ID
from bot.stonefax import Status

VERDICTS = {
    Status.COMPLETED: "The fax was delivered.",
    Status.QUEUED: "The fax is waiting in the queue.",
    Status.IN_PROGRESS: "The fax is being sent.",
    Status.CANCELED: "The fax was cancelled before it went through.",
    Status.OTHER: "The fax has a status that I don't know; it is probably not finished.",
}


def verdict(seen: SeenFax) -> str:
    """Say what became of a fax, and why where it failed."""
    if seen.failure:
        return f"The fax failed: {seen.failure.headline}."
    return VERDICTS[seen.fax.status]


def not_one_fax(named: int) -> str:
    """Say that the step was given no fax, or several."""
    if named:
        return f"This step looks up one fax, and its input names {named}."
    return f"The input of this step names no fax. It takes an id such as {EXAMPLE_ID}, or a link that holds one."


def switched_off(admin: str) -> str:
    """Say that steps are not answered here; `admin` is whom to ask, in mrkdwn."""
    return f"This step is switched off. This is for {admin}: FAXBOT_WORKFLOW_STEP turns it on."


def too_often(per_minute: int, wait: int) -> str:
    """Say that workflows ask too often; `wait` is in seconds."""
    return f"Workflows look up {per_minute} faxes a minute at most, all together. Run this one again in {wait} s."
