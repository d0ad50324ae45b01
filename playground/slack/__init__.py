"""A Slack as strict as the real one, on real HTTP: its Web API, its requests to the bot, and what people see.

`SlackServer` is the way in; `example_workspace` gives it people and channels, which `example` has names for.
"""

from .example import example_workspace
from .messages import Message
from .rates import NO_LIMITS, SLACK_LIMITS, Limits
from .records import Call, Delivery, ResponsePost
from .server import SlackServer
from .stage import CannotDo
from .views import View
from .workspace import Workspace

__all__ = [
    "NO_LIMITS",
    "SLACK_LIMITS",
    "Call",
    "CannotDo",
    "Delivery",
    "Limits",
    "Message",
    "ResponsePost",
    "SlackServer",
    "View",
    "Workspace",
    "example_workspace",
]
