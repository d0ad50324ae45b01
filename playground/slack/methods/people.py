"""`api.test`, `auth.test`, `users.info` and `usergroups.*`: who the bot is, and who the others are."""

from playground.slack.wire import JsonObject, refuse

from .asked import Asked


def api_test(asked: Asked) -> JsonObject:
    """Give back what was sent; `error` makes the call fail with that error."""
    if error := asked.text("error"):
        refuse(error, args=asked.given)
    return {"ok": True, "args": asked.given}


def auth_test(asked: Asked) -> JsonObject:
    """Say whose token it is."""
    team, app = asked.workspace.team, asked.workspace.app
    return {
        "ok": True,
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": app.name,
        "team_id": team.id,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def users_info(asked: Asked) -> JsonObject:
    """Say who somebody is, people of other organisations included."""
    person = asked.person()
    return {"ok": True, "user": asked.parts.payloads.person(person, with_locale=asked.flag("include_locale"))}


def usergroups_list(asked: Asked) -> JsonObject:
    """List the user groups; disabled ones only when asked for."""
    with_users, with_disabled = asked.flag("include_users"), asked.flag("include_disabled")
    groups = [each for each in asked.workspace.user_groups.values() if with_disabled or not each.is_disabled]
    shown = [asked.parts.payloads.user_group(group, with_users=with_users) for group in groups]
    return {"ok": True, "usergroups": shown}


def usergroups_users_list(asked: Asked) -> JsonObject:
    """List the people in a user group; a disabled one is found only when asked for."""
    group = asked.workspace.user_groups.get(asked.required("usergroup"))
    if group is None or (group.is_disabled and not asked.flag("include_disabled")):
        refuse("no_such_subteam")
    return {"ok": True, "users": list(group.users)}
