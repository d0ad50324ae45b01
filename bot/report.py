"""A look-up as JSON: the contract for scripts, one object for each id, as the asker may see it."""

from typing import Any

from bot.cards import Cards
from bot.cards.blocks import one_line
from bot.cards.fax import sentence
from bot.lookup import NotSeen, Seen
from bot.stonefax import Fax, Status
from bot.triage import Failure

Report = dict[str, Any]


def report(seen: Seen, cards: Cards) -> Report:
    """Give one id's object: `found` says which of the two forms it has."""
    if isinstance(seen, NotSeen):
        sentence_of_it = cards.one(seen).text.replace("`", "")
        error = {"kind": seen.error.kind, "sentence": sentence_of_it, "reference": seen.reference}
        return {"id": seen.fax_id, "found": False, "error": error}
    told: Report = {
        "id": seen.fax.id,
        "found": True,
        "status": status_word(seen.fax),
        "final": seen.fax.status.final,
        "verdict": sentence(seen, one_line),
        "fields": fields(seen.fax),
    }
    return told | judgement(seen.failure) if seen.failure else told


def status_word(fax: Fax) -> str | None:
    """Give the contract's own spelling of a status, or the word that the server has for another."""
    return SPELLED.get(fax.status, fax.status_word)


SPELLED = {
    Status.COMPLETED: "Completed",
    Status.FAILED: "Failed",
    Status.QUEUED: "Queued",
    Status.IN_PROGRESS: "InProgress",
    Status.CANCELED: "Canceled",
}


def fields(fax: Fax) -> Report:
    """Give what is known of a fax; `size` is in bytes, times are ISO 8601, without offset where it is not known."""
    known = {
        "answer_names": fax.named,
        "recipients": [recipient.model_dump(exclude_none=True) for recipient in fax.recipients],
        "sender": fax.sender,
        "subject": fax.subject,
        "pages": fax.pages,
        "size": fax.size,
        "submitted": fax.submitted and fax.submitted.isoformat(),
        "started": fax.started and fax.started.isoformat(),
        "ended": fax.ended and fax.ended.isoformat(),
        "server": fax.server,
        "detailed_status": fax.detailed_status,
    }
    return {name: value for name, value in known.items() if value is not None}


def judgement(failure: Failure) -> Report:
    """Give why it failed and what to do."""
    cause = failure.cause
    return {
        "cause": {
            "code": cause.code if cause else None,
            "name": cause.name if cause else None,
            "family": failure.family,
        },
        "side": failure.side.value,
        "send_again": failure.send_again.value,
        "next_step": failure.next_step,
        "server_words": list(failure.server_words),
    }
