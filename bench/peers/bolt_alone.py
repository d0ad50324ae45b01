"""Bolt that acks and does nothing more, with its default settings, on its own server.

docs.slack.dev/tools/bolt-python/concepts/async
"""

import os

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def ack_it(ack: AsyncAck) -> None:
    """Acknowledge."""
    await ack()


def main() -> None:
    """Serve."""
    env = os.environ
    client = AsyncWebClient(env["SLACK_BOT_TOKEN"], base_url=env["SLACK_API_URL"])
    app = AsyncApp(client=client, signing_secret=env["SLACK_SIGNING_SECRET"])
    app.command("/fax")(ack_it)
    app.start(port=int(env["PORT"]), host="127.0.0.1")


if __name__ == "__main__":
    main()
