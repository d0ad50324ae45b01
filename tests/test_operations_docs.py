"""docs/operations.md and docs/alerts.yml say what the code does: each metric, audit line and alert."""

import asyncio
import json
import re
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise
from pathlib import Path

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.audit import Event
from bot.manifest import STEP
from bot.metrics import OF_WORKERS, Metrics
from bot.policy import Refusal
from bot.stonefax import FaxError
from bot.watches import Ending
from bot.watches.telling import REFUSED, UNSAID
from handlers.doctor import EXAMINED, NOT_ADMIN, TOO_OFTEN
from playground.slack.example import ANN, ANN_DM, BOB, GUEST, SHARED, SUPPORT
from tests.conftest import BUSY, UNKNOWN, Desk, Opening
from tests.presses import QUEUED, pressed, share
from tests.test_ways import WAYS, Case

DOCS = Path(__file__).parent.parent / "docs"
OPERATIONS = (DOCS / "operations.md").read_text()
RULES = [rule for group in yaml.safe_load((DOCS / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
OF_THE_LOG = {"event", "logger", "level", "timestamp"}
FROM_AN_ASSISTANT = "mcp"


def section(title: str) -> str:
    """Give what stands below a heading, to the next of any level."""
    return re.split(r"^#+ ", OPERATIONS.partition(f"# {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def rows(title: str) -> Iterator[list[str]]:
    """Give the rows of the tables below a heading, without their heads."""
    lines = section(title).splitlines()
    for above, line in pairwise(lines):
        if line.startswith("| ") and above.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def words(cell: str) -> set[str]:
    """Give what stands in backticks."""
    return set(re.findall(r"`([^`]+)`", cell))


def word(cell: str) -> str:
    """Give the one thing that stands in backticks."""
    (only,) = words(cell)
    return only


def metrics() -> dict[str, set[str]]:
    """Give each metric of the code by name, with its labels."""
    instruments = [one for one in vars(Metrics()).values() if hasattr(one, "_labelnames")]
    ours = {family.name: one for one in instruments for family in one.collect()}
    named = {name + ("_total" if one._type == "counter" else ""): set(one._labelnames) for name, one in ours.items()}
    return named | {name: set[str]() for name in OF_WORKERS}


def kinds(error: type[FaxError] = FaxError) -> Iterator[str]:
    """Give the kinds of all that can be wrong with the fax server."""
    for each in error.__subclasses__():
        yield each.kind
        yield from kinds(each)


OUTCOMES = {
    Event.LOOKED_UP: {"shown", EXAMINED},
    Event.NUMBER_SHOWN: {"shown"},
    Event.SHARED: {"shown_to_others"},
    Event.UNFURLED: {"shown_to_others"},
    Event.WATCH_TOLD: {*(ending.value for ending in Ending), UNSAID, REFUSED},
    Event.NOT_ANSWERED: set(kinds()),
    Event.REFUSED: {*(refusal.value for refusal in Refusal), "not_shareable", TOO_OFTEN, NOT_ADMIN},
}


def test_every_metric_is_documented_with_its_labels_and_no_other() -> None:
    """The table of metrics."""
    assert {word(cells[0]): words(cells[1]) for cells in rows("Metrics")} == metrics()


def test_every_alert_is_documented_and_no_other() -> None:
    """The table of alerts."""
    assert [word(cells[0]) for cells in rows("Alerts")] == [rule["alert"] for rule in RULES]


def test_the_alerts_are_rules_of_prometheus_about_metrics_that_there_are() -> None:
    """With labels that these have, and values that are told of."""
    known = metrics()
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"]
        named = re.findall(r"(faxbot_\w+)(?:\{([^}]*)\})?", rule["expr"])
        assert named
        for name, labels in named:
            metric = name if name in known else re.sub(r"_(count|sum|bucket)$", "", name)
            assert metric in known, name
            for label, values in re.findall(r'(\w+)[!=]=?~?"([^"]*)"', labels):
                assert label in known[metric] | {"le"}, rule["alert"]
                assert label == "le" or all(f"`{value}`" in OPERATIONS for value in values.split("|"))


def test_every_event_of_the_audit_log_is_documented_with_its_outcomes() -> None:
    """And has one example."""
    table = {cells[0]: cells for cells in rows("Audit")}
    for event in Event:
        assert words(table[f"`{event.value}`"][2]) == OUTCOMES[event], event
    assert [one["event"] for one in examples()] == [event.value for event in Event]


def examples() -> list[dict[str, object]]:
    """Give the example lines."""
    return [json.loads(line) for line in section("Audit").partition("```json\n")[2].partition("```")[0].splitlines()]


def documented(title: str) -> set[str]:
    """Give the values that a field of the audit log can have."""
    return next(words(cells[1]) for cells in rows("Audit") if cells[0] == f"`{title}`")


async def every_way(desk: Desk) -> None:
    """Ask by every way in; be refused, find nothing, and be told of a watch."""
    for way in WAYS.values():
        await way(desk, Case(ANN, SUPPORT))
    await WAYS["mention"](desk, Case(ANN, ANN_DM))
    await WAYS["share"](desk, Case(ANN, SHARED))
    await desk.ask(BUSY, user=GUEST)
    await desk.ask(UNKNOWN)
    await desk.ask("doctor")
    await desk.slack.open_home(GUEST)
    await desk.slack.run_step(STEP, fax_id=BUSY)
    desk.put(QUEUED, status="Queued")
    await pressed(desk, await share(desk, QUEUED), "watch", BOB)
    desk.put(QUEUED, status="Completed")


async def test_the_audit_log_and_the_metrics_are_as_documented(closed_desk: Desk, logged: StringIO) -> None:
    """By every way in: the events, their fields and ways in; in the metrics no label that is not a word told of."""

    def audited() -> list[dict[str, object]]:
        return [line for line in map(json.loads, logged.getvalue().splitlines()) if line["logger"] == "bot.audit"]

    closed_desk.settings |= {"FAXBOT_METRICS_PORT": "0", "FAXBOT_WORKFLOW_STEP": "yes"}
    async with Opening(closed_desk) as desk:
        await every_way(desk)
        async with asyncio.timeout(2):
            while "watch_told" not in logged.getvalue():  # noqa: ASYNC110 - it is a log
                await asyncio.sleep(0.02)
        port = re.findall(r'"port": (\d+), "event": "metrics"', logged.getvalue())[0]
        async with httpx.AsyncClient() as http:
            text = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
    by_event = {str(example["event"]): example for example in examples()}
    assert {str(line["event"]) for line in audited()} == set(by_event)
    fields = {name for cells in rows("Audit") for name in words(cells[0])} - set(by_event)
    for line in audited():
        assert set(line) == set(by_event[str(line["event"])]) == fields | OF_THE_LOG
    assert {str(line["way_in"]) for line in audited()} | {FROM_AN_ASSISTANT} == documented("way_in")
    labels = [
        (label, value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        for label, value in sample.labels.items()
        if label != "le"
    ]
    assert len(labels) > 20
    assert [value for _, value in labels if f"`{value}`" not in OPERATIONS] == []
