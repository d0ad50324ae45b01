"""What a person reads: every answer as a Message of text and blocks. Pure, and plain typed dicts.

What one person alone reads is in the language that is drawn in, theirs; what others read too is in the workspace's.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from bot.cards import guidance, watching, words
from bot.cards.blocks import Message as Message
from bot.cards.entity import Note, entity_below, pane, pane_refused, pane_without_fax
from bot.cards.fax import Desk, fax_card
from bot.cards.problems import problem
from bot.cards.summary import failures_first, summary
from bot.cards.work_object import Presented, UnfurlStyle
from bot.cards.work_object import Preview as Preview
from bot.languages import SOURCE, Language, _, in_language, language, ngettext
from bot.lookup import Looked, NotSeen, NotShareable, Refused, Seen, SeenFax, TooOften
from bot.policy import Audience, Sharing


@dataclass(frozen=True, slots=True)
class Cards:
    """Every answer, in this desk's words: its command, its hint, its administrators, its web page of a fax.

    `language` is that of what everybody reads.
    """

    command: str
    id_hint: str | None = None
    admins: tuple[str, ...] = ()
    fax_page: str | None = None
    language: Language = SOURCE
    unfurl: UnfurlStyle = "blocks"

    def read_by(self, audience: Audience) -> AbstractContextManager[None]:
        """Draw in the language of everybody, where others read along."""
        return in_language(self.language) if audience is Audience.OTHERS else nullcontext()

    def for_one_alone(self) -> "Cards":
        """Give these for what everybody should have read, and one person alone is told: in that person's language."""
        return replace(self, language=language())

    def answer(self, looked: Looked | Refused, cut: int = 0) -> Message:
        """Draw what a look-up gave; `cut` is how many ids were too many."""
        if not isinstance(looked, Looked):
            return self.refused(looked)
        with self.read_by(looked.audience):
            if len(looked.seen) > 1:
                return summary(looked.seen, cut)
            return self.one(looked.seen[0], looked.sharing)

    def triage(self, looked: Looked, cut: int = 0) -> Message:
        """Sum up a thread's faxes, failures first; a single one is a card."""
        with self.read_by(looked.audience):
            if len(looked.seen) == 1:
                return self.one(looked.seen[0])
            return summary(failures_first(looked.seen), cut)

    def refused(self, refused: Refused) -> Message:
        """Say why this person gets nothing, or everybody there does not."""
        if isinstance(refused, TooOften):
            return guidance.too_often(refused)
        if isinstance(refused, NotShareable):
            return guidance.not_shared(refused.sharing)
        return guidance.not_allowed(refused, self.whom_to_ask())

    def one(
        self,
        seen: Seen,
        sharing: Sharing = Sharing.NEVER,
        sharer: str | None = None,
        thread_ts: str | None = None,
    ) -> Message:
        """Draw what there is to see of one fax."""
        if isinstance(seen, NotSeen):
            return problem(seen, self.whom_to_ask())
        with self.read_by(seen.audience):
            return fax_card(seen, Desk(self.whom_to_ask(), self.fax_page), sharing, sharer, thread_ts)

    def below(self, seen: Seen, link: str, thread_ts: str | None = None) -> Preview:
        """Draw what stands below a link, as posted; of a fax that is not there any more there is no entity."""
        card = self.one(seen, thread_ts=thread_ts)
        if self.unfurl == "blocks" or isinstance(seen, NotSeen):
            return Preview(card)
        with self.read_by(seen.audience):
            return Preview(card, entity_below(seen, link, self.fax_page, thread_ts), self.unfurl == "both")

    def without_mentions(self) -> "Cards":
        """Give these cards for where a mention would be read as it is written."""
        return replace(self, admins=())

    def in_pane(self, looked: Looked | Refused, fax_id: str, link: str, note: Note | None = None) -> Presented:
        """Draw the flexpane of one person; `note` is what has just come of a wish of theirs."""
        own = self.without_mentions()
        if not isinstance(looked, Looked):
            return pane_refused(looked, own.refused(looked), fax_id)
        seen = looked.seen[0]
        if isinstance(seen, NotSeen):
            return pane_without_fax(seen, own.whom_to_ask(), note)
        return pane(seen, link, self.fax_page, note)

    def final(self, seen: SeenFax, person: str | None) -> Message:
        """Tell that a watched fax is final: to a `person` where others read along, else with the whole card."""
        card = self.one(seen)
        with self.read_by(seen.audience):
            return watching.final_in_thread(card, seen.fax.id, person) if person else watching.final_directly(card)

    def ended(self, ending: str, fax_id: str, person: str | None, life: float) -> Message:
        """Tell of a watch's end without a card, by the ending's word; `life` is a watch's, in seconds."""
        hours = ngettext("{count} hour", "{count} hours", round(life / 3600)).format(count=f"{life / 3600:g}")
        sentence = _(watching.ENDINGS[ending]).format(
            id=fax_id, command=self.command, admin=self.whom_to_ask(), life=hours
        )
        return watching.ended(sentence, person)

    def whom_to_ask(self) -> str:
        """Name the administrators, in mrkdwn."""
        return words.any_of([f"<@{admin}>" for admin in self.admins]) if self.admins else _("an administrator")

    def usage(self) -> Message:
        """Say how to name a fax."""
        return guidance.usage(self.command, self.id_hint)

    def how_to_watch(self) -> Message:
        """Say how to name what is to be watched."""
        return guidance.usage(f"{self.command} watch", self.id_hint)

    def help(self, user_id: str) -> Message:
        """Say all that the command can do for this person."""
        return guidance.help_text(self.command, self.id_hint, for_an_admin=user_id in self.admins)

    def no_fax_id(self, word: str) -> Message:
        """Say that a word is no fax id, and what one looks like."""
        return guidance.no_fax_id(word, self.id_hint)

    def no_whole_id(self, word: str) -> Message:
        """Say that a word is nearly a fax id."""
        return guidance.no_whole_id(word, self.id_hint)

    def did_you_mean(self, word: str, nearest: str) -> Message:
        """Say that there is no such subcommand, and which one is nearest."""
        return guidance.did_you_mean(word, f"{self.command} {nearest}")
