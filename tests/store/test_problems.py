"""A database that cannot be asked: told by kind and in time, and nothing of what was asked or of where."""

import asyncio
import sqlite3
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from bot.store import Spans, Store, StoreUnreachable, Taken, database_url, open_store
from tests.conftest import EmptyDatabase
from tests.store.conftest import leased

SECRET = "s3cret"
QUICK = Spans(question=0.3, opening=0.5)


async def problem_at_start(url: str) -> str:
    """Open the store in vain, and give the kind of problem."""
    with pytest.raises(StoreUnreachable) as raised:
        async with open_store(url, QUICK):
            pass
    assert SECRET not in "".join(traceback.format_exception(raised.value))
    return raised.value.problem


async def test_nobody_listens(unused_tcp_port: int) -> None:
    """A server that is down, or a wrong port."""
    url = database_url(f"postgresql://bot:{SECRET}@127.0.0.1:{unused_tcp_port}/faxbot")
    assert await problem_at_start(url) == "unreachable"


async def test_an_unknown_database_and_an_unknown_user(empty_postgresql: EmptyDatabase) -> None:
    """The address is right, but for one thing."""
    address = make_url(database_url(empty_postgresql()))
    nowhere = address.set(database=SECRET).render_as_string(hide_password=False)
    nobody = address.set(username=SECRET).render_as_string(hide_password=False)
    assert await problem_at_start(nowhere) == "missing"
    assert await problem_at_start(nobody) == "refused"


async def test_a_file_that_cannot_be_used(tmp_path: Path) -> None:
    """No folder, a folder in its place, or another kind of file."""
    (tmp_path / SECRET).write_text("This is a letter. " * 1000)
    assert await problem_at_start(database_url(f"sqlite:///{tmp_path / 'no' / SECRET}")) == "missing"
    assert await problem_at_start(database_url(f"sqlite:///{tmp_path}")) == "missing"
    assert await problem_at_start(database_url(f"sqlite:///{tmp_path / SECRET}")) == "damaged"


async def test_a_file_that_another_process_keeps_locked(tmp_path: Path, sqlite_url: str) -> None:
    """A claim gives up in time, says so without its event, and the next one is as good as ever."""
    async with open_store(sqlite_url, QUICK) as store:
        with closing(sqlite3.connect(tmp_path / "faxbot.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnreachable) as raised:
                await store.claim(SECRET)
            assert raised.value.problem == "busy"
            assert SECRET not in "".join(traceback.format_exception(raised.value))
            await store.ping()
        await leased(store, SECRET)


async def test_a_server_started_anew_is_found_again(empty_postgresql: EmptyDatabase) -> None:
    """The connections from before are dead, and nobody notices."""
    url = database_url(empty_postgresql())
    async with open_store(url) as store, open_store(url) as other:
        lease = await leased(store, "Ev1")
        async with other.engine.connect() as connection:
            others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
            await connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        await store.done(lease)
        assert await other.claim("Ev1") is Taken.DONE


class Wire:
    """A way to the server that can be cut without either end being told."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.ends: list[asyncio.StreamWriter] = []
        self.cut_at = b""
        self.whole = asyncio.Event()
        self.whole.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry a connection to the server and back."""
        there, back = await asyncio.open_unix_connection(str(self.socket))
        self.ends += (writer, back)
        await asyncio.gather(self.copy(reader, back), self.copy(there, writer))

    async def copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one direction, as long as the wire is whole."""
        while piece := await reader.read(65536):
            if self.cut_at and self.cut_at in piece:
                self.whole.clear()
            await self.whole.wait()
            writer.write(piece)
        writer.close()

    async def close(self) -> None:
        """Close every connection."""
        self.whole.set()
        for end in self.ends:
            end.close()
        await asyncio.gather(*(end.wait_closed() for end in self.ends), return_exceptions=True)


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """Lay a wire to a database, and give its address through it."""
    address = make_url(url)
    wire = Wire(Path(str(address.query["host"])) / ".s.PGSQL.5432")
    async with await asyncio.start_server(wire.carry, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        through = address.set(host="127.0.0.1", port=port, query={"ssl": "disable"})
        yield wire, through.render_as_string(hide_password=False)
        await wire.close()


async def test_a_server_that_says_nothing_is_not_waited_for(empty_postgresql: EmptyDatabase) -> None:
    """Connected, and then silence."""
    async with wire_to(database_url(empty_postgresql())) as (wire, url), asyncio.timeout(2):
        wire.whole.clear()
        assert await problem_at_start(url) == "slow"


@pytest.mark.parametrize("cut_at", [b"", b"INSERT"])
async def test_a_server_that_falls_silent_is_not_waited_for(empty_postgresql: EmptyDatabase, cut_at: bytes) -> None:
    """Between two questions or in the midst of one: it is given up in time, and afterwards all is well again."""
    async with wire_to(database_url(empty_postgresql())) as (wire, url), open_store(url, Spans(question=0.3)) as store:
        await leased(store, "Ev1")
        wire.cut_at = cut_at
        if not cut_at:
            wire.whole.clear()
        async with asyncio.timeout(3):
            assert await problem_of(store) == "slow"
        wire.cut_at = b""
        wire.whole.set()
        assert await store.claim("Ev1") is Taken.UNDER_WAY


async def problem_of(store: Store) -> str:
    """Ask the store in vain, and give the kind of problem."""
    with pytest.raises(StoreUnreachable) as raised:
        await store.claim(SECRET)
    assert SECRET not in "".join(traceback.format_exception(raised.value))
    return raised.value.problem
