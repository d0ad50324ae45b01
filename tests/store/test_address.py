"""DATABASE_URL as people write it, and what is said when it is wrong."""

import pytest

from bot.store import database_url


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("sqlite:///faxbot.db", "sqlite+aiosqlite:///faxbot.db"),
        ("sqlite:////var/lib/faxbot.db", "sqlite+aiosqlite:////var/lib/faxbot.db"),
        ("postgresql://bot:s3cret@db/faxbot", "postgresql+asyncpg://bot:s3cret@db/faxbot"),
        ("postgres://bot:p%40ss@db:5433/faxbot", "postgresql+asyncpg://bot:p%40ss@db:5433/faxbot"),
        ("postgres://db/faxbot?sslmode=require", "postgresql+asyncpg://db/faxbot?ssl=require"),
        ("postgresql:///faxbot?host=/run/postgresql", "postgresql+asyncpg:///faxbot?host=%2Frun%2Fpostgresql"),
    ],
)
def test_it_may_be_written_in_any_usual_way(written: str, taken: str) -> None:
    """What comes out may be put in again."""
    assert database_url(written) == taken
    assert database_url(taken) == taken


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "begins with"),
        ("faxbot.db", "begins with"),
        ("mysql://bot:s3cret@db/faxbot", "begins with"),
        ("postgresql+psycopg://bot:s3cret@db/faxbot", "begins with"),
        ("postgresql://bot:s3cret@db:port/faxbot", "begins with"),
        ("s3cret", "begins with"),
        ("postgres://bot:s3cret@db/faxbot?channel_binding=s3cret", "option channel_binding "),
        ("sqlite:///faxbot.db?mode=s3cret", "option mode "),
        ("sqlite://s3cret.db", "path of a file"),
        ("sqlite://", "path of a file"),
        ("sqlite:///:memory:", "path of a file"),
    ],
)
def test_a_wrong_one_is_refused_in_one_line_that_quotes_no_secret(written: str, complaint: str) -> None:
    """The line is shown to whoever set it, and in the log of the start."""
    with pytest.raises(ValueError, match=complaint) as refused:
        database_url(written)
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
