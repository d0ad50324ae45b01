"""A small workspace to try things in: the people and channels that tests and the demo speak of by name."""

import time
from collections.abc import Callable
from dataclasses import replace

from .people import App, Channel, ChannelKind, Person, Team, UserGroup
from .workspace import Workspace

TEAM = "T0000FAXTEAM"
OTHER_TEAM = "T0000000ACME"
BOT = "U00000FAXBOT"

ANN = "U0000000ANN"
BOB = "U0000000BOB"
ADMIN = "U00000ADMIN"
GUEST = "U00000GUEST"
"""A guest in several channels."""
LONE_GUEST = "U000LGUEST1"
"""A guest in one channel."""
FORMER = "U0000FORMER"
"""Somebody who has left."""
STRANGER = "U0000STRANG"
"""Somebody from another organisation, met in the channel shared with it."""

SUPPORT = "C0000SUPPORT"
RANDOM = "C00000RANDOM"
"""Public, and the bot is not in it."""
PRIVATE = "C0000PRIVATE"
HIDDEN = "C00000HIDDEN"
"""Private, and the bot is not in it."""
SHARED = "C000000ACME1"
"""Shared with the stranger's organisation."""
PENDING = "C000PENDING1"
"""An invitation to share it has been sent, and not been answered yet."""
ARCHIVED = "C000ARCHIVED"
GROUP_DM = "G0000GROUPDM"
"""Ann, Bob and the bot."""
ANN_AND_BOB = "D0000ANNBOB1"
"""A direct message that the bot does not see."""
ANN_DM = "D00000ANNDM1"
"""Ann's direct message with the bot."""

SUPPORT_GROUP = "S0000SUPPORT"


def example_workspace(clock: Callable[[], float] = time.time, locale: str | None = None) -> Workspace:
    """Give a new workspace with everybody named in this module; `clock` gives seconds since 1970.

    With a `locale` everybody has Slack in that language.
    """
    people = (
        Person(BOT, "faxbot", "Faxbot", TEAM, is_bot=True),
        Person(ANN, "ann", "Ann Lee", TEAM),
        Person(BOB, "bob", "Bob Rossi", TEAM, tz="America/New_York", locale="en-US"),
        Person(ADMIN, "admin", "Ada Admin", TEAM, is_admin=True, is_owner=True),
        Person(GUEST, "guest", "Gus Guest", TEAM, is_restricted=True),
        Person(LONE_GUEST, "loneguest", "Lou Guest", TEAM, is_restricted=True, is_ultra_restricted=True),
        Person(FORMER, "former", "Fay Former", TEAM, deleted=True),
        Person(STRANGER, "stranger", "Sid Stranger", OTHER_TEAM),
    )
    ours = frozenset({ANN, BOB, ADMIN})
    channels = (
        Channel(SUPPORT, "support", members=ours | {BOT, GUEST, LONE_GUEST}),
        Channel(RANDOM, "random", members=ours | {GUEST}),
        Channel(PRIVATE, "private", ChannelKind.PRIVATE, frozenset({ANN, ADMIN, BOT})),
        Channel(HIDDEN, "hidden", ChannelKind.PRIVATE, frozenset({ANN, BOB})),
        Channel(SHARED, "shared-with-acme", members=ours | {STRANGER, BOT}, is_ext_shared=True),
        Channel(PENDING, "soon-with-acme", members=ours | {BOT}, is_pending_ext_shared=True),
        Channel(ARCHIVED, "archived", members=ours | {BOT}, is_archived=True),
        Channel(GROUP_DM, "mpdm-ann--bob--faxbot-1", ChannelKind.MPIM, frozenset({ANN, BOB, BOT})),
        Channel(ANN_AND_BOB, "", ChannelKind.IM, frozenset({ANN, BOB})),
        Channel(ANN_DM, "", ChannelKind.IM, frozenset({ANN, BOT})),
    )
    group = UserGroup(SUPPORT_GROUP, "support", "Support", (ANN, ADMIN))
    return Workspace(
        team=Team(TEAM, "faxco", "Fax & Co"),
        app=App("A0000FAXBOT1", "faxbot", "B0000FAXBOT1", BOT, "deprecated-verification-token"),
        people={person.id: replace(person, locale=locale or person.locale) for person in people},
        channels={channel.id: channel for channel in channels},
        user_groups={group.id: group},
        clock=clock,
    )
