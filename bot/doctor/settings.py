"""The settings by themselves: whether they are there, can be right, and let anybody in."""

import re

from bot.doctor.finding import Finding, fail, ok, skip, warn
from bot.doctor.visit import Visit
from bot.manifest import MOST_DOMAINS, can_be_unfurled
from bot.settings import BotSettings, SlackSettings, StoneFaxSettings


async def readable(visit: Visit) -> Finding:
    """Name every mistake."""
    reading = visit.setup.reading
    if not reading.mistakes:
        return ok("All that is set can be read, and nothing is missing.")
    remedy = ("Set right what is named, in the environment or in .env, and start anew.", *reading.kinds)
    return fail("\n".join(reading.mistakes), " ".join(remedy))


async def policy(visit: Visit) -> Finding:
    """Look for rules that let nobody in."""
    bot = visit.settings[BotSettings]
    if bot.allowed_channels and not bot.allowed_user_groups:
        return warn(
            "With FAXBOT_ALLOWED_CHANNELS alone nobody gets an answer in a direct message to the bot.",
            "If people should be able to ask there, name their user group in FAXBOT_ALLOWED_USER_GROUPS.",
        )
    lists = {"channels": bot.allowed_channels, "user groups": bot.allowed_user_groups}
    listed = [name for name, ids in lists.items() if ids]
    return ok(f"Let in: the {' and '.join(listed)} that are listed." if listed else "Let in: everybody but guests.")


async def signing_secret(visit: Visit) -> Finding:
    """Look at the shape of what proves that a request is Slack's; only a request of Slack's could prove it right."""
    secret = visit.settings[SlackSettings].signing_secret
    if secret is None:
        return skip("Not needed: in Socket Mode nothing of Slack's comes over HTTP.", "Set it for HTTP.")
    if re.fullmatch(r"[0-9a-f]{32}", secret.get_secret_value()):
        return ok("It is there, and looks like one; only a request of Slack's proves it.")
    return warn(
        "Slack's own are 32 digits from 0 to f; this one is not. Where it is wrong, every request is refused with 401.",
        "Copy SLACK_SIGNING_SECRET from api.slack.com/apps, your app, Basic Information, once more.",
    )


async def link_domains(visit: Visit) -> Finding:
    """Look whether Slack can unfurl links on these hosts at all."""
    hosts = visit.link_domains
    if not (impossible := [host for host in hosts if not can_be_unfurled(host)]):
        if len(hosts) <= MOST_DOMAINS:
            return ok(f"Slack can unfurl links on {', '.join(hosts)}.")
        return warn(
            f"Slack takes {MOST_DOMAINS} hosts of links; {len(hosts)} are named.",
            "Leave the rest out of FAXBOT_LINK_DOMAINS; a host covers all below it.",
        )
    return warn(
        f"Slack cannot unfurl links on {', '.join(impossible)}: it takes no addresses, and no names without a domain.",
        "Give the portal a name such as fax.example.com, and put it into FAXBOT_LINK_DOMAINS and the app's manifest; "
        "until then the shortcut in a message's menu looks up the faxes that it links to.",
    )


async def plain_http(visit: Visit) -> Finding:
    """Look whether the password travels in clear."""
    stonefax = visit.settings[StoneFaxSettings]
    if stonefax.url.startswith("https:"):
        return ok("The password travels encrypted.")
    if stonefax.allow_http:
        return warn(
            "STONEFAX_ALLOW_HTTP is in use: the password travels in clear, and so does what a fax says.",
            "Give the fax server a certificate, set STONEFAX_URL to https://, and remove STONEFAX_ALLOW_HTTP.",
        )
    return ok("Plain http, and it never leaves this machine.")
