"""A message as one person or everybody sees it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .rules import objects_in
from .wire import JsonObject


@dataclass(frozen=True, slots=True)
class Message:
    """A message at one moment: an edit makes a new value, and the old one stays as it was."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: Sequence[JsonObject] = ()
    thread_ts: str | None = None
    seen_only_by: str | None = None
    by_app: bool = False
    by_answer: bool = False
    """Posted by an ack or a response_url, so that `chat.update` and `chat.delete` do not reach it."""
    metadata: JsonObject | None = None
    unfurls: Mapping[str, Sequence[JsonObject]] = field(default_factory=dict)
    """The previews under the message: link as posted → blocks."""
    entities: Mapping[str, JsonObject] = field(default_factory=dict)
    """The Work Objects under the message: link as posted → entity."""
    edited: str | None = None

    @property
    def ephemeral(self) -> bool:
        """Whether one person alone sees it."""
        return self.seen_only_by is not None

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread, below the first message of it."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def words(self) -> str:
        """All that is to be read in the message, a line for each text: blocks take the place of `text`."""
        return "\n".join(words_in(self.blocks) if self.blocks else [self.text] if self.text else [])

    @property
    def buttons(self) -> list[str]:
        """What is written on the buttons of the message and its unfurls, in order."""
        return [element["text"]["text"] for _, element, _ in self.elements() if element["type"] == "button"]

    def elements(self) -> Iterator[tuple[int, JsonObject, str | None]]:
        """Give each element that can be pressed: the index of its block, itself, and the link it is an unfurl of."""
        for link, blocks in ((None, self.blocks), *self.unfurls.items()):
            yield from ((index, element, link) for index, element in elements_in(blocks))


def words_in(blocks: Sequence[JsonObject]) -> list[str]:
    """Give every text in the blocks, in reading order."""
    return [found["text"] for _, found in objects_in(list(blocks), "") if isinstance(found.get("text"), str)]


def elements_in(blocks: Sequence[JsonObject]) -> Iterator[tuple[int, JsonObject]]:
    """Give each element that can be pressed, with the index of its block."""
    for index, block in enumerate(blocks):
        yield from ((index, found) for _, found in objects_in(block, "") if "action_id" in found)
