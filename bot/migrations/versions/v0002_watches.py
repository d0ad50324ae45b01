"""The watches: who is to be told where when a fax is final, and how far the telling is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "watches",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fax_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("asked_in", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=True),
        sa.Column("sharer", sa.String(), nullable=True),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("ending", sa.String(), nullable=True),
        sa.Column("doubt", sa.String(), nullable=True),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("due", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watches"),
        sa.UniqueConstraint("fax_id", "channel", "ts", "person", name="uq_watches_fax_id_channel_ts_person"),
    )
    op.create_index("ix_watches_step_due", "watches", ["step", "due"])
    op.create_index("ix_watches_person", "watches", ["person"])
