"""trigger_ids: each opens one view, within three seconds of the press that it came with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from .wire import refuse

LIFE = 3.0
"""Seconds in which a trigger_id may be used."""


@dataclass
class Triggers:
    """The trigger_ids given out: whose they are and when they were made; None once they are used."""

    clock: Callable[[], float]
    _given: dict[str, tuple[str, float] | None] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def give(self, user: str) -> str:
        """Give a new trigger_id for what this person just did."""
        number = next(self._numbers)
        trigger_id = f"{number}.98765.{number:032x}"
        self._given[trigger_id] = (user, self.clock())
        return trigger_id

    def use(self, trigger_id: str) -> str:
        """Give the person before whom the view opens; refused when it is unknown, too old, or used before."""
        if trigger_id not in self._given:
            refuse("invalid_trigger_id")
        given = self._given[trigger_id]
        if given is None:
            refuse("exchanged_trigger_id")
        user, at = given
        if self.clock() - at > LIFE:
            refuse("expired_trigger_id")
        self._given[trigger_id] = None
        return user

    def forget(self) -> None:
        """Drop every trigger_id given out; for runs that last."""
        self._given.clear()
