"""The flexpanes that people have open beside their messages, one each, and the triggers by which they are drawn."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .wire import JsonObject


@dataclass(frozen=True, slots=True)
class Pane:
    """What one person has open: which link's entity, below which message, and what it shows, if anything yet."""

    user: str
    channel: str
    message_ts: str
    thread_ts: str | None
    entity: JsonObject
    """As it stands below the link."""
    metadata: JsonObject | None = None
    error: JsonObject | None = None

    @property
    def actions(self) -> list[JsonObject]:
        """The buttons that the pane shows."""
        if self.error:
            return list(self.error.get("actions", []))
        rows = self.metadata["entity_payload"].get("actions", {}) if self.metadata else {}
        return [action for row in rows.values() for action in row]

    def words(self) -> str:
        """Give all that is to be read in the pane, a line each."""
        if self.error:
            return "\n".join(str(self.error.get(key, "")) for key in ("status", "custom_title", "custom_message"))
        if self.metadata is None:
            return ""
        payload = self.metadata["entity_payload"]
        lines = [f"{field['label']}: {field['value']}" for field in payload.get("custom_fields", [])]
        return "\n".join([payload["attributes"]["title"]["text"], *lines])


@dataclass
class Panes:
    """The open panes, by person, and whose pane each trigger_id draws."""

    open: dict[str, Pane] = field(default_factory=dict)
    on_change: list[Callable[[Pane], None]] = field(default_factory=list)
    """Who is told of each pane, as it is opened and drawn."""
    _by_trigger: dict[str, Pane] = field(default_factory=dict)

    def show(self, pane: Pane) -> None:
        """Put a pane in the place of the one that the person had open."""
        self.open[pane.user] = pane
        for told in self.on_change:
            told(pane)

    def expect(self, trigger_id: str, pane: Pane) -> None:
        """Note that this trigger draws that pane."""
        self._by_trigger[trigger_id] = pane

    def behind(self, trigger_id: str) -> Pane | None:
        """Give the pane that a trigger draws."""
        return self._by_trigger.get(trigger_id)

    def draw(self, pane: Pane, metadata: JsonObject | None, error: JsonObject | None) -> None:
        """Draw a pane, unless the person has another one open by now."""
        now = self.open.get(pane.user)
        if now and now.entity == pane.entity:
            self.show(replace(now, metadata=metadata, error=error))
