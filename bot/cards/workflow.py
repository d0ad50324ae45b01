"""What a step in a workflow says of a fax: a verdict without names and numbers, and why a step gave none.

Whoever built the workflow decides who reads it, so it holds nothing of the fax but its id, and no word of the server's.
"""

from bot.cards import words
from bot.languages import _, marked, ngettext
from bot.lookup import SeenFax
from bot.references import EXAMPLE_ID
from bot.stonefax import Status
from bot.triage import in_words

VERDICTS = {
    Status.COMPLETED: marked("The fax was delivered."),
    Status.QUEUED: marked("The fax is waiting in the queue."),
    Status.IN_PROGRESS: marked("The fax is being sent."),
    Status.CANCELED: marked("The fax was cancelled before it went through."),
    Status.OTHER: marked("The fax has a status that I don't know; it is probably not finished."),
}


def verdict(seen: SeenFax) -> str:
    """Say what became of a fax, and why where it failed."""
    if seen.failure:
        return _("The fax failed: {headline}.").format(headline=seen.failure.headline)
    return _(VERDICTS[seen.fax.status])


def not_one_fax(named: int) -> str:
    """Say that the step was given no fax, or several."""
    if named:
        return _("This step looks up one fax, and its input names {count}.").format(count=named)
    text = _("The input of this step names no fax. It takes an id such as {example}, or a link that holds one.")
    return text.format(example=EXAMPLE_ID)


def switched_off(admin: str) -> str:
    """Say that steps are not answered here; `admin` is whom to ask, in mrkdwn."""
    return _("This step is switched off. This is for {admin}: FAXBOT_WORKFLOW_STEP turns it on.").format(admin=admin)


def too_often(per_minute: int, wait: int) -> str:
    """Say that workflows ask too often; `wait` is in seconds."""
    text = ngettext(
        "Workflows look up {count} fax a minute at most, all together. Run this one again in {time}.",
        "Workflows look up {count} faxes a minute at most, all together. Run this one again in {time}.",
        per_minute,
    )
    return text.format(count=per_minute, time=in_words(wait))


def not_taken(problem: str, admin: str, reference: str) -> str:
    """Say that Slack refuses what was found; `problem` is its word for it, and `admin` whom to ask, in mrkdwn."""
    text = _("Slack does not take what I found out ({problem}). Tell {admin}: the app's manifest may be an older one.")
    return words.with_reference(text.format(problem=problem, admin=admin), reference)
