"""The people, groups and channels that the settings name, and whether Slack knows them and tells us of them."""

from collections.abc import Sequence

from bot.doctor.finding import Finding, Settled, fail, ok, skip, warn
from bot.doctor.slack import Said, asked, known
from bot.doctor.visit import Visit
from bot.settings import BotSettings


async def guests(visit: Visit) -> Finding:
    """Ask who the bot itself is: where that is not told, nobody's standing is, and nobody gets an answer."""
    own = str((await asked(visit, "auth.test")).content.get("user_id"))
    heard = await known(visit, "users.info", user=own)
    if heard.problem is None:
        return ok("Slack says who somebody is, so guests can be told from members.")
    return fail(f"Slack does not say who somebody is: {heard.problem}.", "See to the scopes, then run this again.")


async def admins(visit: Visit) -> Finding:
    """Look whether whom others are sent to is there."""
    ids = listed(
        visit.settings[BotSettings].admins,
        "FAXBOT_ADMINS is not set: people are sent to an administrator without a name.",
        "Name those who look after the bot; they may also let it examine itself from Slack.",
    )
    heard = {user: await known(visit, "users.info", user=user) for user in ids}
    if gone := [user for user, said in heard.items() if not can_be_asked(said)]:
        return fail(
            f"Nobody is there to be asked: {', '.join(gone)}.",
            "Put the member ids of people who are still here into FAXBOT_ADMINS: a person's profile, More, Copy member "
            "ID.",
        )
    return ok(f"Slack knows {', '.join(ids)}.")


def can_be_asked(said: Said) -> bool:
    """Whether this is a person who is still here."""
    person = said.content.get("user") or {}
    return not (said.problem or person.get("deleted") or person.get("is_bot"))


async def channels(visit: Visit) -> Finding:
    """Look whether the channels that faxes are looked up in are there."""
    ids = listed(
        visit.settings[BotSettings].allowed_channels,
        "FAXBOT_ALLOWED_CHANNELS is not set: faxes are looked up in every channel.",
        "Set it to keep them to some.",
    )
    heard = {channel: await known(visit, "conversations.info", channel=channel) for channel in ids}
    if unknown := [channel for channel, said in heard.items() if said.problem]:
        return fail(
            f"Slack does not know {', '.join(unknown)}, or the bot is not in it and it is private.",
            "Take the id from the channel's details, at the bottom; in a private channel type /invite @Faxbot.",
        )
    if archived := [channel for channel, said in heard.items() if is_archived(said)]:
        return warn(f"Archived: {', '.join(archived)}.", "Take it out of FAXBOT_ALLOWED_CHANNELS.")
    return ok(f"Slack knows {', '.join(ids)}.")


def is_archived(said: Said) -> bool:
    """Whether nobody writes in this channel any more."""
    return bool((said.content.get("channel") or {}).get("is_archived"))


async def groups(visit: Visit) -> Finding:
    """Look whether the user groups that may look faxes up are there, and somebody in them."""
    ids = listed(
        visit.settings[BotSettings].allowed_user_groups,
        "FAXBOT_ALLOWED_USER_GROUPS is not set: everybody but guests may look faxes up.",
        "Set it to keep that to some.",
    )
    heard = {group: await known(visit, "usergroups.users.list", usergroup=group) for group in ids}
    if unknown := [group for group, said in heard.items() if said.problem]:
        return fail(
            f"Slack knows no user group {', '.join(unknown)}, or it is disabled: nobody gets an answer for it.",
            "Take the id from the user group in Slack, More, Copy group ID.",
        )
    if empty := [group for group, said in heard.items() if not members(said)]:
        return warn(f"Nobody is in {', '.join(empty)}.", "Add people to the user group in Slack.")
    return ok(f"{sum(map(members, heard.values()))} people are in the groups that are listed.")


def members(said: Said) -> int:
    """Count the people in a user group."""
    return len(said.content.get("users") or ())


def listed(ids: Sequence[str], without: str, remedy: str) -> Sequence[str]:
    """Give the ids that are listed. Raises Settled where none are."""
    if not ids:
        raise Settled(skip(without, remedy))
    return ids
