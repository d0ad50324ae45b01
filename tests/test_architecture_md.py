"""docs/architecture.md names every room, in the order of the layers."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_rooms_are_those_of_the_layers_in_their_order() -> None:
    """What import-linter holds is what a newcomer reads."""
    rooms = (ROOT / "docs" / "architecture.md").read_text().partition("## The rooms")[2].partition("\n## ")[0]
    told = [re.sub(r"\.py$", "", name).strip("/") for name in re.findall(r"`bot/([\w/.]+)`", rooms)]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [re.split(r"\s*[:|]\s*", layer.strip()) for layer in contracts[0]["layers"]]
    assert told == [room for rooms in layers for room in rooms]


def test_the_places_that_it_sends_to_exist() -> None:
    """Files and folders, in any of its tables."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    for place in re.findall(r"`((?:bot|handlers|playground|bench|tests)/[\w/.]*)`", text):
        assert (ROOT / place).exists(), place
