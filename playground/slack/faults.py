"""Faults on order: the next calls of a method go wrong, late, or into a dropped connection."""

from dataclasses import dataclass, field, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a call. With nothing but a delay it is answered as ever, only later.

    `drop="before"` closes the connection before the call has had its effect, `drop="after"` when it has had it: the
    caller cannot tell the one from the other.
    """

    times: int = 1
    status: int | None = None
    error: str | None = None
    """Slack's own word, in `{"ok": false, "error": …}`."""
    delay: float = 0.0
    """Seconds."""
    retry_after: int | None = None
    drop: Literal["before", "after"] | None = None

    @property
    def answers(self) -> bool:
        """Whether the call gets this fault's answer and has no effect."""
        return self.status is not None or self.error is not None


@dataclass
class Faults:
    """The faults that are still to come, by method; `response_url` stands for every response_url."""

    _waiting: dict[str, list[Fault]] = field(default_factory=dict)

    def order(self, method: str, fault: Fault) -> None:
        """Put a fault behind those that the method has coming."""
        self._waiting.setdefault(method, []).append(fault)

    def take(self, method: str) -> Fault | None:
        """Give the fault for this call, in the order in which they were asked for."""
        waiting = self._waiting.get(method)
        if not waiting:
            return None
        fault = waiting.pop(0)
        if fault.times > 1:
            waiting.insert(0, replace(fault, times=fault.times - 1))
        return fault
