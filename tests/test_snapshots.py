"""Every kind of card as JSON that can be pasted into Slack's Block Kit Builder."""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bot.cards import Cards, watching
from bot.cards.entity import entity_below, pane
from bot.cards.watching import Begun, Running, Told
from bot.lookup import NotSeen, SeenFax
from bot.policy import Audience, Policy, Sharing
from bot.stonefax import Fax, Recipient, Status, errors
from bot.triage import judge
from bot.triage.tables import families
from playground.slack.blocks import Surface, errors_in
from playground.slack.entities import BELOW_A_LINK, IN_A_PANE, errors_in_entity

CARDS = Cards("/fax", fax_page="https://fax.example.com/faxes/{id}")
AS_OF = datetime(2026, 11, 20, 14, 58, tzinfo=UTC)
FAX = Fax(
    id="IAS-N1_401d6c8c07d6b7a_0",
    status=Status.COMPLETED,
    recipients=(Recipient(name="Mario Rossi", number="+39 06 1234 5678"),),
    sender="user1",
    subject="Referral letter",
    server="IAS-N1",
    pages=3,
    size=28_400,
    submitted=datetime(2026, 11, 20, 14, 56, 56, tzinfo=UTC),
    started=datetime(2026, 11, 20, 14, 57, 12, tzinfo=UTC),
    ended=datetime(2026, 11, 20, 14, 57, 40, tzinfo=UTC),
)
WAITING = {"started": None, "ended": None, "detailed_status": "In coda"}
STATUSES = {
    Status.COMPLETED: FAX,
    Status.QUEUED: FAX.model_copy(update={"status": Status.QUEUED, **WAITING}),
    Status.IN_PROGRESS: FAX.model_copy(update={"status": Status.IN_PROGRESS, "ended": None}),
    Status.CANCELED: FAX.model_copy(update={"status": Status.CANCELED}),
    Status.OTHER: FAX.model_copy(update={"status": Status.OTHER, "status_word": "Spooled", **WAITING}),
}


def samples() -> dict[str, str]:
    """Give for each family the first text of the table that has it."""
    found: dict[str, str] = {}
    with (Path(__file__).parent / "triage" / "failure_texts.tsv").open() as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            found.setdefault(row["family"], row["text"])
    return found


def failed(family: str) -> Fax:
    """Give a fax that failed in this way, with the number repeated in the server's words."""
    text = samples().get(family)
    signalling = {"cause": 96} if family == "signalling" else {}
    reason = f"{text} (0612345678)" if text else None
    return FAX.model_copy(update={"status": Status.FAILED, "failure_reason": reason, **signalling})


def drawn(fax: Fax, audience: Audience) -> dict[str, object]:
    """Draw a card as this audience sees it, in the form that the Block Kit Builder takes."""
    failure = judge(fax)
    if failure:
        words = Policy().words_seen_by(audience, failure.server_words, fax)
        failure = replace(failure, server_words=words)
    seen = SeenFax(Policy().seen_by(audience, fax), failure, None, AS_OF, audience)
    sharer = "U0000000ANN" if audience is Audience.OTHERS else None
    message = CARDS.one(seen, Sharing.AS_MEMBER, sharer)
    assert not errors_in(message.payload()["blocks"], Surface.MESSAGE)
    return {"blocks": message.payload()["blocks"]}


@pytest.mark.parametrize("audience", Audience, ids=lambda audience: audience.value)
@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status.value)
def test_status(status: Status, audience: Audience, snapshot: SnapshotAssertion) -> None:
    """A card for each status and reader."""
    assert drawn(STATUSES[status], audience) == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("audience", Audience, ids=lambda audience: audience.value)
@pytest.mark.parametrize("family", sorted({row.family for row in families().values()}))
def test_failure(family: str, audience: Audience, snapshot: SnapshotAssertion) -> None:
    """A card for each family of failures and reader."""
    fax = failed(family)
    failure = judge(fax)
    assert failure
    assert failure.family == family
    card = drawn(fax, audience)
    assert ("0612345678" in str(card)) == (audience is Audience.ASKER and fax.failure_reason is not None)
    assert card == snapshot(extension_class=JSONSnapshotExtension)


def seen(status: Status, fax_id: str = FAX.id, audience: Audience = Audience.ASKER) -> SeenFax:
    """Give a fax as this audience sees it."""
    fax = STATUSES[status].model_copy(update={"id": fax_id})
    return SeenFax(Policy().seen_by(audience, fax), None, None, AS_OF, audience)


QUEUED, DELIVERED = seen(Status.QUEUED, "IAS-N1_401d6c8c0000001_0"), seen(Status.COMPLETED)
NO_ANSWER = NotSeen("IAS-N1_401d6c8c0000002_0", errors.ServerTooSlow(deadline=10.0), "K7Q2")
PERSON, DAY = "U0000000ANN", 86_400.0
WATCHING = {
    "begun": watching.begun(Begun((QUEUED,)), Told.IN_THREAD, "/fax", 50),
    "begun-unanswered": watching.begun(Begun((NO_ANSWER,)), Told.DIRECTLY, "/fax", 50),
    "begun-several": watching.begun(Begun((QUEUED, NO_ANSWER), (DELIVERED,), (QUEUED,)), Told.DIRECTLY, "/fax", 50),
    "running": watching.running(
        "/fax", [Running(FAX.id, AS_OF, ("C0000SUPPORT",)), Running(QUEUED.fax.id, AS_OF, ("C0000SUPPORT", None))]
    ),
    "final-in-thread": CARDS.final(seen(Status.COMPLETED, audience=Audience.OTHERS), PERSON),
    "final-directly": CARDS.final(DELIVERED, None),
    "vanished": CARDS.ended("vanished", FAX.id, PERSON, DAY),
    "expired": CARDS.ended("expired", FAX.id, None, DAY),
    "not-readable": CARDS.ended("not_readable", FAX.id, None, DAY),
}


@pytest.mark.parametrize("name", WATCHING)
def test_watching(name: str, snapshot: SnapshotAssertion) -> None:
    """What is said about watches, with the sentence that screen readers and notifications get."""
    message = WATCHING[name].payload()
    assert not errors_in(message["blocks"], Surface.MESSAGE)
    assert message == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("audience", Audience, ids=lambda audience: audience.value)
@pytest.mark.parametrize("fax", [failed("busy"), STATUSES[Status.QUEUED]], ids=["failed", "queued"])
def test_work_object(fax: Fax, audience: Audience, snapshot: SnapshotAssertion) -> None:
    """The entity that others see below a link, and the flexpane of who opens it."""
    failure = judge(fax)
    if failure:
        failure = replace(failure, server_words=Policy().words_seen_by(audience, failure.server_words, fax))
    as_seen = SeenFax(Policy().seen_by(audience, fax), failure, None, AS_OF, audience)
    link = f"https://fax.example.com/faxes/{FAX.id}"
    shown = entity_below(as_seen, link, None) if audience is Audience.OTHERS else pane(as_seen, link, None)["metadata"]
    assert not errors_in_entity(shown, BELOW_A_LINK if audience is Audience.OTHERS else IN_A_PANE)
    assert shown == snapshot(extension_class=JSONSnapshotExtension)
