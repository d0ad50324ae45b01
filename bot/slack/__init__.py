"""The workspace: what is asked of Slack, and what is brought to it."""

from bot.slack.calls import ENTITY_NOT_TAKEN as ENTITY_NOT_TAKEN
from bot.slack.calls import HISTORY_CLOSED as HISTORY_CLOSED
from bot.slack.calls import MESSAGE_GONE as MESSAGE_GONE
from bot.slack.calls import NOBODY_THERE as NOBODY_THERE
from bot.slack.calls import NOT_TAKEN as NOT_TAKEN
from bot.slack.calls import TOKEN_REFUSED as TOKEN_REFUSED
from bot.slack.calls import SlackUnreachable as SlackUnreachable
from bot.slack.people import Identity as Identity
from bot.slack.people import is_direct as is_direct
from bot.slack.steps import STEP_OVER as STEP_OVER
from bot.slack.steps import Step as Step
from bot.slack.steps import complete as complete
from bot.slack.steps import fail as fail
from bot.slack.workspace import ReplyTo as ReplyTo
from bot.slack.workspace import Slack as Slack
from bot.slack.workspace import open_slack as open_slack
from bot.slack.workspace import way_to_slack as way_to_slack
