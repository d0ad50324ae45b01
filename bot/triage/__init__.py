"""Why a fax failed, whose problem it most likely is, and what to do now."""

from bot.triage.failure import Cause as Cause
from bot.triage.failure import Failure as Failure
from bot.triage.failure import SendAgain as SendAgain
from bot.triage.failure import Side as Side
from bot.triage.judgement import judge as judge
from bot.triage.reading import DataFileError as DataFileError
from bot.triage.times import in_words as in_words
from bot.triage.times import seconds_on_line as seconds_on_line
from bot.triage.times import seconds_waited as seconds_waited
from bot.triage.translations import check_translations as check_translations
