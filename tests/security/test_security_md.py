"""SECURITY.md: each line of its threat model names tests, and they are there."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
PAGE = (TESTS.parent / "SECURITY.md").read_text()
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
LONGEST = 1200
"""Words of one printed page, the table's among them."""


def threats() -> list[list[str]]:
    """Give the cells of each line of the threat model."""
    rows = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| ")]
    head, *lines = ([cell.strip() for cell in row] for row in rows)
    assert head == ["threat", "what holds it", "test"]
    return lines


def names_in(file: Path) -> set[str]:
    """Give the names of the tests in a file, without importing it."""
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in ast.parse(file.read_text()).body if isinstance(node, functions)}


def test_each_threat_names_tests_that_exist() -> None:
    """A test that was renamed or taken away must not be promised any longer."""
    lines = threats()
    assert len(lines) >= 15
    for threat, held_by, named in lines:
        tests = NAMED.findall(named)
        assert held_by, threat
        assert tests, threat
        for file, test in tests:
            assert test.startswith("test_")
            assert test in names_in(TESTS / file), f"{threat}: {file}::{test}"


def test_each_module_of_this_folder_holds_some_threat() -> None:
    """What is tried here and named nowhere would be missed by whoever reads the page."""
    modules = {f"security/{file.name}" for file in Path(__file__).parent.glob("test_*.py")}
    assert modules - {f"security/{Path(__file__).name}"} <= {file for file, _ in NAMED.findall(PAGE)}


def test_it_is_one_page() -> None:
    """Longer pages are not read."""
    assert len(re.sub(NAMED, "", PAGE).split()) < LONGEST
