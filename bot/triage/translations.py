"""Whether the tables of the other languages say what the English ones do, with every mistake named by file and line."""

from collections.abc import Mapping
from string import Formatter

from bot.languages import LANGUAGES
from bot.triage.reading import mistake
from bot.triage.sayings import Said, read, tables_in, words
from bot.triage.tables import NOTES, causes, families, hints


def check_translations() -> None:
    """Read and keep all tables of all languages, so that no mistake waits for a fax. Raises DataFileError."""
    for language in LANGUAGES:
        for file in tables_in(language):
            check(file, f"{language}/{file}", read(language, file))
        words(language)


def check(file: str, shown_as: str, rows: Mapping[int, Said]) -> None:
    """Raise DataFileError for a row that the English file has not, and for gaps that are not those of its sentence."""
    wanted = gaps_wanted(file)
    for line, said in rows.items():
        if said.key not in wanted:
            raise mistake(shown_as, line, f"“{said.key}” is in no row of {file}")
        for column, cell in said.cells.items():
            gaps = {gap for _, gap, _, _ in Formatter().parse(cell) if gap is not None}
            if strange := gaps - wanted[said.key]:
                raise mistake(shown_as, line, f"{column}: nothing fills {{{'}, {'.join(sorted(strange))}}}")
            if missing := wanted[said.key] - gaps:
                raise mistake(shown_as, line, f"{column}: {{{'}, {'.join(sorted(missing))}}} is missing")


def gaps_wanted(file: str) -> Mapping[str, frozenset[str]]:
    """Give the gaps that a translation must have, by the key of its row."""
    if file == "notes.tsv":
        return NOTES
    rows = (*families().values(), *causes().values(), *hints())
    return {row.key: frozenset() for row in rows if row.table == file}
