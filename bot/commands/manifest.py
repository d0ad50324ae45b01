"""`faxbot manifest`: the Slack app, as it has to be for this configuration."""

import json
import re
from typing import Annotated
from urllib.parse import urlsplit

import typer
import yaml

from bot.commands.complaints import complain, complaints, settings_or_complaint
from bot.manifest import can_be_unfurled, link_to_create, manifest
from bot.settings import BotSettings, environment

EXAMPLE_DOMAIN = "fax.example.com"


def print_manifest(
    *,
    url: Annotated[
        str | None, typer.Option(help="The https address at which Slack reaches the bot; without it, Socket Mode.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of YAML.")] = False,
) -> None:
    """Print the Slack app manifest for this configuration, and the link that creates the app from it."""
    if url is not None and not re.fullmatch(r"https://[^/\s]+/?", url):
        complain(f"--url {url}: give https:// and the host only, as in --url https://faxbot.example.com")
    settings = settings_or_complaint(BotSettings)
    bot = settings[BotSettings]
    domains = bot.link_domains or (host_of_fax_server(environment().get("STONEFAX_URL", "")) or EXAMPLE_DOMAIN,)
    if domains == (EXAMPLE_DOMAIN,):
        complaints.print(
            f"STONEFAX_URL and FAXBOT_LINK_DOMAINS are not set: {EXAMPLE_DOMAIN} stands for your portal's host."
        )
    for host in domains:
        if not can_be_unfurled(host):
            complaints.print(f"{host}: Slack cannot unfurl links on it; use an alias that has a top level domain.")
    app = manifest(bot.command, domains, url, work_objects=bot.unfurl != "blocks", workflow_step=bot.workflow_step)
    typer.echo(
        json.dumps(app, indent=2) if as_json else yaml.safe_dump(app, sort_keys=False, allow_unicode=True).rstrip()
    )
    complaints.print(f"\nCreate the app from it: {link_to_create(app)}", markup=False, highlight=False)


def host_of_fax_server(url: str) -> str | None:
    """Give the host, or None where nothing is set; the rest of the settings is not needed here."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        complain("STONEFAX_URL: is not an address. Example: https://fax.example.com")
