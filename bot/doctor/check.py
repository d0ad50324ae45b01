"""A check: what it is called, what it needs, and how it looks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from bot.doctor.finding import Finding
from bot.doctor.visit import Visit

Look: TypeAlias = Callable[[Visit], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at.

    `settings` are the variables that must be right for it, `after` the names of the checks without whose yes there is
    nothing to look at.
    """

    name: str
    title: str
    look: Look
    settings: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
