"""The watches: "tell me when it is final", once, even where the bot was killed in between.

    start ──▶ the table ◀── taken by whichever process is there, a fax at a time, under a lease
                 │
                 ├── asking    one poll for all who wait for a fax: what became of it?
                 └── telling   each step written before it is taken, so that nothing is told twice

watch      what a watch is, how far it can be, and the rhythm of it all
effects    what the watches do to the world
rows       the table, as people know it: started, stopped, listed, counted
leases     the table, as the work knows it: taken, written about, given back
together   many small writes in one go
engine     the loop of one process
"""

from bot.watches.effects import Effects as Effects
from bot.watches.effects import GoesOn as GoesOn
from bot.watches.effects import PlaceGone as PlaceGone
from bot.watches.effects import Polled as Polled
from bot.watches.effects import TokenRevoked as TokenRevoked
from bot.watches.effects import TryLater as TryLater
from bot.watches.effects import Verdict as Verdict
from bot.watches.engine import Watches as Watches
from bot.watches.watch import Counts as Counts
from bot.watches.watch import Ending as Ending
from bot.watches.watch import InDirectMessage as InDirectMessage
from bot.watches.watch import OnMessage as OnMessage
from bot.watches.watch import OnUnfurl as OnUnfurl
from bot.watches.watch import Place as Place
from bot.watches.watch import Rhythm as Rhythm
from bot.watches.watch import Started as Started
from bot.watches.watch import Watch as Watch
