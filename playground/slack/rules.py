"""The small language in which the rules of Block Kit are written: what a value must be, and what is said if it is not.

A rule takes a value, the JSON pointer to it and the list of errors so far; it adds to the list and returns nothing.
The sentences are Slack's own, as its Web API writes them into `response_metadata.messages`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .wire import JsonObject


@dataclass(frozen=True, slots=True)
class BlockError:
    """One thing wrong with the blocks: where (a JSON pointer), and what."""

    pointer: str
    message: str
    code: str = "failed_constraint"
    constraint: tuple[str, object] | None = None

    def as_json(self) -> JsonObject:
        """Give the error as `blocks.validate` does."""
        error: JsonObject = {"pointer": self.pointer, "code": self.code, "message": self.message}
        if self.constraint:
            kind, expected = self.constraint
            error["constraint"] = {"type": kind, "expected": expected}
        return error

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


Errors: TypeAlias = list[BlockError]
Rule: TypeAlias = Callable[[object, str, Errors], None]


def _wrong_type(name: str, at: str, errors: Errors) -> None:
    errors.append(BlockError(at, f"must provide {name}", "invalid_type"))


def _between(low: int, high: int, too_little: str, too_much: str) -> Callable[[int, str, Errors], None]:
    """Give the check of a length or a count against its limits, with what is said below and above them."""

    def check(number: int, at: str, errors: Errors) -> None:
        if number < low:
            errors.append(BlockError(at, too_little, constraint=("minimum", low)))
        elif number > high:
            errors.append(BlockError(at, too_much, constraint=("maximum", high)))

    return check


def string(longest: int, *, shortest: int = 1, like: str | None = None) -> Rule:
    """Give the rule for a string of `shortest` to `longest` characters that matches the pattern `like`."""
    pattern = re.compile(like) if like else None
    too_short, too_long = f"must be more than {shortest - 1} characters", f"must be less than {longest + 1} characters"
    length = _between(shortest, longest, too_short, too_long)

    def rule(value: object, at: str, errors: Errors) -> None:
        if not isinstance(value, str):
            _wrong_type("a string", at, errors)
            return
        length(len(value), at, errors)
        if pattern and not pattern.fullmatch(value):
            errors.append(BlockError(at, f"must match {pattern.pattern}", constraint=("pattern", pattern.pattern)))

    return rule


def one_of(*values: str) -> Rule:
    """Give the rule for an enum."""

    def rule(value: object, at: str, errors: Errors) -> None:
        if value not in values:
            errors.append(BlockError(at, "must be a valid enum value", constraint=("enum", list(values))))

    return rule


def boolean(value: object, at: str, errors: Errors) -> None:
    """Is a rule itself: true or false, and not the words for them."""
    if not isinstance(value, bool):
        _wrong_type("a boolean", at, errors)


def integer(low: int, high: int) -> Rule:
    """Give the rule for a whole number from `low` to `high`."""
    size = _between(low, high, f"must be at least {low}", f"must be at most {high}")

    def rule(value: object, at: str, errors: Errors) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            _wrong_type("a number", at, errors)
        else:
            size(value, at, errors)

    return rule


def array(item: Rule, *, most: int, least: int = 1) -> Rule:
    """Give the rule for an array of `least` to `most` things that each follow the rule `item`."""
    count = _between(least, most, f"no fewer than {least} items allowed", f"no more than {most} items allowed")

    def rule(value: object, at: str, errors: Errors) -> None:
        if not isinstance(value, list):
            _wrong_type("an array", at, errors)
            return
        count(len(value), at, errors)
        for index, element in enumerate(value):
            item(element, f"{at}/{index}", errors)

    return rule


def fields(
    required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None, *, any_of: Sequence[str] = ()
) -> Rule:
    """Give the rule for an object: fields it must have, fields it may have, fields of which it needs at least one."""
    rules = {**(optional or {}), **required}

    def rule(value: object, at: str, errors: Errors) -> None:
        if not isinstance(value, dict):
            _wrong_type("an object", at, errors)
            return
        for name, field in value.items():
            if name in rules:
                rules[name](field, f"{at}/{name}", errors)
            else:
                errors.append(BlockError(at, f"invalid additional property: {name}", "invalid_additional_property"))
        missing = [name for name in required if name not in value]
        if any_of and not any(name in value for name in any_of):
            missing.append(" or ".join(any_of))
        errors.extend(BlockError(at, f"missing required field: {name}", "missing_required_field") for name in missing)

    return rule


def by_type(kinds: Mapping[str, Rule]) -> Rule:
    """Give the rule for an object whose `type` says which of several rules it follows."""

    def rule(value: object, at: str, errors: Errors) -> None:
        if not isinstance(value, dict):
            _wrong_type("an object", at, errors)
        elif "type" not in value:
            errors.append(BlockError(at, "missing required field: type", "missing_required_field"))
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            said = f"unsupported type: {value['type']}"
            errors.append(BlockError(f"{at}/type", said, constraint=("enum", sorted(kinds))))
        else:
            kinds[value["type"]](value, at, errors)

    return rule


def never_both(rule: Rule, one: str, other: str) -> Rule:
    """Give the rule `rule`, with two fields that exclude each other."""

    def both(value: object, at: str, errors: Errors) -> None:
        rule(value, at, errors)
        if isinstance(value, dict) and one in value and other in value:
            errors.append(BlockError(at, f"only one of {one} and {other} allowed", constraint=("one_of", [one, other])))

    return both


def settled(_value: object, _at: str, _errors: Errors) -> None:
    """Is the rule of a field that another rule has read already, as `by_type` the `type`."""


def objects_in(value: object, at: str) -> Iterator[tuple[str, JsonObject]]:
    """Walk through every object at any depth, with the JSON pointer to it."""
    if isinstance(value, dict):
        yield at, value
        for name, field in value.items():
            if isinstance(field, dict | list):
                yield from objects_in(field, f"{at}/{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from objects_in(item, f"{at}/{index}")
