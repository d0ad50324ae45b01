"""Telling cards in each language but English, as JSON that can be pasted into Slack's Block Kit Builder."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bot.cards import Cards, Message, home, watching
from bot.cards.home import Watched, Ways
from bot.cards.watching import Running
from bot.languages import LANGUAGES, SOURCE, Language, in_language
from bot.lookup import Looked, NotAllowed, NotSeen, SeenFax, TooOften
from bot.policy import Audience, Policy, Refusal, Sharing
from bot.stonefax import Fax, Status, errors
from bot.triage import judge
from bot.triage.hint import Alike, Hint
from playground.slack.blocks import Surface, errors_in
from playground.slack.entities import IN_A_PANE, errors_in_entity
from playground.slack.views import errors_in_view
from tests.languages.corpus import CARDS, LINK, OTHER_IDS
from tests.test_snapshots import AS_OF, FAX, PERSON, STATUSES, failed

TRANSLATED = tuple(language for language in LANGUAGES if language != SOURCE)


def seen(fax: Fax, audience: Audience = Audience.ASKER) -> SeenFax:
    """Give a fax as this audience sees it."""
    failure = judge(fax)
    if failure:
        failure = replace(failure, server_words=Policy().words_seen_by(audience, failure.server_words, fax))
    return SeenFax(Policy().seen_by(audience, fax), failure, None, AS_OF, audience)


def in_an_outage(failing: SeenFax) -> SeenFax:
    """Give a failed fax that is one of nine alike."""
    assert failing.failure
    return replace(
        failing, hint=Hint(Alike(9, 9, failing.failure.saying, "line", over=False), AS_OF - timedelta(minutes=40))
    )


BUSY, DELIVERED = seen(failed("busy")), seen(FAX)
BUSY_FOR_OTHERS = in_an_outage(seen(failed("busy"), Audience.OTHERS))
UNASSIGNED = seen(FAX.model_copy(update={"status": Status.FAILED, "cause": 1}))
WAITING_LONG = replace(seen(STATUSES[Status.QUEUED]), as_of=AS_OF + timedelta(hours=3))
ON_ITS_WAY = seen(STATUSES[Status.IN_PROGRESS])
NO_ANSWER = NotSeen(OTHER_IDS[0], errors.ServerTooSlow(deadline=10.0), "K7Q2")
SEVERAL = Looked((DELIVERED, BUSY, WAITING_LONG, NO_ANSWER), Sharing.AS_MEMBER, Audience.ASKER)
RUNNING = [Running(FAX.id, AS_OF, ("C0000SUPPORT", None)), Running(OTHER_IDS[0], AS_OF, (None,))]

MESSAGES: Mapping[str, Callable[[Cards], Message]] = {
    "failed-for-the-asker": lambda cards: cards.one(BUSY, Sharing.AS_MEMBER),
    "failed-for-others-in-an-outage": lambda cards: cards.one(BUSY_FOR_OTHERS, sharer=PERSON),
    "number-unassigned": lambda cards: cards.one(UNASSIGNED),
    "waiting-long": lambda cards: cards.one(WAITING_LONG),
    "on-its-way": lambda cards: cards.one(ON_ITS_WAY),
    "delivered": lambda cards: cards.one(DELIVERED, Sharing.AS_MEMBER),
    "several": lambda cards: cards.answer(SEVERAL, cut=2),
    "not-found": lambda cards: cards.one(NotSeen(FAX.id, errors.FaxNotFound(404), "K7Q2")),
    "too-often": lambda cards: cards.refused(TooOften(30, 7.0)),
    "refused": lambda cards: cards.refused(NotAllowed(Refusal.GUEST, "K7Q2")),
    "watches": lambda _cards: watching.running("/fax", RUNNING),
}


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("language", TRANSLATED)
def test_message(language: Language, name: str, snapshot: SnapshotAssertion) -> None:
    """With the sentence that screen readers and notifications get."""
    with in_language(language):
        message = MESSAGES[name](replace(CARDS, language=language)).payload()
    assert not errors_in(message["blocks"], Surface.MESSAGE)
    assert message == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("language", TRANSLATED)
def test_home_tab(language: Language, snapshot: SnapshotAssertion) -> None:
    """Of somebody who watches two faxes."""
    with in_language(language):
        tab = home.view(Ways("/fax", None, links=True, directly=True), Watched(RUNNING))
    assert not errors_in_view(tab)
    assert tab == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("language", TRANSLATED)
def test_flexpane(language: Language, snapshot: SnapshotAssertion) -> None:
    """Of a failed fax, for who opened it."""
    with in_language(language):
        shown: Mapping[str, Any] = CARDS.in_pane(Looked((BUSY,), Sharing.NEVER, Audience.ASKER), BUSY.fax.id, LINK)[
            "metadata"
        ]
    assert not errors_in_entity(shown, IN_A_PANE)
    assert shown == snapshot(extension_class=JSONSnapshotExtension)
