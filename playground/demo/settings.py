"""The settings of a bot between the playground's two servers."""

from bot.app import Timing
from bot.settings import GROUPS, Settings, read_settings
from bot.watches import Rhythm
from playground.slack import SlackServer
from playground.slack.example import ANN
from playground.stonefax import StoneFaxServer

TIME_ZONE = "Europe/Rome"
LINK_DOMAIN = "fax.example.com"
"""Where links to faxes lead; nothing is there."""
TIMING = Timing(unready=0.0, between_probes=1.0, rhythm=Rhythm(first=2.0, longest=4.0, to_confirm=4.0, idle=0.25))
"""As in earnest, but who watches a fax here is told within seconds, and a fax server is soon asked again."""
COMMAND = "/fax"


def demo_settings(fax_server: StoneFaxServer, slack: SlackServer, port: int, folder: str, **others: str) -> Settings:
    """Give the settings of a bot between the two servers, and `others`; nothing is read from the environment."""
    values = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "STONEFAX_URL": fax_server.url,
        "STONEFAX_USERNAME": "faxbot",
        "STONEFAX_PASSWORD": "playground",
        "STONEFAX_TIME_ZONE": TIME_ZONE,
        "STONEFAX_FAX_PAGE": f"https://{LINK_DOMAIN}/faxes/{{id}}",
        "FAXBOT_PER_MINUTE": "0",
        "FAXBOT_ADMINS": ANN,
        "FAXBOT_WORKFLOW_STEP": "yes",
        "FAXBOT_LINK_DOMAINS": LINK_DOMAIN,
        "FAXBOT_UNFURL": "both",
        "DATABASE_URL": f"sqlite:///{folder}/faxbot.db",
        "PORT": str(port),
        **others,
    }
    return read_settings(values, *GROUPS)
