"""A look-up as JSON: the contract for scripts and assistants, one object for each id, as its reader may see it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.cards import Cards
from bot.cards.advice import advice_for
from bot.cards.blocks import one_line
from bot.cards.fax import sentence
from bot.lookup import NotSeen, Seen, SeenFax
from bot.stonefax import Fax, Status
from bot.triage import Failure, SendAgain, Side
from bot.triage.hint import SINCE, Hint

SEND_AGAIN = "Whether sending again helps; `ask_first`: it may have arrived."


class Part(BaseModel):
    """What the parts of the contract have in common: what is not known is left out."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return self.model_dump(mode="json", exclude_unset=True)


class Fault(Part):
    """Why there is nothing to see, and whose turn it is."""

    kind: str
    sentence: str = Field(description="What is the matter, and whose turn it is: fit to be said as it is.")
    reference: str = Field(description="Leads an administrator to the log.")


class NotFound(Part):
    """An id of which nothing can be told."""

    id: str
    found: Literal[False]
    error: Fault


class ToldRecipient(Part):
    """Whom a fax goes to."""

    name: str | None = None
    number: str | None = Field(
        default=None, description="In full, or with `•••` for digits that its reader may not see."
    )


class Fields(Part):
    """What is known of a fax; times are ISO 8601, without offset where it is not known."""

    answer_names: str | None = Field(default=None, description="The server's own id for it, where it has another.")
    recipients: tuple[ToldRecipient, ...] = ()
    sender: str | None = None
    subject: str | None = None
    pages: int | None = None
    size: int | None = Field(default=None, description="In bytes.")
    submitted: str | None = None
    started: str | None = None
    ended: str | None = None
    server: str | None = None
    detailed_status: str | None = Field(default=None, description="The server's own words.")


class ToldCause(Part):
    """Why a call ended, as the telephone network says it."""

    code: int | None = Field(description="Of Q.850; null where the server gave none.")
    name: str | None
    family: str = Field(description="One of the closed list in docs/causes.md.")


class Found(Part):
    """A fax, and for one that failed the judgement."""

    id: str
    found: Literal[True]
    status: str | None = Field(
        description="`Completed`, `Failed`, `Queued`, `InProgress` or `Canceled`; another word is the server's own."
    )
    final: bool = Field(description="Whether this status stays.")
    verdict: str = Field(description="What became of it and what to do, in a sentence or two.")
    fields: Fields
    hint: str | None = Field(default=None, description="What other faxes say about it: is it the line, or this number?")
    cause: ToldCause | None = None
    side: Side | None = Field(default=None, description="Whose problem it most likely is.")
    send_again: SendAgain | None = Field(default=None, description=SEND_AGAIN)
    next_step: str | None = Field(default=None, description="What to do now.")
    server_words: tuple[str, ...] | None = Field(default=None, description="The fax server's own words, quoted.")


Report = Found | NotFound


def report(seen: Seen, cards: Cards) -> Report:
    """Give one id's object: `found` says which of the two forms it has."""
    if isinstance(seen, NotSeen):
        sentence_of_it = cards.one(seen).text.replace("`", "")
        fault = Fault(kind=seen.error.kind, sentence=sentence_of_it, reference=seen.reference)
        return NotFound(id=seen.fax_id, found=False, error=fault)
    return Found(
        id=seen.fax.id,
        found=True,
        status=status_word(seen.fax),
        final=seen.fax.status.final,
        verdict=sentence(seen, one_line),
        fields=fields(seen.fax),
        **(hinted(seen.hint) if seen.hint else {}),
        **(judgement(seen, seen.failure) if seen.failure else {}),
    )


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


def fields(fax: Fax) -> Fields:
    """Give what is known of a fax."""
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
    return Fields.model_validate({name: value for name, value in known.items() if value is not None})


def hinted(hint: Hint) -> dict[str, Any]:
    """Give what other faxes say about it."""
    return {"hint": hint.text.replace(SINCE, hint.since.isoformat(timespec="minutes"))}


def judgement(seen: SeenFax, failure: Failure) -> dict[str, Any]:
    """Give why it failed and what to do now, as the card says it."""
    cause, advice = failure.cause, advice_for(seen, failure)
    return {
        "cause": ToldCause(
            code=cause.code if cause else None, name=cause.name if cause else None, family=failure.family
        ),
        "side": failure.side,
        "send_again": advice.send_again,
        "next_step": advice.next_step,
        "server_words": failure.server_words,
    }
