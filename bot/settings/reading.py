"""Settings out of names and values, or a line for everything that is wrong with them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TypeVar, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.settings.groups import GROUPS, HINTS, Group
from bot.settings.sources import Found

WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "bool_parsing": "must be yes or no",
}

OURS = ("STONEFAX_", "FAXBOT_")
"""What begins so is meant for Faxbot."""

SERVICE_LINK = re.compile(r"_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$")
"""Kubernetes sets such names in every pod, and where a service is called `faxbot` they begin as ours do."""

SECRETS = frozenset({"STONEFAX_PASSWORD"})
"""What may begin or end with a space, and mean it."""

GroupType = TypeVar("GroupType", bound=Group)


class SettingsMistake(Exception):
    """What is wrong with the settings: one line for each, fit to be read by whoever set them."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Settings:
    """The groups that were asked for: `settings[StoneFaxSettings].url`."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self.groups: Mapping[type[Group], Group] = {type(group): group for group in groups}

    def __getitem__(self, group: type[GroupType]) -> GroupType:
        return cast("GroupType", self.groups[group])


def read_settings(values: Mapping[str, str], *groups: type[Group]) -> Settings:
    """Read these groups; an empty value counts as unset. Raises SettingsMistake with a line for every mistake."""
    given = {name: value if name in SECRETS else value.strip() for name, value in values.items() if value.strip()}
    read: list[Group] = []
    lines = [*(values.complaints if isinstance(values, Found) else ()), *misnamed(given)]
    for group in groups:
        try:
            read.append(group.model_validate(given))
        except ValidationError as error:
            lines += [line_for(mistake, group) for mistake in error.errors(include_url=False, include_input=False)]
    if lines:
        raise SettingsMistake(lines)
    return Settings(read)


def line_for(mistake: ErrorDetails, group: type[Group]) -> str:
    """Say one mistake: the variable, what is wrong, an example, and where to get it."""
    place = str(mistake["loc"][0])
    # pydantic says where a value came from, but of a default, which nothing was read for, the field that it is for.
    name = str(group.model_fields[place].validation_alias) if place in group.model_fields else place
    return complaint_about(name, what_is_wrong(mistake))


def complaint_about(name: str, wrong: str) -> str:
    """Say what is wrong with a variable, with an example, and where to get it."""
    hint = HINTS.get(name)
    help_with_it = f" Example: {hint.example}. From: {hint.where}." if hint else ""
    return f"{name}: {wrong}.{help_with_it}"


def what_is_wrong(mistake: ErrorDetails) -> str:
    """Say it in our words: those of a check, or in place of pydantic's own."""
    if mistake["type"] == "literal_error":
        return f"must be {mistake['ctx']['expected']}".replace("'", "")
    return WORDS.get(mistake["type"], mistake["msg"].removeprefix("Value error, "))


def misnamed(given: Mapping[str, str]) -> Iterator[str]:
    """Give a line for each name that begins as ours do and is none, with the one that was likely meant."""
    names = {str(field.validation_alias) for group in GROUPS for field in group.model_fields.values()}
    for name in sorted(given.keys() - names):
        if name.upper().startswith(OURS) and not is_service_link(name, given[name]):
            meant = likely_meant(name.upper(), names)
            yield f"{name}: there is no such setting" + (f"; did you mean {meant}?" if meant else ".")


def is_service_link(name: str, value: str) -> bool:
    """Whether Kubernetes has set it; FAXBOT_PORT is one only as `tcp://10.0.0.1:80`."""
    return bool(SERVICE_LINK.search(name) or (name.endswith("_PORT") and "://" in value))


def likely_meant(name: str, names: Iterable[str]) -> str | None:
    """Find the setting with the nearest name; FAXBOT_LOG_LEVEL means LOG_LEVEL, but STONEFAX_HOST never HOST."""
    first_word = name.partition("_")[0]
    if first_word == "FAXBOT":
        everywhere = {without_first_words(one): one for one in names}
        if meant := everywhere.get(without_first_words(name)):
            return meant
    near_by = {without_first_words(one): one for one in names if one.startswith(first_word)}
    nearest = get_close_matches(without_first_words(name), near_by, n=1)
    return near_by[nearest[0]] if nearest else None


def without_first_words(name: str) -> str:
    """Leave out whom a name is meant for: what is left tells it from the others."""
    return re.sub(r"^((SLACK|STONEFAX|FAXBOT)_)+", "", name)
