"""The first tables: which of Slack's events are under way or done, and what was unfurled where."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "events",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_events"),
    )
    op.create_index("ix_events_until", "events", ["until"])
    op.create_table(
        "unfurls",
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("fax_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "fax_id", name="pk_unfurls"),
    )
    op.create_index("ix_unfurls_until", "unfurls", ["until"])
