"""The tables as they are today; how they came to be is told in `bot/migrations/`."""

from sqlalchemy import Column, Double, MetaData, String, Table

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every constraint has a name that both databases agree on, so that a later migration can change it."""

events = Table(
    "events",
    metadata,
    Column("event_id", String, primary_key=True),
    Column("lease", String, doc="The token of whoever works on it; null: done."),
    Column("until", Double, nullable=False, index=True, doc="When the lease lapses; done: when it may be forgotten."),
)
unfurls = Table(
    "unfurls",
    metadata,
    Column("channel_id", String, primary_key=True),
    Column("fax_id", String, primary_key=True),
    Column("event_id", String, nullable=False, doc="The event that unfurled it, which may try again."),
    Column("until", Double, nullable=False, index=True, doc="When it may be unfurled there again."),
)
