"""A fax server on loopback that is as strict, and as ill-behaved, as the real ones.

async with StoneFaxServer(ANSWERS) as fax_server:
    fax_server.put("IAS-N1_401d6c8c07d6b7a_0", {"faxId": "IAS-N1_401d6c8c07d6b7a_0", "status": "Queued"})
    fax_server.rule("IAS-N1_401d6c8c07d6b7a_0", Rule(delay=2.5))
    fax_server.mood = Rule(status=503, retry_after=30)
    ...
    await fax_server.until(lambda: fax_server.count("IAS-N1_401d6c8c07d6b7a_0") == 1)
"""

from playground.stonefax.answers import ANSWERS, AnswersUnreadable, Exhibit, exhibits
from playground.stonefax.records import Answered, Received
from playground.stonefax.rules import FINE, Break, Drip, Rule
from playground.stonefax.server import StoneFaxServer

__all__ = [
    "ANSWERS",
    "FINE",
    "Answered",
    "AnswersUnreadable",
    "Break",
    "Drip",
    "Exhibit",
    "Received",
    "Rule",
    "StoneFaxServer",
    "exhibits",
]
