"""The look-up as Bolt's documentation shows it: AsyncApp on its own aiohttp server, httpx, a pydantic model, respond().

docs.slack.dev/tools/bolt-python/concepts/async (AsyncApp, app.start), …/concepts/commands (ack, then respond),
python-httpx.org/async: one AsyncClient for all requests, with its own limits and timeouts, as it advises; or, with
CLIENT_PER_COMMAND set, one for each, as its first example has it and many a bot since.
"""

import os

import httpx
from pydantic import BaseModel, Field
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient


class Recipient(BaseModel):
    """To whom."""

    name: str
    number: str = Field(alias="faxNumber")


class Fax(BaseModel):
    """What the fax server says."""

    id: str = Field(alias="faxId")
    status: str
    recipient: Recipient
    pages: int | None = Field(None, alias="numberOfPages")
    failure_reason: str | None = Field(None, alias="failureReason")
    end_time: str | None = Field(None, alias="endTime")


def blocks_of(fax: Fax) -> list[dict[str, object]]:
    """Draw a fax."""
    fields = {
        "Status": fax.status,
        "To": f"{fax.recipient.name} ({fax.recipient.number})",
        "Pages": fax.pages,
        "Reason": fax.failure_reason,
        "Ended": fax.end_time,
    }
    return [
        {"type": "header", "text": {"type": "plain_text", "text": f"Fax {fax.id}"}},
        {
            "type": "section",
            "fields": [{"type": "mrkdwn", "text": f"*{name}*\n{value}"} for name, value in fields.items() if value],
        },
    ]


async def answer(client: httpx.AsyncClient, respond: AsyncRespond, command: dict[str, str]) -> None:
    """Look up each fax that is named."""
    for fax_id in command["text"].split():
        response = await client.get(f"/fw/Apps/StoneFax/WebAPI/Faxes/Outbound/{fax_id}")
        response.raise_for_status()
        fax = Fax.model_validate(response.json())
        await respond(text=f"Fax {fax.id}: {fax.status}", blocks=blocks_of(fax))


def main() -> None:
    """Serve."""
    env = os.environ
    app = AsyncApp(
        client=AsyncWebClient(env["SLACK_BOT_TOKEN"], base_url=env["SLACK_API_URL"]),
        signing_secret=env["SLACK_SIGNING_SECRET"],
    )

    def new_client() -> httpx.AsyncClient:
        account = env["STONEFAX_USERNAME"], env["STONEFAX_PASSWORD"]
        return httpx.AsyncClient(base_url=env["STONEFAX_URL"], auth=account)

    client_of_all = None if "CLIENT_PER_COMMAND" in env else new_client()

    async def look_up(ack: AsyncAck, respond: AsyncRespond, command: dict[str, str]) -> None:
        await ack()
        if client_of_all:
            await answer(client_of_all, respond, command)
        else:
            async with new_client() as client:
                await answer(client, respond, command)

    app.command("/fax")(look_up)
    app.start(port=int(env["PORT"]), host="127.0.0.1")


if __name__ == "__main__":
    main()
