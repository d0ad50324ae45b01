"""The whole bot on one page of the browser, between a fax server and a Slack of its own.

async with open_playground() as playground:
    print(playground.url)

eyes      with whose eyes the page sees, and who then acts
feed      everything that happens, numbered, so that a page that lost the line goes on where it was
drawing   what of it one person may see, as JSON
acts      what is done on the page, done in Slack and at the fax server; pane_acts: with Work Objects
fax_room  the fax server beside it: its moods, and faxes made while one watches
server    the page itself: its files, one snapshot, the feed, the acts
browser   the person's own, opened at the page
static    HTML, CSS and JavaScript modules, as they are served
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from bot.app import Timing, running_bot
from bot.languages import SOURCE, Language
from bot.manifest import BOT_SCOPES, FAX_STATUS, OPTIONAL_SCOPES, STEP
from bot.server import SLACK_PATH
from playground.demo.settings import LINK_DOMAIN, TIME_ZONE, TIMING, demo_settings
from playground.demo.today import bring_up_to_date
from playground.page.acts import Acts
from playground.page.browser import open_browser
from playground.page.drawing import Drawing
from playground.page.fax_room import FaxRoom, Pauses
from playground.page.feed import Feed
from playground.page.pane_acts import PaneActs
from playground.page.server import Page, listening, serving_page
from playground.slack import SlackServer, example_workspace
from playground.stonefax import ANSWERS, StoneFaxServer

__all__ = ["Pauses", "Playground", "open_browser", "open_playground", "run_page"]

SCOPES = frozenset(BOT_SCOPES) | frozenset(OPTIONAL_SCOPES)
ID_HINT = "Here, the ids to try are those in the list “Fax server”."
KNOWN_WITHIN = 5.0
"""Seconds in which the bot has asked this Slack who it is."""


@dataclass(frozen=True, slots=True)
class Playground:
    """A running playground: the page's address, and what stands behind it."""

    url: str
    slack: SlackServer
    fax_server: StoneFaxServer


@asynccontextmanager
async def open_playground(
    port: int | None = None,
    *,
    timing: Timing = TIMING,
    pauses: Pauses | None = None,
    language: Language = SOURCE,
) -> AsyncIterator[Playground]:
    """Run everything, the page on `port`; None: 3000, or a free one where it is taken.

    Raises CannotListen where a port that was named cannot be had.
    """
    with listening(port) as listener, TemporaryDirectory() as folder:
        async with (
            StoneFaxServer(ANSWERS) as fax_server,
            SlackServer(
                example_workspace(locale=language),
                scopes=SCOPES,
                unfurl_domains=(LINK_DOMAIN,),
                functions={STEP: FAX_STATUS},
            ) as slack,
            running_bot(
                demo_settings(fax_server, slack, 0, folder, FAXBOT_ID_HINT=ID_HINT, FAXBOT_LANGUAGE=language), timing
            ) as bot_port,
        ):
            bring_up_to_date(fax_server, TIME_ZONE)
            slack.bot_url = f"http://127.0.0.1:{bot_port}{SLACK_PATH}"
            feed = Feed(slack, fax_server)
            async with FaxRoom(fax_server, feed, pauses or Pauses()) as room:
                acts = Acts(slack, room, feed)
                acts.add(PaneActs(acts).by_name())
                page = Page(feed, Drawing(slack, room, feed), acts)
                await slack.until(lambda: slack.calls, within=KNOWN_WITHIN)
                async with serving_page(page, listener) as url:
                    yield Playground(url, slack, fax_server)


async def run_page(
    port: int | None, opened: Callable[[str], None], stop: asyncio.Event, language: Language = SOURCE
) -> None:
    """Run everything until told to stop; `opened` is told the page's address.

    Raises CannotListen where a port that was named cannot be had.
    """
    async with open_playground(port, language=language) as playground:
        opened(playground.url)
        await stop.wait()
