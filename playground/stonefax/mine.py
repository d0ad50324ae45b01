"""`GET …/Faxes/Outbound/Mine`: the account's own faxes, by page and date."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NaiveDatetime, PositiveInt, ValidationError

from playground.stonefax.replies import Reply, given, refusal


def _between(written: str) -> list[str]:
    if not written.startswith("between:"):
        message = "is not of the form between:A;B"
        raise ValueError(message)
    return written.removeprefix("between:").split(";")


class Filters(BaseModel):
    """What the query may say; server time, so without an offset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: PositiveInt = 1
    page_size: PositiveInt = Field(default=50, alias="pageSize")  # the default is a guess: it is not documented
    date: Annotated[tuple[NaiveDatetime, NaiveDatetime], BeforeValidator(_between)] | None = None

    def take(self, fax: Mapping[str, object]) -> bool:
        """Whether the fax was submitted in the time asked for."""
        if self.date is None:
            return True
        first, last = self.date
        submitted = fax.get("submitTime")
        return isinstance(submitted, str) and first <= datetime.fromisoformat(submitted) <= last


def own_faxes(faxes: Mapping[str, Mapping[str, object]], username: str, query: Mapping[str, str]) -> Reply:
    """List the faxes of this user, oldest first; 400 for a filter that is unknown or cannot be read."""
    try:
        filters = Filters.model_validate(query)
    except ValidationError as error:
        wrong = sorted({str(mistake["loc"][0]) for mistake in error.errors()})
        return refusal(400, f"Invalid filter: {', '.join(wrong)}")
    own = [
        _short(fax_id, fax) for fax_id, fax in faxes.items() if fax.get("username") == username and filters.take(fax)
    ]
    own.sort(key=lambda fax: str(fax["date"]))
    start = (filters.page - 1) * filters.page_size
    return given(json.dumps({"faxList": own[start : start + filters.page_size]}).encode())


def _short(fax_id: str, fax: Mapping[str, object]) -> dict[str, object]:
    return {
        "__type": "LessInfoOutboundFax:StoneFax.Faxes",
        "date": fax.get("submitTime"),
        "faxId": fax_id,
        **{name: fax.get(name) for name in ("username", "recipient", "subject", "status")},
    }
