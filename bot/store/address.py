"""DATABASE_URL as people write it, turned into what the database's driver is called by."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
OPTIONS = {"host": "host", "ssl": "ssl", "sslmode": "ssl"}
"""What may follow the `?` of a PostgreSQL address, and what its driver calls it."""


def database_url(text: str) -> str:
    """Turn an address as people write it into the one that `open_store` takes.

    Raises ValueError that says what is wrong and quotes nothing but an option's name.
    """
    try:
        url = make_url(text)
    except (SQLAlchemyError, ValueError):
        url = URL.create("unreadable")
    if url.drivername not in DRIVERS:
        message = "it must be an address that begins with sqlite:/// or postgresql://"
        raise ValueError(message)
    options = {} if url.drivername.startswith("sqlite") else OPTIONS
    if unknown := sorted(set(url.query) - set(options)):
        message = f"the option {unknown[0]} is not known here"
        raise ValueError(message)
    if url.drivername.startswith("sqlite") and (url.host or url.database in {None, "", ":memory:"}):
        message = "after sqlite:/// comes the path of a file; an absolute one makes it four slashes"
        raise ValueError(message)
    query = {options[name]: value for name, value in url.query.items()}
    return url.set(drivername=DRIVERS[url.drivername], query=query).render_as_string(hide_password=False)
