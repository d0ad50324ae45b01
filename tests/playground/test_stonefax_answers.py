"""The answers that come with the playground are what their index says, and mistakes in a folder are named."""

import json
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest

from playground.stonefax import ANSWERS, AnswersUnreadable, StoneFaxServer, exhibits
from tests.playground.stonefax_wire import FAX, ask

FAX_ID = re.compile(r"IAS-N[12]_([0-9a-f]{15}|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12})_0")
LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}")
FIELDS = {
    "__type",
    "detailedStatus",
    "endTime",
    "failureReason",
    "faxId",
    "numberOfPages",
    "Q931Code",
    "recipient",
    "serverName",
    "size",
    "startTime",
    "status",
    "subject",
    "submitTime",
    "username",
}


def faxes() -> dict[str, dict[str, object]]:
    """Read the fax in each answer that has one, by id."""
    answers = {file.stem: json.loads(file.read_text("utf-8")) for file in ANSWERS.glob("*_0.json")}
    return {fax_id: answer.get("fax", answer) for fax_id, answer in answers.items()}


def shown(what: str) -> str:
    """Find the id of the one exhibit that shows this."""
    (fax_id,) = (exhibit.id for exhibit in exhibits() if exhibit.shows.startswith(what))
    return fax_id


def test_the_index_names_every_fax_once() -> None:
    """No file without a line, no line without a file, and ids in the form of real ones."""
    ids = [exhibit.id for exhibit in exhibits()]
    files = {re.sub(r"(\.rule)?\.json$", "", file.name) for file in ANSWERS.glob("*.json")} - {"index"}
    assert sorted(ids) == sorted(files)
    assert [fax_id for fax_id in ids if not FAX_ID.fullmatch(fax_id)] == []
    assert len({exhibit.shows for exhibit in exhibits()}) == len(ids)


def test_the_answers_have_the_documented_fields() -> None:
    """All of them, or nothing but the id; only the documented example names another fax."""
    assert {frozenset(fax) for fax in faxes().values()} == {frozenset(FIELDS), frozenset({"faxId"})}
    assert [fax_id for fax_id, fax in faxes().items() if fax["faxId"] not in {fax_id, None}] == [
        shown("delivered: the documented answer as it stands")
    ]


def test_the_times_are_those_of_the_server() -> None:
    """Local, with seven fraction digits and no offset; submitted before started before ended."""
    for fax in faxes().values():
        times = [cast("str", fax[name]) for name in ("submitTime", "startTime", "endTime") if fax.get(name)]
        assert all(LOCAL_TIME.fullmatch(written) for written in times), fax["faxId"]
        assert all(earlier < later for earlier, later in pairwise(map(datetime.fromisoformat, times))), fax["faxId"]


def test_every_status_occurs() -> None:
    """The documented ones, and the ones that the documentation does not have."""
    documented = {"Completed", "Failed", "Queued", "InProgress", "Canceled"}
    assert {fax.get("status") for fax in faxes().values()} == documented | {"Cancelled", "COMPLETED", "Spooled", None}


@pytest.mark.parametrize(
    ("what", "statuses"),
    [
        ("on its way: queued at the first look", ["Queued", "InProgress", "Completed", "Completed"]),
        ("on its way: queued, being sent, and failed", ["Queued", "InProgress", "Failed", "Failed"]),
    ],
)
async def test_a_fax_on_its_way_arrives_or_fails(what: str, statuses: list[str]) -> None:
    """From poll to poll, with no reason of failure before the failure and no end before the end."""
    async with StoneFaxServer(ANSWERS) as server:
        seen = [(await ask(server, shown(what))).json() for _ in statuses]
    assert [fax["status"] for fax in seen] == statuses
    assert [fax["endTime"] is None for fax in seen] == [True, True, False, False]
    assert [fax["failureReason"] for fax in seen[:2]] == [None, None]


async def test_the_refusals_are_what_they_say() -> None:
    """403 is the API's own word, 500 and the 404 are pages of HTML."""
    async with StoneFaxServer(ANSWERS) as server:
        seen = [await ask(server, shown(what)) for what in ("403", "500", "404 as a page of HTML")]
    assert [(answered.status, answered.headers["Content-Type"].partition(";")[0]) for answered in seen] == [
        (403, "application/json"),
        (500, "text/html"),
        (404, "text/html"),
    ]


@pytest.mark.parametrize(
    ("name", "written", "mistake"),
    [
        (f"{FAX}.json", "{", "the whole: Invalid JSON"),
        (f"{FAX}.json", "[]", "the whole: Input should be an object"),
        (f"{FAX}.rule.json", '{"steps": [{"stauts": 503}]}', "steps.0.stauts: Extra inputs are not permitted"),
    ],
)
def test_a_mistake_in_a_folder_is_named_with_its_file(tmp_path: Path, name: str, written: str, mistake: str) -> None:
    """The server does not start with it."""
    (tmp_path / name).write_text(written)
    with pytest.raises(AnswersUnreadable, match=f"^{re.escape(name)}: {re.escape(mistake)}"):
        StoneFaxServer(tmp_path)


def test_a_mistake_in_the_index_is_named(tmp_path: Path) -> None:
    """With the line, counted from 0."""
    (tmp_path / "index.json").write_text('[{"id": "x", "shows": "y"}, {"id": "z"}]')
    with pytest.raises(AnswersUnreadable, match=r"^index\.json: 1\.shows: Field required"):
        exhibits(tmp_path)


async def test_a_folder_of_ones_own_is_served(tmp_path: Path) -> None:
    """A fax with a rule beside it, and a rule alone; text in a rule goes out as UTF-8, and the index is no fax."""
    (tmp_path / "with.json").write_text('{"faxId": "with"}')
    (tmp_path / "with.rule.json").write_text('{"status": 503, "times": 1}')
    (tmp_path / "alone.rule.json").write_text('{"body": "\\ufeffß"}')
    (tmp_path / "index.json").write_text("[]")
    async with StoneFaxServer(tmp_path) as server:
        assert (await ask(server, "with")).status == 503
        assert (await ask(server, "with")).json() == {"faxId": "with"}
        assert (await ask(server, "alone")).body == b"\xef\xbb\xbf\xc3\x9f"
        assert (await ask(server, "index")).status == 404
