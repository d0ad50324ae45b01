"""Where Slack meets the bot: by HTTP, at an edge that anybody can knock at, or by WebSockets that the bot opens."""

from bot.server.edge import SLACK_PATH as SLACK_PATH
from bot.server.edge import Edge as Edge
from bot.server.http import MOST_CONNECTIONS as MOST_CONNECTIONS
from bot.server.http import CannotListen as CannotListen
from bot.server.http import listening_socket as listening_socket
from bot.server.http import serving as serving
from bot.server.intake import Intake as Intake
from bot.server.load import Load as Load
from bot.server.socket_mode import Pauses as Pauses
from bot.server.socket_mode import socket_mode as socket_mode
from bot.server.workers import NoWorkerBegan as NoWorkerBegan
from bot.server.workers import Post as Post
from bot.server.workers import Workers as Workers
from bot.server.workers import orphaned as orphaned
