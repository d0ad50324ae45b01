"""Is everything as it should be, and what is to be done if not? One list of checks, for the terminal and for Slack.

examination   the list itself, and the way through it
check         what a check is                    finding   what it finds
visit         what is looked at                  reading   the settings, as far as they can be read
questions     one question over HTTP
settings · slack · people · samples · fax_server · fax_api · clock · database · machine   the checks
terminal      what was found, drawn
"""

from bot.doctor.check import Check as Check
from bot.doctor.examination import CHECKS as CHECKS
from bot.doctor.examination import Found as Found
from bot.doctor.examination import every_check as every_check
from bot.doctor.examination import examine as examine
from bot.doctor.finding import Finding as Finding
from bot.doctor.finding import State as State
from bot.doctor.reading import Reading as Reading
from bot.doctor.reading import read_what_can_be as read_what_can_be
from bot.doctor.visit import Bounds as Bounds
from bot.doctor.visit import Machine as Machine
from bot.doctor.visit import Setup as Setup
from bot.doctor.visit import setup_of as setup_of
