"""Where the internet meets the bot: the edge, and the HTTP server that it is served by."""

from bot.server.edge import SLACK_PATH as SLACK_PATH
from bot.server.edge import Edge as Edge
from bot.server.http import MOST_CONNECTIONS as MOST_CONNECTIONS
from bot.server.http import CannotListen as CannotListen
from bot.server.http import listening_socket as listening_socket
from bot.server.http import serving as serving
from bot.server.load import Load as Load
