"""Who somebody is and what a channel is, as the policy must know it: asked once, kept a while, closed on doubt.

What Slack does not say within the time closes the door: the policy treats it as unknown.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Generic, TypeVar

import structlog
from cachetools import TTLCache
from slack_sdk.web.async_client import AsyncWebClient

from bot.languages import SOURCE, Language, language_of
from bot.policy import Asker, Facts, Place, Standing
from bot.slack.calls import SlackUnreachable, answered, problem_of
from bot.tasks import Joint

SECONDS_PER_QUESTION = 3.0
"""For a question on which an answer hangs that somebody waits for."""
SECONDS_FOR_A_LANGUAGE = 0.8
"""For a question on which no more hangs than the language of an answer, which may be an ack."""
SECONDS_KEPT = 300.0
SECONDS_UNASKED = 30.0
"""In which nobody is made to wait for the language alone again, where Slack did not say it."""
MOST_KEPT = 10_000
US = "us"
DIRECT_MESSAGE = "D"
"""How the id of a direct message begins."""
NOT_OURS_TO_SEE = "channel_not_found"
"""Slack's word for a private channel that the bot is not in, as for one that does not exist."""

log = structlog.get_logger(__name__)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in the workspace, as auth.test says; `enterprise_id` on Enterprise Grid alone."""

    team_id: str
    enterprise_id: str | None
    bot_id: str
    bot_user_id: str


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody is in the workspace, and their locale, as they have set it in Slack."""

    standing: Standing
    locale: str | None


class Kept(Generic[Value]):
    """What Slack said, kept for a while; while it is being asked, everybody waits for the same answer."""

    def __init__(self) -> None:
        self.answers: TTLCache[str, Value] = TTLCache(MOST_KEPT, SECONDS_KEPT, timer=monotonic)
        self.asking: Joint[str, Value] = Joint()

    async def get(self, key: str, ask: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """Give what is known, or ask; a question that fails is not remembered."""
        if (known := self.answers.get(key)) is not None:
            return known

        async def ask_and_keep() -> Value:
            # Kept by the question itself: who asked may have given up waiting by then.
            self.answers[key] = answer = await ask()
            return answer

        return await self.asking.result(key, ask_and_keep)


@dataclass(frozen=True, slots=True)
class People:
    """The people and places of the workspace, and the language of whoever's is not known.

    `groups` are the user groups that the policy asks about.
    """

    client: AsyncWebClient
    groups: tuple[str, ...] = ()
    workspace_language: Language = SOURCE
    identities: Kept[Identity] = field(default_factory=Kept)
    persons: Kept[Person] = field(default_factory=Kept)
    places: Kept[Place] = field(default_factory=Kept)
    members: Kept[frozenset[str]] = field(default_factory=Kept)
    direct_messages: Kept[str] = field(default_factory=Kept)
    unanswered: TTLCache[str, bool] = field(
        default_factory=lambda: TTLCache(MOST_KEPT, SECONDS_UNASKED, timer=monotonic)
    )
    """Whose language was just asked for alone, in vain."""

    async def identity(self) -> Identity:
        """Ask who we are, and know it from then on. Raises SlackUnreachable."""
        answer = await answered(self.client.auth_test())
        self.identities.answers[US] = identity = Identity(
            team_id=str(answer.get("team_id")),
            enterprise_id=answer.get("enterprise_id"),
            bot_id=str(answer.get("bot_id")),
            bot_user_id=str(answer.get("user_id")),
        )
        return identity

    async def us(self) -> Identity:
        """Give who we are, asked for where it is not known. Raises SlackUnreachable."""
        return await self.identities.get(US, self.identity)

    async def direct_message(self, user_id: str) -> str:
        """Open the direct message with somebody, and give its id. Raises SlackUnreachable."""

        async def ask() -> str:
            answer = await answered(self.client.conversations_open(users=user_id))
            return str((answer.get("channel") or {}).get("id"))

        return await self.direct_messages.get(user_id, ask)

    async def facts(self, asker: Asker) -> Facts:
        """Ask what the policy must know about an asker and their place; never raises, and closes on doubt."""
        groups = asyncio.gather(*(self.is_member(asker.user_id, group) for group in self.groups))
        standing, place, member_of = await asyncio.gather(
            self.standing(asker.user_id), self.place(asker.channel_id), groups
        )
        return Facts(standing, place, True if True in member_of else None if None in member_of else False)

    async def standing(self, user_id: str) -> Standing:
        """Ask what somebody is in the workspace."""
        try:
            return (await self.person(user_id, SECONDS_PER_QUESTION)).standing
        except (SlackUnreachable, TimeoutError) as error:
            log.warning("Slack does not say who somebody is", user=user_id, problem=problem_of(error))
            return Standing.UNKNOWN

    async def person(self, user_id: str, seconds: float) -> Person:
        """Ask who somebody is, and wait so long for the answer. Raises SlackUnreachable, TimeoutError."""

        async def ask() -> Person:
            us = await self.us()
            answer = await answered(self.client.users_info(user=user_id, include_locale=True))
            user = answer.get("user") or {}
            return Person(standing_of(user, us), user.get("locale"))

        async with asyncio.timeout(seconds):
            return await self.persons.get(user_id, ask)

    async def learn_language(self, user_id: str) -> None:
        """Ask who somebody is where nothing else asks it; never raises, and never lasts so long that an ack is late."""
        if user_id in self.unanswered:
            return
        try:
            await self.person(user_id, SECONDS_FOR_A_LANGUAGE)
        except (SlackUnreachable, TimeoutError):
            self.unanswered[user_id] = True

    def reader(self, user_id: str | None) -> Callable[[], Language]:
        """Give how to find out somebody's language: theirs as soon as Slack has said it, until then the workspace's."""
        found: Language | None = None

        def find() -> Language:
            nonlocal found
            if found is None and user_id and (known := self.persons.answers.get(user_id)):
                found = language_of(known.locale) or self.workspace_language
            return found or self.workspace_language

        return find

    async def is_member(self, user_id: str, group_id: str) -> bool | None:
        """Ask whether somebody is in a user group; None where Slack does not say."""

        async def ask() -> frozenset[str]:
            answer = await answered(self.client.usergroups_users_list(usergroup=group_id))
            return frozenset(answer.get("users") or ())

        try:
            async with asyncio.timeout(SECONDS_PER_QUESTION):
                return user_id in await self.members.get(group_id, ask)
        except (SlackUnreachable, TimeoutError) as error:
            log.warning("Slack does not say who is in a group", group=group_id, problem=problem_of(error))
            return None

    async def place(self, channel_id: str | None) -> Place:
        """Ask what kind of place a channel is."""
        if channel_id is None or is_direct(channel_id):
            return Place.DIRECT

        async def ask() -> Place:
            answer = await answered(self.client.conversations_info(channel=channel_id))
            return place_of(answer.get("channel") or {})

        try:
            async with asyncio.timeout(SECONDS_PER_QUESTION):
                return await self.places.get(channel_id, ask)
        except (SlackUnreachable, TimeoutError) as error:
            problem = problem_of(error)
            log.info("Slack does not say what a channel is", channel=channel_id, problem=problem)
            return Place.HIDDEN if problem == NOT_OURS_TO_SEE else Place.UNKNOWN


def is_direct(channel_id: str | None) -> bool:
    """Tell a conversation of two, or none at all, by its id."""
    return channel_id is None or channel_id.startswith(DIRECT_MESSAGE)


def standing_of(user: Mapping[str, Any], us: Identity) -> Standing:
    """Read users.info; another workspace of the same Grid organisation is no other organisation."""
    same_grid = us.enterprise_id and (user.get("enterprise_user") or {}).get("enterprise_id") == us.enterprise_id
    if user.get("is_stranger") or not (user.get("team_id") == us.team_id or same_grid):
        return Standing.OTHER_ORGANISATION
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return Standing.GUEST
    return Standing.OWN


def place_of(channel: Mapping[str, Any]) -> Place:
    """Read conversations.info; a channel that is about to be shared counts as shared."""
    if channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"):
        return Place.SHARED_OUTSIDE
    if channel.get("is_im"):
        return Place.DIRECT
    if channel.get("is_member"):
        return Place.MEMBER
    return Place.HIDDEN if channel.get("is_private", True) else Place.PUBLIC
