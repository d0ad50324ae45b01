"""The machine that the bot runs on: its ports, how much a process may open there, and whether a file stays."""

import asyncio
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from bot.doctor.database import sqlite_file
from bot.doctor.finding import Finding, fail, ok, skip, warn
from bot.doctor.questions import NoAnswer
from bot.doctor.visit import Visit
from bot.metrics import LOOPBACK
from bot.services import SOCKET_MODE_OFF, Health
from bot.settings import BotSettings, ServeSettings

EVERYWHERE: Mapping[str, str] = {"0.0.0.0": LOOPBACK, "::": "[::1]"}  # noqa: S104 - looked up, not listened on
"""Where somebody answers who listens everywhere."""
OTHER_FILES = 100
"""That the process has open besides its connections: log, database, libraries."""
PASSING = frozenset({"tmpfs", "ramfs", "overlay", "aufs"})
"""File systems that end with the machine, or with the container."""
PLATFORMS: Mapping[str, str] = {
    "DYNO": "Heroku",
    "K_SERVICE": "Cloud Run",
    "FLY_APP_NAME": "Fly.io",
    "RENDER": "Render",
    "RAILWAY_ENVIRONMENT": "Railway",
    "WEBSITE_INSTANCE_ID": "Azure App Service",
    "AWS_LAMBDA_FUNCTION_NAME": "AWS Lambda",
}
"""A variable that each platform sets, whose disks go with the process unless a volume is mounted."""
POSTGRESQL = "Set DATABASE_URL to a PostgreSQL, or put the file on a volume that stays."


async def port(visit: Visit) -> Finding:
    """Try HOST and PORT, or find the bot there."""
    if visit.setup.services:
        return readiness("This bot listens", stands(visit.setup.services.health))
    serve = visit.settings[ServeSettings]
    problem = unavailable(serve.host, serve.port)
    if problem is None:
        return ok(f"{serve.host}:{serve.port} is free." if serve.port else "PORT is 0: any port that is free.")
    host = EVERYWHERE.get(serve.host, f"[{serve.host}]" if ":" in serve.host else serve.host)
    try:
        ready = (await visit.questions.ask("GET", f"http://{host}:{serve.port}/readyz")).json
    except NoAnswer:
        ready = None
    if not isinstance(ready, dict) or not {"ready", "draining", "slack"} <= ready.keys():
        return fail(f"{serve.host}:{serve.port} cannot be had: {problem}.", "Set HOST and PORT, or stop what is there.")
    who = f"The bot answers at {serve.host}:{serve.port}"
    return readiness(who, ready)


def stands(health: Health) -> Mapping[str, object]:
    """Give how things stand as `/readyz` tells it."""
    return {
        "ready": health.ready,
        "draining": health.draining,
        "slack": health.slack_problem,
        "socket_mode": health.socket_mode,
        "database": health.database_problem,
    }


def readiness(who: str, told: Mapping[str, object]) -> Finding:
    """Say how a bot that runs sees itself; of Socket Mode nothing, where it is off."""
    parts = {name: told.get(name) or "ok" for name in ("slack", "socket_mode", "database")}
    if parts["socket_mode"] == SOCKET_MODE_OFF:
        del parts["socket_mode"]
    words = [f"{name.replace('_', ' ')} {word}" for name, word in parts.items()]
    words += ["stopping"] if told["draining"] else []
    if told["ready"]:
        return ok(f"{who}, and is ready: {', '.join(words)}.")
    remedy = "Wait until it has stopped." if told["draining"] else "See to what is not ok, and into its log."
    return warn(f"{who}, and is not ready: {', '.join(words)}.", remedy)


def unavailable(host: str, number: int) -> str | None:
    """Listen for a moment, and say why that cannot be done."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, number), family=family).close()
    except OSError as error:
        return os.strerror(error.errno) if error.errno and error.errno > 0 else "there is no such address here"
    return None


async def metrics_port(visit: Visit) -> Finding:
    """Try FAXBOT_METRICS_PORT, where there is no bot that has it."""
    number = visit.settings[ServeSettings].metrics_port
    if number is None:
        return skip("FAXBOT_METRICS_PORT is not set: no metrics.", "Set it to let Prometheus read them.")
    if visit.setup.services:
        return ok("This bot serves its metrics there.")
    if (problem := unavailable(LOOPBACK, number)) is None:
        return ok(f"{LOOPBACK}:{number} is free.")
    try:
        metrics = await visit.questions.ask("GET", f"http://{LOOPBACK}:{number}/metrics")
    except NoAnswer:
        metrics = None
    if metrics and b"faxbot_" in metrics.body:
        return ok(f"The bot serves its metrics at {LOOPBACK}:{number}.")
    return fail(f"{LOOPBACK}:{number} cannot be had: {problem}.", "Set FAXBOT_METRICS_PORT to a port that is free.")


async def descriptors(visit: Visit) -> Finding:
    """Hold what a process may have open against what the bot may want to."""
    may = visit.setup.machine.descriptors
    wants = visit.setup.bounds.most_connections + visit.settings[BotSettings].upstream_at_once + OTHER_FILES
    if may < 0 or may >= wants:
        return ok("The process may have as many connections as it takes.")
    return warn(
        f"The process may open {may} files and connections; with everything at once it wants {wants}.",
        f"Raise the limit: ulimit -n {wants}, or LimitNOFILE={wants} in systemd's unit.",
    )


async def disk(visit: Visit) -> Finding:
    """Look whether SQLite's file dies with the process: then watches are lost, and events answered twice."""
    file = sqlite_file(visit)
    if file is None:
        return ok("PostgreSQL outlives the process.")
    kind = await asyncio.to_thread(kind_of_disk, file.absolute().resolve(), visit.setup.machine.mounts)
    if kind in PASSING:
        return warn(f"SQLite's file is on {kind}, and goes when this machine or container does.", POSTGRESQL)
    platforms = [name for variable, name in PLATFORMS.items() if variable in visit.setup.machine.environ]
    if platforms:
        return warn(f"This is {platforms[0]}, where files go with the process unless a volume holds them.", POSTGRESQL)
    return ok("SQLite's file is on a disk that stays.")


def kind_of_disk(file: Path, mounts: Path) -> str | None:
    """Give the file system that holds a file, by the mount nearest to it (man 5 proc, mountinfo); None elsewhere."""
    if not mounts.is_file():
        return None
    kinds: dict[Path, str] = {}
    for line in mounts.read_text(errors="replace").splitlines():
        before, _, after = line.partition(" - ")
        if after and len(fields := before.split()) > 4:  # noqa: PLR2004 - the fifth is where it is mounted
            kinds[Path(fields[4].replace("\\040", " "))] = after.split()[0]
    return next((kinds[place] for place in (file, *file.parents) if place in kinds), None)
