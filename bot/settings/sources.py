"""Where settings come from: the environment, and a `.env` beside it."""

import os
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

# `dotenv_values` only logs what it cannot parse; the parser under it says where that is.
from dotenv.parser import Binding, parse_stream

ENV_FILE = Path(".env")
FROM_SLACK_CLI: Mapping[str, str] = {"SLACK_CLI_XOXB": "SLACK_BOT_TOKEN", "SLACK_CLI_XAPP": "SLACK_APP_TOKEN"}
"""What `slack run` sets for the app that it has just installed, and our names for it; it goes before all else."""
RENAMED: Mapping[str, str] = {}
"""Names that earlier versions read, and what each is called now: they go on working, with a warning."""


class Found(dict[str, str]):
    """What is set, by name, a line for all in the file that could not be read, and one for each name that is old."""

    def __init__(
        self, values: Mapping[str, str], complaints: tuple[str, ...] = (), renamed: Mapping[str, str] = RENAMED
    ) -> None:
        super().__init__(values)
        self.complaints = complaints
        old = [name for name in renamed if name in self]
        self.warnings = tuple(f"{name} is now called {renamed[name]}; the old name still works." for name in old)
        for name in old:
            self[renamed[name]] = self.get(renamed[name]) or self[name]
            del self[name]
        self.update({ours: self[theirs] for theirs, ours in FROM_SLACK_CLI.items() if self.get(theirs)})


def environment(env_file: Path = ENV_FILE) -> Found:
    """Give what is set, in the environment or else in the file; a `$` in a password is a `$`."""
    try:
        # Editors on Windows put a byte order mark first.
        text = env_file.read_text(encoding="utf-8-sig") if is_there(env_file) else ""
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return Found(os.environ, (f"{env_file.name}: cannot be read: {why}.",))
    statements = [one for one in parse_stream(StringIO(text)) if one.error or one.key]
    in_file = {one.key: one.value for one in statements if one.key and one.value}
    return Found({**in_file, **os.environ}, tuple(complaints(env_file.name, statements)))


def where_settings_come_from(env_file: Path = ENV_FILE) -> str:
    """Say where `environment` looks, and whether there is a file."""
    path = env_file.absolute()
    return f"environment, and {path}" if is_there(path) else f"environment; there is no {path.name} in {path.parent}"


def is_there(env_file: Path) -> bool:
    """Whether there is such a file: password managers serve it as a pipe, and a directory may be a virtualenv."""
    return env_file.is_file() or env_file.is_fifo()


def complaints(file_name: str, statements: list[Binding]) -> Iterator[str]:
    """Give a line for each statement that sets nothing; it may be a slip in a secret, so it is not quoted."""
    for one in statements:
        if one.error or one.value is None or not re.fullmatch(r"[\w.-]+", one.key or ""):
            written = one.original.string
            # The parser counts from the blank lines before a statement.
            line = one.original.line + written.removesuffix(written.lstrip()).count("\n")
            yield f"{file_name}, line {line}: not NAME=value. Example: STONEFAX_PASSWORD='with a # in it'."
