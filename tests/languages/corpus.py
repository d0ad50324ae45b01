"""Every kind of card and sentence, drawn in the language that is drawn in."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.cards import Cards, Message, doctor, entity, guidance, home, modal, watching, workflow
from bot.cards.home import Examined, NotListed, UnderWay, Watched, Ways
from bot.cards.modal import View
from bot.cards.watching import ENDINGS, Begun, Running, Told
from bot.cards.work_object import Entity, Presented
from bot.languages import language
from bot.lookup import Looked, NotAllowed, NotSeen, NotShareable, Seen, SeenFax, TooOften
from bot.policy import Audience, Policy, Refusal, Sharing
from bot.stonefax import Fax, Status, errors
from bot.triage import Failure, judge
from bot.triage.hint import BLAMED, ONE_SERVER, Alike, Failing, Hint, Reached
from bot.triage.tables import causes, families, hints
from tests.test_snapshots import AS_OF, FAX, PERSON, STATUSES, failed

CARDS = Cards("/fax", None, ("U0000000ADA", "U0000000BOB"), "https://fax.example.com/faxes/{id}")
WITHOUT_ADMINS = replace(CARDS, admins=())
OTHER_IDS = tuple(f"IAS-N1_401d6c8c000000{index}_0" for index in range(1, 4))
DAY = 86_400.0

LINK = f"https://fax.example.com/faxes/{FAX.id}"
FINDINGS = tuple(doctor.Line("Spooled", state, "Spooled", "Spooled") for state in doctor.MARKS)
"""The doctor's words come from outside of the catalogs: administrators read them in English."""


def seen(fax: Fax, failure: Failure | None = None, audience: Audience = Audience.ASKER) -> SeenFax:
    """Give a fax as this audience sees it."""
    return SeenFax(Policy().seen_by(audience, fax), failure or judge(fax), None, AS_OF, audience)


def failures() -> Iterator[SeenFax]:
    """Give a fax for each row of the tables, and for each note."""
    for family in sorted({row.family for row in families().values()}):
        yield seen(failed(family))
    some = judge(failed("busy"))
    assert some
    for row in (*families().values(), *causes().values(), *hints()):
        yield seen(failed("busy"), replace(some, saying=row.saying, side=row.side, send_again=row.send_again))
    for cause, seconds in ((16, 5), (16, 45), (31, 300), (145, 5), (118, 5), (None, 5), (None, 45), (None, 300)):
        times = {"submitted": FAX.started, "started": AS_OF, "ended": AS_OF + timedelta(seconds=seconds)}
        failing = {"status": Status.FAILED, "cause": cause, **times, "pages": 1 + seconds % 2}
        yield seen(FAX.model_copy(update=failing))
    yield seen(failed("busy").model_copy(update={"cause": 1}))
    yield seen(failed("no_fax_tone").model_copy(update={"cause": 17}))
    yield replace(seen(failed("busy").model_copy(update={"recipients": ()})), as_of=AS_OF + timedelta(days=2, hours=1))


def faxes() -> Iterator[SeenFax]:
    """Give faxes of every status."""
    for fax in STATUSES.values():
        yield seen(fax)
        yield seen(fax.model_copy(update={"recipients": fax.recipients * 5, "size": 2897, "pages": 1}))
        yield seen(fax.model_copy(update={"recipients": (), "named": "77", "size": 1, "status_word": None}))
        naive = fax.submitted and fax.submitted.replace(tzinfo=None)
        yield replace(seen(fax.model_copy(update={"submitted": naive})), as_of=AS_OF)
        yield replace(seen(fax), as_of=AS_OF + timedelta(hours=3))


def hinted() -> Iterator[SeenFax]:
    """Give failed faxes with every hint."""
    failing = seen(failed("busy"))
    assert failing.failure
    for blamed in (*BLAMED, ONE_SERVER):
        for count, over in ((3, False), (4, False), (4, True)):
            alike = Alike(3, count, failing.failure.saying, blamed, over)
            yield replace(failing, hint=Hint(alike, AS_OF))
    yield replace(failing, hint=Hint(Reached(), AS_OF.replace(tzinfo=None)))
    yield replace(failing, hint=Hint(Failing(3, 2), AS_OF))


def not_seen() -> Iterator[NotSeen]:
    """Give every fault of the fax server."""
    kinds = [errors.FaxError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    for kind in kinds[1:]:
        if kind is errors.ServerTooSlow:
            yield NotSeen(FAX.id, errors.ServerTooSlow(deadline=10.0), "77")
        else:
            yield NotSeen(FAX.id, kind(500), "77", "0613")
    for wait in (30.0, 600.0):
        yield NotSeen(FAX.id, errors.ServerBusy(503, retry_after=wait), "77")


def known() -> Iterator[Seen]:
    """Give every fax and every fault."""
    yield from failures()
    yield from faxes()
    yield from not_seen()
    yield from hinted()


def messages() -> Iterator[Message]:
    """Draw every message."""
    everybodys = replace(CARDS, language=language())
    for one in known():
        yield WITHOUT_ADMINS.one(one)
        yield CARDS.answer(Looked((one, one), Sharing.NEVER, Audience.ASKER), cut=2)
    for sharing in Sharing:
        yield CARDS.one(next(faxes()), sharing)
    for fax in STATUSES.values():
        yield everybodys.one(seen(fax, audience=Audience.OTHERS), Sharing.AS_MEMBER, PERSON)
        yield everybodys.final(seen(fax, audience=Audience.OTHERS), PERSON)
        yield CARDS.final(seen(fax), None)
    for refusal in Refusal:
        yield CARDS.refused(NotAllowed(refusal, "77"))
    yield from (CARDS.refused(NotShareable(sharing)) for sharing in Sharing)
    yield CARDS.refused(TooOften(30, 7.0))
    yield from said_of_watches()
    yield from said_without_a_fax()


def said_of_watches() -> Iterator[Message]:
    """Draw what is said about watches."""
    waiting, lost = seen(STATUSES[Status.QUEUED]), NotSeen(FAX.id, errors.ServerTooSlow(deadline=10.0), "77")
    for told in Told:
        yield watching.begun(Begun((waiting,)), told, "/fax", 50)
        yield watching.begun(Begun((lost,)), told, "/fax", 50)
        yield watching.begun(Begun((waiting,), (waiting,)), told, "/fax", 50)
        yield watching.begun(Begun((waiting, lost), (), (waiting,)), told, "/fax", 50)
    yield watching.begun(Begun((), (waiting,)), Told.HERE, "/fax", 50)
    yield watching.not_noted(CARDS.whom_to_ask(), "77")
    yield watching.under_way()
    yield watching.stopped("/fax", OTHER_IDS, OTHER_IDS, too_late=True)
    yield watching.running("/fax", [])
    for many in (1, 2, 60):
        yield watching.running("/fax", [Running(FAX.id, AS_OF, ("C0000SUPPORT", None))] * many)
    for ending in ENDINGS:
        yield CARDS.ended(ending, FAX.id, None, DAY)


def said_without_a_fax() -> Iterator[Message]:
    """Draw what helps somebody who has named no fax, and what is said where an answer is late, or none."""
    yield CARDS.usage()
    yield CARDS.how_to_watch()
    yield CARDS.help("U0000000ADA")
    yield CARDS.no_fax_id("0612 3456")
    yield CARDS.no_fax_id("77")
    yield CARDS.no_whole_id("77_")
    yield CARDS.did_you_mean("77", "watch")
    yield guidance.with_unread(guidance.follows(OTHER_IDS), ("77", "78"))
    yield guidance.follows(OTHER_IDS[:1])
    yield guidance.follows_in_modal()
    yield guidance.said(guidance.no_id_in_input())
    yield guidance.shared(FAX.id)
    for problem, surely in (("channel_not_found", True), ("-", True), ("-", False)):
        yield guidance.not_posted(problem, surely=surely)
    for in_thread in (True, False):
        yield guidance.how_to_mention("/fax", None, in_thread=in_thread)
    yield guidance.how_to_write(None)
    yield guidance.thread_not_read("missing_scope")
    yield guidance.thread_not_read("-")
    yield guidance.nothing_in_thread()
    yield guidance.answered_elsewhere(guidance.nothing_in_thread(), "C0000SUPPORT")
    yield guidance.outdated_button("/fax")
    yield guidance.overloaded("77")
    yield guidance.broken("77")


def views() -> Iterator[View]:
    """Draw the modals that ask for ids and answer, and the Home tab; of the doctor's modals the frame."""
    yield modal.asking(None, found_none=True)
    yield modal.showing(guidance.follows_in_modal())
    yield home.modal_with([])
    yield from tabs()


def tabs() -> Iterator[View]:
    """Draw the Home tab, each of its states."""
    ways = Ways("/fax", "77", links=True, directly=True)
    running = [Running(FAX.id, AS_OF, ("C0000SUPPORT", None))]
    for told_of in (Watched(()), Watched(running), Watched(running * 60, "`77`"), NotListed("<@U0000000ADA>", "0613")):
        yield home.view(ways, told_of)
        yield home.view(ways, told_of, UnderWay())
        yield home.view(ways, told_of, Examined(FINDINGS, AS_OF))
    yield home.view(Ways("/fax", None, links=False, directly=False), Watched(()))
    for refusal in Refusal:
        yield home.refused(NotAllowed(refusal, "77"), CARDS.whom_to_ask())


def doctors_views() -> Iterator[View]:
    """Draw the modals of the doctor, whose words are English."""
    yield home.everything(FINDINGS)
    yield home.looking()
    for admins in ((), CARDS.admins):
        yield home.for_admins_alone(admins)


def entities_below() -> Iterator[Entity]:
    """Draw every fax as it stands below a link."""
    for one in known():
        if isinstance(one, SeenFax):
            yield entity.entity_below(one, LINK, None)
            yield entity.entity_below(replace(one, audience=Audience.OTHERS), LINK, None, "1700000000.000100")


def panes() -> Iterator[Presented]:
    """Draw every flexpane: each fax, what came of a wish to be told, and why there is nothing to see."""
    notes = [watching.begun(Begun((seen(STATUSES[Status.QUEUED]),)), told, "/fax", 50).text for told in Told]
    for one in known():
        for cards in (CARDS, WITHOUT_ADMINS):
            yield cards.in_pane(Looked((one,), Sharing.NEVER, Audience.ASKER), FAX.id, LINK)
        if isinstance(one, SeenFax):
            yield from (entity.pane(one, LINK, None, entity.Note(note, watched=True)) for note in notes)
    for refusal in Refusal:
        yield CARDS.in_pane(NotAllowed(refusal, "77"), FAX.id, LINK)
    yield CARDS.in_pane(TooOften(30, 7.0), FAX.id, LINK)
    yield entity.pane_follows(FAX.id, "77")
    yield entity.pane_outdated(guidance.outdated_button("/fax"))
    yield entity.pane_not_now(guidance.overloaded("77"), FAX.id)


def of_a_workflow() -> Iterator[str]:
    """Say what a step of a workflow says."""
    for one in known():
        if isinstance(one, SeenFax):
            yield workflow.verdict(one)
    yield from (workflow.not_one_fax(named) for named in (0, 2))
    yield from (workflow.switched_off(cards.whom_to_ask()) for cards in (CARDS, WITHOUT_ADMINS))
    yield workflow.too_often(30, 7)
