"""What must outlive the process: which of Slack's events are done, and which faxes were unfurled where."""

from bot.store.address import database_url as database_url
from bot.store.claims import Lease as Lease
from bot.store.claims import Store as Store
from bot.store.claims import Taken as Taken
from bot.store.claims import open_store as open_store
from bot.store.database import SPANS as SPANS
from bot.store.database import Spans as Spans
from bot.store.problems import StoreUnreachable as StoreUnreachable
