"""How a data file of this room is read: a table under a header, with every mistake named by file and line."""

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Annotated, TypeVar

from pydantic import BaseModel, StringConstraints, ValidationError

Row = TypeVar("Row", bound=BaseModel)
Key = TypeVar("Key")

Filled = Annotated[str, StringConstraints(min_length=1)]


class DataFileError(ValueError):
    """A mistake in a data file: the text names file, line and column."""


def parsed(file: str, text: str, row: type[Row]) -> dict[int, Row]:
    """Read a table of tab-separated columns under a header, `#` for comments: line number → row.

    Raises DataFileError.
    """
    wanted = [field.alias or name for name, field in row.model_fields.items()]
    header: list[str] | None = None
    rows: dict[int, Row] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#") or not line.strip():
            continue
        cells = line.split("\t")
        if header is None:
            header = cells
            if sorted(header) != sorted(wanted):
                raise mistake(file, number, f"the columns are {', '.join(header)}; wanted: {', '.join(wanted)}")
            continue
        if len(cells) != len(header):
            raise mistake(file, number, f"{len(cells)} columns, but the header has {len(header)}")
        try:
            rows[number] = row.model_validate(dict(zip(header, cells, strict=True)))
        except ValidationError as wrong:
            first = wrong.errors(include_url=False)[0]
            column = f"{first['loc'][0]}: " if first["loc"] else ""
            raise mistake(file, number, f"{column}{first['msg']}") from wrong
    return rows


def mistake(file: str, line: int, what: str) -> DataFileError:
    """Name the place of a mistake."""
    return DataFileError(f"{file}, line {line}: {what}")


def keyed(file: str, rows: Mapping[int, Row], key: Callable[[Row], Key]) -> dict[Key, Row]:
    """Give the rows by their key. Raises DataFileError for one that is there twice."""
    by_key: dict[Key, Row] = {}
    for number, row in rows.items():
        if key(row) in by_key:
            raise mistake(file, number, f"“{key(row)}” is there twice")
        by_key[key(row)] = row
    return by_key


def exists(file: str) -> bool:
    """Say whether this package has a data file."""
    return files("bot.triage").joinpath(file).is_file()


def contents(file: str) -> str:
    """Give the text of a data file of this package."""
    return files("bot.triage").joinpath(file).read_text(encoding="utf-8")
