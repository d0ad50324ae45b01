"""Every setting, read once from the environment or `.env`; all mistakes are reported together, and no secret is shown.

The settings come in groups, so that each command asks only for what it needs: `lookup` for the fax server alone.
"""

from bot.settings.groups import GROUPS as GROUPS
from bot.settings.groups import HINTS as HINTS
from bot.settings.groups import BotSettings as BotSettings
from bot.settings.groups import DatabaseSettings as DatabaseSettings
from bot.settings.groups import Group as Group
from bot.settings.groups import Hint as Hint
from bot.settings.groups import LogSettings as LogSettings
from bot.settings.groups import McpSettings as McpSettings
from bot.settings.groups import ServeSettings as ServeSettings
from bot.settings.groups import SlackSettings as SlackSettings
from bot.settings.groups import StoneFaxSettings as StoneFaxSettings
from bot.settings.reading import Settings as Settings
from bot.settings.reading import SettingsMistake as SettingsMistake
from bot.settings.reading import complaint_about as complaint_about
from bot.settings.reading import read_settings as read_settings
from bot.settings.sources import environment as environment
from bot.settings.sources import where_settings_come_from as where_settings_come_from
