"""What Slack says of our tokens: whose they are, of which kind, and what they permit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from bot.doctor.finding import Finding, Settled, fail, ok, skip, warn
from bot.doctor.questions import Answer, NoAnswer
from bot.doctor.visit import Visit
from bot.manifest import BOT_SCOPES, OPTIONAL_SCOPES
from bot.settings import SlackSettings
from bot.slack import TOKEN_REFUSED

REINSTALL = "Paste what `faxbot manifest` prints at api.slack.com/apps, your app, App Manifest, and re-install the app."
NEW_TOKEN = "Copy SLACK_BOT_TOKEN anew from api.slack.com/apps, your app, OAuth & Permissions."  # noqa: S105 - a remedy
NEW_APP_TOKEN = (
    "Make an app-level token with the scope connections:write at api.slack.com/apps, your app, Basic Information, and "  # noqa: S105 - a remedy
    "turn Socket Mode on there."
)


WITHOUT: Mapping[str, str] = {
    "app_mentions:read": "a mention gets no answer",
    "channels:read": "in public channels no card is shared, and no link shows one",
    "chat:write": "there are no answers in threads, no cards for everybody, and no direct messages",
    "commands": "there is no slash command, and no shortcut",
    "groups:read": "in private channels no card is shared, and no link shows one",
    "im:history": "a direct message to the bot gets no answer",
    "im:write": "late answers and the ends of watches are lost",
    "links:read": "the bot hears of no link",
    "links:write": "links show no card",
    "usergroups:read": "nobody is known to be in FAXBOT_ALLOWED_USER_GROUPS",
    "users:read": "nobody gets an answer, since guests cannot be told from members",
}
"""What does not work without a scope."""


@dataclass(frozen=True, slots=True)
class Said:
    """Slack's answer; `problem` is Slack's own word for what is in the way, if anything is."""

    content: Mapping[str, Any]
    answer: Answer

    @property
    def problem(self) -> str | None:
        """Give Slack's word, as far as it is one."""
        if self.content.get("ok"):
            return None
        word = self.content.get("error")
        return word if isinstance(word, str) and word.replace("_", "").isalnum() else f"status {self.answer.status}"


async def asked(visit: Visit, method: str, **arguments: str) -> Said:
    """Ask with the bot's token, or give what was answered before. Raises NoAnswer."""
    url = f"{method_url(visit, method)}?{urlencode(arguments)}".removesuffix("?")
    headers = bearer(visit.settings[SlackSettings].bot_token)
    return said(await visit.questions.get(url, headers=headers, proxy=visit.proxy_to_slack))


async def asked_in_json(visit: Visit, method: str, arguments: Mapping[str, object]) -> Said:
    """Ask with the bot's token and with more than an address can hold. Raises NoAnswer."""
    token = visit.settings[SlackSettings].bot_token
    return said(await posted(visit, method, token, arguments))


async def posted(visit: Visit, method: str, token: SecretStr, arguments: Mapping[str, object] | None = None) -> Answer:
    """Post a question to Slack, by the way that the bot takes too. Raises NoAnswer."""
    return await visit.questions.ask(
        "POST", method_url(visit, method), headers=bearer(token), json=arguments, proxy=visit.proxy_to_slack
    )


def bearer(token: SecretStr) -> Mapping[str, str]:
    """Give the header that a token travels in."""
    return {"Authorization": f"Bearer {token.get_secret_value()}"}


def method_url(visit: Visit, method: str) -> str:
    """Give the address of one method of the Web API."""
    return f"{visit.settings[SlackSettings].api_url.rstrip('/')}/{method}"


def said(answer: Answer) -> Said:
    """Read an answer of the Web API."""
    content = answer.json
    return Said(content if isinstance(content, dict) else {}, answer)


async def known(visit: Visit, method: str, **arguments: str) -> Said:
    """Ask what a scope is needed for. Raises Settled where that is missing, or Slack asks to wait."""
    heard = await asked(visit, method, **arguments)
    if heard.problem == "missing_scope":
        raise Settled(skip(f"Slack does not let us ask: {method} needs another scope.", "See to the scopes first."))
    if heard.problem == "ratelimited":
        raise Settled(skip("Slack asks us to wait.", "Run this again in a minute."))
    return heard


async def workspace(visit: Visit) -> Finding:
    """Ask whose token it is."""
    try:
        heard = await asked(visit, "auth.test")
    except NoAnswer as none:
        return fail(f"Slack gives no answer: {none.problem}.", "Check the way to Slack: DNS, proxy, firewall.")
    if heard.problem is None:
        who = heard.content
        return ok(f"Slack knows the bot {who.get('user')} in the workspace {who.get('team')} ({who.get('team_id')}).")
    if heard.problem in TOKEN_REFUSED:
        return fail(f"Slack refuses the token: {heard.problem}.", NEW_TOKEN)
    remedy = "Try again in a minute; status.slack.com says how it is."
    return fail(f"Slack does not say whose token it is: {heard.problem}.", remedy)


async def token_kind(visit: Visit) -> Finding:
    """Make sure that it is a bot's: a person's would let the bot speak and read as that person."""
    heard = await asked(visit, "auth.test")
    if heard.content.get("bot_id"):
        return ok("It is a bot's token (xoxb-).")
    return fail("Slack names no bot for this token.", f"{NEW_TOKEN} It is the Bot User OAuth Token.")


async def scopes(visit: Visit) -> Finding:
    """Hold what was granted against what the manifest asks for."""
    header = (await asked(visit, "auth.test")).answer.headers.get("x-oauth-scopes")
    if header is None:
        return skip("Slack did not say what was granted.", "Compare the app's scopes with manifest.yml by hand.")
    granted = {scope.strip() for scope in header.split(",") if scope.strip()}
    if missing := sorted(BOT_SCOPES.keys() - granted):
        lost = "; ".join(f"without {scope} {WITHOUT[scope]}" for scope in missing)
        return fail(f"Not all scopes are granted: {lost}.", REINSTALL)
    if extra := sorted(granted - BOT_SCOPES.keys() - OPTIONAL_SCOPES.keys()):
        return warn(f"The bot may do more than it ever does: {', '.join(extra)}.", REINSTALL)
    without = sorted(OPTIONAL_SCOPES.keys() - granted)
    return ok("All are granted" + (f"; the optional ones are not: {', '.join(without)}." if without else "."))


async def socket_mode(visit: Visit) -> Finding:
    """Ask for a connection, and use none."""
    token = visit.settings[SlackSettings].app_token
    if token is None:
        return skip(
            "SLACK_APP_TOKEN is not set: Slack reaches the bot over HTTP.",
            "Whether it does, only Slack can say: Event Subscriptions, Verified.",
        )
    heard = said(await posted(visit, "apps.connections.open", token))
    if heard.problem is None:
        return ok("Slack opens connections for this app.")
    return fail(f"Slack opens no connection: {heard.problem}.", NEW_APP_TOKEN)
