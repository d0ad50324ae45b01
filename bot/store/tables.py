"""The tables as they are today; how they came to be is told in `bot/migrations/`."""

from sqlalchemy import Boolean, Column, Double, Index, Integer, MetaData, String, Table, UniqueConstraint

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
watches = Table(
    "watches",
    metadata,
    Column("id", String, primary_key=True, doc="Told to Slack with the reply, so that it can be found there again."),
    Column("fax_id", String, nullable=False),
    Column("person", String, nullable=False, index=True),
    Column("team", String, nullable=False),
    Column("asked_in", String, nullable=False, doc="The channel by which the policy judges at the end."),
    Column("place", String, nullable=False, doc="A message, an unfurl, or a direct message."),
    Column("channel", String, nullable=False),
    Column("ts", String, nullable=False, doc="Of the message; empty for a direct message: no two nulls are alike."),
    Column("thread_ts", String),
    Column("sharer", String, doc="Who shared the card that is edited at the end."),
    Column("link", String, doc="As it was posted, where an unfurl is renewed at the end."),
    Column("created", Double, nullable=False),
    Column("step", String, nullable=False, doc="How far it is: what was begun is written before it is done."),
    Column("ending", String, doc="What is to be told; null as long as it is waited for."),
    Column("doubt", String, doc="What the last look gave, where a second one is to confirm it."),
    Column("warned", Boolean, nullable=False, doc="Its person was told that the fax cannot be read."),
    Column("tries", Integer, nullable=False, doc="In vain and in a row, for the pauses to grow."),
    Column("sends", Integer, nullable=False, doc="Replies begun of which it is not known whether people see them."),
    Column("lease", String, doc="The token of whoever works on it; null: nobody."),
    Column("due", Double, nullable=False, doc="When it is worked on next; leased: when the lease lapses."),
    UniqueConstraint("fax_id", "channel", "ts", "person"),
    Index("ix_watches_step_due", "step", "due"),
)
