"""Cards: for any fax whatever one builds, and stays within Slack's limits."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from slack_sdk.models.metadata import EntityMetadata

from bot.cards import Cards, Message, watching
from bot.cards.blocks import cut, escape
from bot.cards.entity import LONGEST_TITLE, LONGEST_VALUE, Note, entity_below, pane
from bot.cards.watching import Running
from bot.cards.words import size
from bot.cards.work_object import Entity
from bot.lookup import Looked, NotSeen, SeenFax
from bot.masking import masked_number
from bot.policy import Audience, Policy, Sharing, mask_for
from bot.stonefax import Fax, Recipient, Status, errors
from bot.stonefax.models import fax_from_answer
from bot.terminal import drawn
from bot.triage import judge
from bot.triage.hint import BLAMED, Alike, Hint
from bot.triage.sayings import Saying
from playground.slack.blocks import Surface, errors_in
from playground.slack.entities import BELOW_A_LINK, IN_A_PANE, errors_in_entity, require_error
from playground.slack.rules import Rule

AS_OF = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CARDS = Cards("/fax", "Where & how <here>", ("U0000000ANN",), "https://fax.example.com/{id}")

TEXTS = (
    st.text(max_size=40)
    | st.text(min_size=100, max_size=4000)
    | st.sampled_from(["<!channel>", "*b*", "&" * 3000, " ", "\x00", "\ud800"])
)
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.lists(st.integers(), max_size=2)
TIMES = st.datetimes().map(datetime.isoformat) | ANYTHING
NUMBERS = st.from_regex(r"\+?[0-9 ]{1,15}", fullmatch=True)
RECIPIENTS = st.fixed_dictionaries(
    {}, optional={"name": ANYTHING, "faxNumber": ANYTHING | st.from_regex(r"\+?[0-9 ]{1,15}")}
)
ANSWERS = st.fixed_dictionaries(
    {"faxId": TEXTS.filter(lambda text: text.strip())},
    optional={
        "status": st.sampled_from(["Completed", "Failed", "Queued", "InProgress", "Canceled"]) | ANYTHING,
        "detailedStatus": ANYTHING,
        "failureReason": ANYTHING,
        "Q931Code": st.integers(0, 300) | ANYTHING,
        "recipient": RECIPIENTS | st.lists(RECIPIENTS, max_size=12) | ANYTHING,
        "username": ANYTHING,
        "subject": ANYTHING,
        "serverName": ANYTHING,
        "numberOfPages": ANYTHING,
        "size": ANYTHING,
        "submitTime": TIMES,
        "startTime": TIMES,
        "endTime": TIMES,
    },
)
IDS = st.from_regex(r"[A-Za-z0-9-]{1,20}_[0-9a-f]{15}_[0-9]", fullmatch=True)


def within_slacks_limits(message: Message) -> None:
    """Check a message as Slack would."""
    blocks = message.payload()["blocks"]
    assert not errors_in(blocks, Surface.MESSAGE)
    assert not errors_in(list(message.without_buttons().blocks), Surface.MODAL)
    assert 0 < len(message.text) <= 3000


SAYINGS = st.text(min_size=1, max_size=300).map(lambda text: Saying("families.tsv", "-", text, "", "", ""))
ALIKE = st.builds(Alike, st.just(3), st.integers(3, 9), SAYINGS, st.sampled_from(sorted(BLAMED)), st.booleans())


def taken_by_slack(entity: Entity, rule: Rule) -> None:
    """Check an entity as Slack would, and by slack_sdk's own model; nothing in it is empty."""
    assert not errors_in_entity(entity, rule)
    as_json: dict[str, Any] = json.loads(json.dumps(entity))
    assert EntityMetadata(**as_json).to_dict() == entity
    fields = entity["entity_payload"]["custom_fields"]
    assert all(field["label"] and field["value"] != "" for field in fields)
    assert [field["key"] for field in fields] == entity["entity_payload"]["display_order"]
    assert max(len(str(field["value"])) for field in fields) <= LONGEST_VALUE
    assert len(entity["entity_payload"]["attributes"]["title"]["text"]) <= LONGEST_TITLE


HINTS = st.none() | st.builds(Hint, ALIKE, st.just(AS_OF))
ZONES = st.sampled_from([None, ZoneInfo("Europe/Rome"), ZoneInfo("America/New_York")])


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ANSWERS, IDS, st.sampled_from(Audience), ZONES, HINTS, st.sampled_from(Sharing))
def test_any_fax_whatever_gives_a_card(
    answer: dict[str, object],
    fax_id: str,
    audience: Audience,
    zone: ZoneInfo | None,
    hint: Hint | None,
    sharing: Sharing,
) -> None:
    """Whatever the fields hold: a card, and a row of a summary, that Slack takes, with the id in it."""
    fax = fax_from_answer(answer, fax_id, zone)
    failure = judge(fax)
    if failure:
        failure = replace(failure, server_words=Policy().words_seen_by(audience, failure.server_words, fax))
    seen = SeenFax(Policy().seen_by(audience, fax), failure, hint, AS_OF, audience)
    card = CARDS.one(seen, sharing, "U0000000ANN" if audience is Audience.OTHERS else None)
    within_slacks_limits(card)
    assert fax_id in str(card.blocks)
    if audience is Audience.OTHERS:
        assert not errors_in(list(card.blocks), Surface.UNFURL)
        taken_by_slack(entity_below(seen, "https://fax.example.com/x", CARDS.fax_page), BELOW_A_LINK)
    taken_by_slack(
        pane(seen, "https://fax.example.com/x", None, note=Note("Noted.", watched=False))["metadata"], IN_A_PANE
    )
    not_seen = NotSeen(fax_id, errors.FaxNotFound(404), "K7Q2")
    within_slacks_limits(CARDS.answer(Looked((seen, not_seen) * 5, sharing, audience), cut=3))
    drawing = StringIO()
    Console(file=drawing, width=200).print(drawn(card))
    assert fax_id in drawing.getvalue()


@given(st.lists(IDS, max_size=60, unique=True), st.lists(st.sampled_from(["C0000SUPPORT", None]), max_size=5))
def test_any_number_of_watches_is_a_list(ids: list[str], channels: list[str | None]) -> None:
    """That Slack takes, with each id in it."""
    message = watching.running("/fax", [Running(fax_id, AS_OF, tuple(channels)) for fax_id in ids])
    within_slacks_limits(message)
    assert all(fax_id in str(message.blocks) for fax_id in ids)


@given(st.sampled_from(errors.FaxError.__subclasses__()), st.none() | TEXTS)
def test_any_fault_whatever_gives_a_message(kind: type[errors.FaxError], reason: str | None) -> None:
    """With whatever reason the server gives; in a flexpane too."""
    not_seen = NotSeen("IAS-N1_401d6c8c07d6b7a_0", kind(500), "K7Q2", reason)
    within_slacks_limits(CARDS.one(not_seen))
    looked = Looked((not_seen,), Sharing.NEVER, Audience.ASKER)
    presented = CARDS.in_pane(looked, not_seen.fax_id, "https://fax.example.com/x")
    assert require_error(dict(presented["error"])) == presented["error"]
    assert "(ref K7Q2)" in presented["error"]["custom_message"]


def test_the_name_that_the_answer_has_for_a_fax_is_masked_too() -> None:
    """A server may put anything there."""
    fax = Fax(id="a_401d6c8c07d6b7a_0", named="to 390612345678", recipients=(Recipient(number="+39 06 1234 5678"),))
    assert Policy().seen_by(Audience.OTHERS, fax).named == "to •••678"
    nobody = Policy("nobody").seen_by(Audience.ASKER, fax.model_copy(update={"sender": "0612345678"}))
    assert nobody.sender == "•••678"


@settings(max_examples=300, deadline=None)
@given(
    ANSWERS,
    NUMBERS.filter(lambda number: sum(map(str.isdigit, number)) > 6),
    st.sampled_from(["name", "words", "subject"]),
)
def test_others_never_see_four_hidden_digits_in_a_row(answer: dict[str, object], number: str, place: str) -> None:
    """Wherever the recipient's number is repeated, and however the fax looks otherwise."""
    spelled = "-".join(filter(str.isdigit, number))
    answer |= {
        "recipient": {"faxNumber": number, "name": f"Rossi {spelled}" if place == "name" else "Rossi"},
        "failureReason": f"busy: {spelled}" if place == "words" else None,
        "subject": f"for {spelled}",
    }
    fax = fax_from_answer(answer, "IAS-N1_aaaaaaaaaaaaaaa_0", None).model_copy(update={"named": None})
    shown = Policy().seen_by(Audience.OTHERS, fax)
    words = Policy().words_seen_by(Audience.OTHERS, tuple(filter(None, [fax.failure_reason])), fax)
    told = " ".join([*words, *(f"{r.name} {r.number}" for r in shown.recipients)])
    failure = judge(fax)
    seen = SeenFax(shown, failure and replace(failure, server_words=words), None, AS_OF, Audience.OTHERS)
    told += told_by(entity_below(seen, "https://fax.example.com/x", None))
    digits = "".join(filter(str.isdigit, number))
    hidden = digits[:-3]
    assert shown.subject is None
    assert not any(hidden[start : start + 4] in told for start in range(3, len(hidden) - 3))


def told_by(entity: Entity) -> str:
    """Give all that is to be read in an entity, but its own times, which are numbers."""
    payload = entity["entity_payload"]
    texts = [field["value"] for field in payload["custom_fields"] if isinstance(field["value"], str)]
    return " ".join([payload["attributes"]["title"]["text"], *texts])


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+39 06 1234 5678", "+39 ••• 678"),
        ("0039 06 1234 5678", "+39 ••• 678"),
        ("(+44) 20 7946 0123", "+44 ••• 123"),
        ("0612345678", "•••678"),
        ("+999 123456", "•••456"),
        ("10002", "•••02"),
        ("12", "•••"),
    ],
)
def test_a_masked_number_keeps_what_tells_it_apart(number: str, shown: str) -> None:
    """The country code where one can be read, and the last three digits; of a short one the last two."""
    assert masked_number(number) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0612345678 busy", "•••678 busy"),
        ("+39.06.1234.5678", "+39 ••• 678"),
        ("06_1234_5678", "•••678"),
        ("5678 called", "•••78 called"),
        ("extension 403 is busy, SIP 486", "extension •••03 is busy, SIP 486"),
        (
            "IAS-N1_aaaaaaaaaaaaaaa_0 and IAS-N1_401d6c8c07d6b7a_0",
            "IAS-N1_aaaaaaaaaaaaaaa_0 and IAS-N1_401d6c8c07d6b7a_0",
        ),
        ("Studio 2000", "Studio 2000"),
        ("Document fax_0612345678_1.tif could not be read", "Document fax_•••781.tif could not be read"),
        ("06:12:34:56:78", "•••678"),
        ("at 15:56:40, page 3 of 12", "at 15:56:40, page 3 of 12"),
        ("061*234*567*8", "•••678"),
        ("①②③④⑤⑥⑦⑧", "•••678"),
        ("٠٦١٢٣٤٥٦٧٨", "•••678"),
    ],
)
def test_masking_in_free_text(text: str, shown: str) -> None:
    """Long runs, and the recipients' own digits at any length; fax ids stay."""
    recipients = (Recipient(number="+39 06 1234 5678"), Recipient(number="403"))
    fax = Fax(id="IAS-N1_aaaaaaaaaaaaaaa_0", status=Status.FAILED, recipients=recipients)
    assert mask_for(fax, Audience.ASKER).text(text) == shown


@pytest.mark.parametrize(
    ("octets", "said"), [(1, "1 byte"), (999, "999 bytes"), (2897, "2.9 kB"), (28_400, "28 kB"), (1_200_000, "1.2 MB")]
)
def test_sizes(octets: int, said: str) -> None:
    """In powers of ten, as people's file managers say it."""
    assert size(octets) == said


@pytest.mark.parametrize("text", ["&amp;" * 10, "a<!date^1^{time}|x>b", "&lt;" * 5])
def test_cutting_never_leaves_half_an_entity(text: str) -> None:
    """Slack would show it."""
    for longest in range(1, len(text)):
        short = cut(text, longest)
        assert len(short) <= longest
        assert short.count("&") == short.count(";")
        assert short.count("<") == short.count(">")


def test_the_escape_leaves_no_markup() -> None:
    """Mentions, links, bold, italics, strike, code, and lines of one's own."""
    shown = escape("<!channel> *b* _i_ ~s~ `c` & a_b\nx")
    assert shown == "&lt;!channel&gt; ∗b∗ ˍiˍ ∼s∼ ˋcˋ &amp; a_b x"  # noqa: RUF001 - look-alikes on purpose


def seen_after(minutes: int, **fields: object) -> str:
    """Draw a card this long after the fax ended or was submitted."""
    then = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    fax = Fax(id="a_401d6c8c07d6b7a_0", submitted=then, ended=then, **fields)
    seen = SeenFax(fax, judge(fax), None, then + timedelta(minutes=minutes), Audience.ASKER)
    message = CARDS.one(seen)
    return f"{message.text} {message.blocks}"


def test_advice_to_wait_is_not_given_when_the_wait_is_over() -> None:
    """Four days after a busy line nobody should be told to wait ten minutes."""
    soon, late = (seen_after(minutes, status=Status.FAILED, cause=17) for minutes in (10, 300))
    assert "*Send again:* later" in soon
    assert "*Send again:* now" in late
    assert "It failed 5 h ago, so send it again now. If it fails again: " in late


def test_a_long_wait_in_the_queue_is_said_to_be_unusual() -> None:
    """With whom to tell."""
    soon, late = (seen_after(minutes, status=Status.QUEUED) for minutes in (10, 300))
    assert "It has been waiting for 10 min." in soon
    assert "It has been waiting for 5 h. That is unusually long: tell <@U0000000ANN>." in late
