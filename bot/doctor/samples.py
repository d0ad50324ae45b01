"""Cards of every shape, for Slack to judge: what it would refuse, nobody would see."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.cards import Cards, guidance, home
from bot.cards.blocks import Block
from bot.cards.doctor import Line
from bot.cards.modal import View
from bot.cards.watching import Running
from bot.doctor.finding import Finding, fail, ok, skip
from bot.doctor.slack import asked_in_json
from bot.doctor.visit import Visit
from bot.lookup import Looked, NotSeen, SeenFax
from bot.policy import Audience, Sharing
from bot.references import EXAMPLE_ID
from bot.services import cards_for
from bot.stonefax import Fax, Recipient, Status
from bot.stonefax.errors import AccountRefused
from bot.triage import judge

SENT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
RECIPIENTS = (Recipient(name="Mario Rossi", number="+39 06 1234 5678"),)


def sample(status: Status, audience: Audience, reason: str | None = None) -> SeenFax:
    """Give a fax that nobody has sent, as it would be seen."""
    fax = Fax(
        id=EXAMPLE_ID,
        status=status,
        failure_reason=reason,
        recipients=RECIPIENTS,
        sender="user1",
        subject="Referral letter & more",
        pages=3,
        size=29_000,
        submitted=SENT,
        started=SENT + timedelta(seconds=16),
    )
    failure = judge(fax) if status is Status.FAILED else None
    return SeenFax(fax, failure, None, SENT + timedelta(minutes=1), audience)


def samples(cards: Cards) -> Mapping[str, Sequence[Block]]:
    """Give the blocks of cards of every shape by what each is of."""
    failed, waiting = (
        sample(Status.FAILED, Audience.ASKER, "Remote station busy"),
        sample(Status.QUEUED, Audience.OTHERS),
    )
    missing = NotSeen(EXAMPLE_ID, AccountRefused(401), "K7Q2")
    messages = {
        "a failed fax": cards.one(failed, Sharing.AS_MEMBER),
        "a waiting fax, shared": cards.one(waiting, Sharing.NEVER, "U0123ABCD"),
        "several faxes": cards.answer(Looked((failed, waiting, missing), Sharing.NEVER, Audience.ASKER)),
        "a fault": cards.one(missing),
        "the help": cards.help("U0123ABCD"),
        "a late answer": guidance.follows((EXAMPLE_ID,)),
    }
    return {what: message.blocks for what, message in messages.items()} | {"the Home tab": home_tab(cards)["blocks"]}


def home_tab(cards: Cards) -> View:
    """Give the Home tab of an administrator who watches a fax."""
    ways = home.Ways(cards.command, cards.id_hint, links=True, directly=True)
    found = (Line("A check", state, "What was found.", "What to do.") for state in ("fail", "warn"))
    return home.view(ways, home.Watched([Running(EXAMPLE_ID, SENT, (None,))]), home.Examined(tuple(found), SENT))


async def taken(visit: Visit) -> Finding:
    """Have Slack judge our cards (docs.slack.dev/reference/methods/blocks.validate)."""
    if not visit.setup.online:
        return skip("Slack was not asked to judge the cards.", "Run faxbot doctor --online.")
    refused = []
    for what, parts in samples(cards_for(visit.settings)).items():
        problem = (await asked_in_json(visit, "blocks.validate", {"blocks": list(parts)})).problem
        refused += [f"{what} ({problem})"] if problem else []
    if refused:
        return fail(
            f"Slack would refuse the card of {', '.join(refused)}.",
            "Report it with this line. FAXBOT_ID_HINT and STONEFAX_FAX_PAGE stand in cards: try without them.",
        )
    return ok("Slack takes the cards.")
