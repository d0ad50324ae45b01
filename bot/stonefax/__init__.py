"""The fax server: one documented GET, read tolerantly, its faults named by whose turn it is."""

from bot.stonefax.client import StoneFaxClient as StoneFaxClient
from bot.stonefax.client import open_client as open_client
from bot.stonefax.errors import FaxError as FaxError
from bot.stonefax.models import Fax as Fax
from bot.stonefax.models import Recipient as Recipient
from bot.stonefax.models import Status as Status
