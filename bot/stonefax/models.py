"""A fax as the server tells it, read tolerantly: only the id must be there, and a wrong field costs that field alone.

The contract is Imagicle's knowledge base article 413, whose table and example contradict each other: the fax may be
wrapped in `fax` or not, `recipient` may be an object or an array, and the example's `faxId` is not the one asked for.
"""

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WrapValidator,
)

LONGEST_TEXT = 4000
"""Characters of a field that are read; no card shows more."""
MOST_RECIPIENTS = 200
LARGEST_CODE = 65_535
MOST_PAGES = 1_000_000
LARGEST_SIZE = 10**15
EARLIEST_YEAR, LATEST_YEAR = 1980, 2200
"""Outside there is no fax of this kind: .NET writes 0001-01-01 for "no time", and 9999-12-31."""


class Status(Enum):
    """The statuses that the contract names, and one for any other."""

    COMPLETED = "completed"
    FAILED = "failed"
    QUEUED = "queued"
    IN_PROGRESS = "inprogress"
    CANCELED = "canceled"
    OTHER = "other"

    @property
    def final(self) -> bool:
        """Whether the server will not change it any more, as far as the contract says."""
        return self in {Status.COMPLETED, Status.FAILED, Status.CANCELED}


SPELLINGS = {**{status.value: status for status in Status}, "cancelled": Status.CANCELED}
del SPELLINGS[Status.OTHER.value]


def none_if_wrong(value: object, read: Callable[[object], Any]) -> Any:  # noqa: ANN401 - whatever the field's type gives
    """Give the field's value, or None where it has a wrong type: a detail must not cost the card."""
    try:
        return read(value)
    except ValueError:
        return None


def clean_text(value: object) -> object:
    """Replace lone surrogates, which JSON can carry but UTF-8 cannot, and fold an empty text to None."""
    if not isinstance(value, str):
        return value
    return value[:LONGEST_TEXT].encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip() or None


def time_of_a_fax(value: object) -> object:
    """Let ISO 8601 texts pass; numbers, bare dates and .NET's year 1 are no times of a fax."""
    if isinstance(value, datetime):
        return value
    year = value[:4] if isinstance(value, str) and "T" in value else ""
    if not (isinstance(value, str) and year.isdecimal() and EARLIEST_YEAR <= int(year) <= LATEST_YEAR):
        return None
    return value.strip()


def placed_in_its_zone(time: datetime | None, info: ValidationInfo) -> datetime | None:
    """Give a local time its zone, where the administrator has told which one it is."""
    if time is None or time.tzinfo is not None or not isinstance(info.context, ZoneInfo):
        return time
    return time.replace(tzinfo=info.context)


def as_recipients(value: object) -> object:
    """Read the one object of the example as the array of the table; leave out what names nobody."""
    items = value[:MOST_RECIPIENTS] if isinstance(value, list | tuple) else [value]
    recipients = [Recipient.model_validate(item) for item in items if isinstance(item, dict | Recipient)]
    return tuple(recipient for recipient in recipients if recipient.name or recipient.number)


def status_from_word(value: object) -> object:
    """Read a status in any case, with or without spaces: `In progress`, `IN_PROGRESS` and `InProgress` are one."""
    if isinstance(value, Status):
        return value
    word = "".join(filter(str.isalnum, value)).lower() if isinstance(value, str) else ""
    return SPELLINGS.get(word, Status.OTHER)


Tolerant = WrapValidator(none_if_wrong)
Text = Annotated[str | None, Tolerant, BeforeValidator(clean_text)]
Pages = Annotated[Annotated[int, Field(ge=0, le=MOST_PAGES)] | None, Tolerant]
Size = Annotated[Annotated[int, Field(ge=0, le=LARGEST_SIZE)] | None, Tolerant]
Code = Annotated[Annotated[int, Field(ge=-LARGEST_CODE, le=LARGEST_CODE)] | None, Tolerant]
Time = Annotated[datetime | None, AfterValidator(placed_in_its_zone), Tolerant, BeforeValidator(time_of_a_fax)]


class Recipient(BaseModel):
    """Whom a fax goes to: `name` is first and last, `number` as it was dialled or typed."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, coerce_numbers_to_str=True)

    name: Text = None
    number: Text = Field(default=None, validation_alias="faxNumber")


class Fax(BaseModel):
    """One outbound fax.

    `id` is the one asked for, `named` what the answer calls it where that differs. Times are aware where their
    offset is known, else the server's local time. `pages` is the length of the fax, not what was delivered.
    `size` is in bytes. `cause` is the Q.850 code that the API calls Q931Code.
    """

    model_config = ConfigDict(frozen=True, validate_by_name=True, coerce_numbers_to_str=True, hide_input_in_errors=True)

    id: Annotated[str, BeforeValidator(clean_text)] = Field(validation_alias="faxId", min_length=1)
    named: str | None = None
    status: Annotated[Status, BeforeValidator(status_from_word)] = Status.OTHER
    status_word: Text = Field(default=None, validation_alias="status")
    detailed_status: Text = Field(default=None, validation_alias="detailedStatus")
    failure_reason: Text = Field(default=None, validation_alias="failureReason")
    cause: Code = Field(default=None, validation_alias="Q931Code")
    recipients: Annotated[tuple[Recipient, ...], BeforeValidator(as_recipients)] = Field(
        default=(), validation_alias="recipient"
    )
    sender: Text = Field(default=None, validation_alias="username")
    subject: Text = None
    server: Text = Field(default=None, validation_alias="serverName")
    pages: Pages = Field(default=None, validation_alias="numberOfPages")
    size: Size = None
    submitted: Time = Field(default=None, validation_alias="submitTime")
    started: Time = Field(default=None, validation_alias="startTime")
    ended: Time = Field(default=None, validation_alias="endTime")


def fax_from_answer(answer: object, asked: str, time_zone: ZoneInfo | None) -> Fax:
    """Read the fax `asked` for out of a parsed JSON answer, bare or wrapped in `fax`.

    Raises pydantic's ValidationError where the answer is no fax.
    """
    if isinstance(answer, dict) and "fax" in answer:
        answer = answer["fax"]
    if isinstance(answer, dict):
        answer = {key: value for key, value in answer.items() if key in WIRE_NAMES}
    fax = Fax.model_validate(answer, context=time_zone)
    return fax.model_copy(update={"id": asked, "named": fax.id if fax.id != asked else None})


WIRE_NAMES = {str(field.validation_alias or name) for name, field in Fax.model_fields.items()} - {"named"}
"""Only the contract's own names are read: a field of ours that an answer happens to have is not."""
