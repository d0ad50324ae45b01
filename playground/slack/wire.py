"""What goes over the wire: JSON as it comes, and the refusals that Slack answers with."""

import json
from typing import Any, NoReturn, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object of any depth. What may stand in it is said by the rules in `blocks`, which types could not."""


class Refused(Exception):
    """Slack's `{"ok": false, "error": …}`, with what stands beside the error's name in `details`."""

    def __init__(self, error: str, *, status: int = 200, **details: object) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.details = details

    def answer(self) -> JsonObject:
        """Give the body that says so."""
        return {"ok": False, "error": self.error, **self.details}


def refuse(error: str, *, status: int = 200, **details: object) -> NoReturn:
    """Refuse what was asked, with Slack's word for it."""
    raise Refused(error, status=status, **details)


def dumps(value: object) -> str:
    """JSON without blanks, as Slack writes it."""
    return json.dumps(value, separators=(",", ":"))
