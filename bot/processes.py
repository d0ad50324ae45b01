"""The bot as a process, or as several on one port: `faxbot serve` from its settings to its exit code."""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog
import uvloop

from bot.app import read_the_tables, running_bot
from bot.metrics import figures_of_workers, folder_for_workers, forget_process, remove_figures, serving_metrics
from bot.server import Post, Workers, listening_socket, orphaned
from bot.settings import (
    BotSettings,
    DatabaseSettings,
    LogSettings,
    ServeSettings,
    Settings,
    SlackSettings,
    StoneFaxSettings,
)
from bot.store import StoreUnreachable, database_url, open_store
from bot.telemetry import configure_logging

NEEDED = (SlackSettings, StoneFaxSettings, BotSettings, ServeSettings, DatabaseSettings, LogSettings)
ENDED_WELL, ENDED_BADLY, CANNOT_BEGIN = 0, 1, 2

log = structlog.get_logger(__name__)


async def serve_alone(settings: Settings) -> None:
    """Serve in this process until SIGTERM or SIGINT, then stop cleanly; a second one stops at once."""
    stop = told_to_stop()
    async with running_bot(settings):
        leave_out_what_stays()
        await stop.wait()


def leave_out_what_stays() -> None:
    """Let the garbage collector no more go through all that was made by the start: it held answers up for 60 ms."""
    gc.collect()
    gc.freeze()


def told_to_stop(at_once: Callable[[], None] = lambda: None) -> asyncio.Event:
    """Give what is set by SIGTERM or SIGINT; a second one ends the process at once, after `at_once`."""
    stop = asyncio.Event()

    def told() -> None:
        if stop.is_set():
            at_once()
            os._exit(ENDED_BADLY)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    return stop


async def serve_by_workers(settings: Settings, count: int) -> int:
    """Serve by so many processes until told to stop, and give the exit code; what would stop each is found here, once.

    Raises CannotListen, CannotServeMetrics, StoreUnreachable, DataFileError, CatalogMistake, NoWorkerBegan.
    """
    serve = settings[ServeSettings]
    read_the_tables()
    with listening_socket(serve.host, serve.port) as listener, folder_for_workers(serve.metrics_port) as folder:
        # As they were read once: a worker that replaces another must not be of another mind than the rest.
        workers = Workers(count, partial(work, settings), listener, lambda pid: forget_process(folder, pid))
        told = {
            "faxbot_workers": lambda: float(len(workers.running)),
            "faxbot_workers_replaced_total": lambda: float(workers.replaced),
        }
        with serving_metrics(serve.metrics_port, figures_of_workers(folder, told)):
            # The migrations: processes take turns at them, but where one fails all would, and each would say so.
            async with open_store(database_url(settings[DatabaseSettings].url.get_secret_value())):
                pass

            def at_once() -> None:
                workers.kill()
                remove_figures(folder)

            stop = told_to_stop(at_once)
            log.info("listening", host=serve.host, port=listener.getsockname()[1], workers=count)
            return ENDED_WELL if await workers.run(stop) else ENDED_BADLY


def work(settings: Settings, post: Post, listener: socket.socket) -> None:
    """Be one worker: serve by the settings of whoever started it, until told to stop."""
    # Ctrl-C goes to all processes of a terminal; whoever started this one passes it on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(exit_code_of(settings, post, listener))


def exit_code_of(settings: Settings, post: Post, listener: socket.socket) -> int:
    """Serve, and say how it went; whatever went wrong is in the log, by type and place."""
    configure_logging(settings[LogSettings], worker=os.getpid())
    try:
        uvloop.run(serve_a_share(post, listener, settings))
    except StoreUnreachable as error:
        log.error("a worker cannot begin", problems=[str(error)])  # noqa: TRY400 - the sentence says it all
    except Exception:
        log.exception("a worker broke")
    else:
        return ENDED_WELL
    return CANNOT_BEGIN


async def serve_a_share(post: Post, listener: socket.socket, settings: Settings) -> None:
    """Serve the socket with this worker's part of what all may do at once, until SIGTERM, however often, or alone."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    left = asyncio.create_task(orphaned())
    left.add_done_callback(lambda _: stop.set())
    try:
        async with running_bot(share_of(settings, post), listener=listener, cpu=cpu_share(post.of), metrics=False):
            leave_out_what_stays()
            with suppress(BrokenPipeError):
                post.begun.send(None)
            await stop.wait()
    finally:
        left.cancel()


def share_of(settings: Settings, post: Post) -> Settings:
    """Divide what protects the fax server among the workers."""
    bot = settings[BotSettings]
    return Settings(
        [
            *settings.groups.values(),
            bot.model_copy(update={"upstream_at_once": post.share(bot.upstream_at_once)}),
        ]
    )


def cpu_share(workers: int) -> float:
    """Give how much of one CPU each has where all are busy."""
    return min(1.0, (os.cpu_count() or 1) / workers)
