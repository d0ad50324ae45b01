"""The app itself: where its next WebSocket goes."""

from playground.slack.wire import JsonObject

from .asked import Asked


def connections_open(asked: Asked) -> JsonObject:
    """Give the address of one connection of Socket Mode."""
    return {"ok": True, "url": asked.parts.sockets.address()}
