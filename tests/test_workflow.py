"""The workflow step: an id goes in, and what became of the fax comes out, once, and without names and numbers."""

import json
from io import StringIO

import pytest

from bot.manifest import STEP
from bot.settings import GROUPS, SettingsMistake, read_settings
from playground.slack.steps import Run
from playground.stonefax import Break, Rule
from tests.conftest import BUSY, DOCUMENTED, Desk, Opening
from tests.faults.desk import until
from tests.presses import QUEUED
from tests.test_settings import RIGHT

MARIO = "Mario Rossi"
PRIVATE = ("1234", "5678", "Mario", "Rossi", "Referral", "user1", "Secret words")


@pytest.fixture
def step_desk(closed_desk: Desk) -> Desk:
    """Give a desk that offers the step."""
    closed_desk.settings["FAXBOT_WORKFLOW_STEP"] = "yes"
    return closed_desk


async def ran(desk: Desk, fax_id: str) -> Run:
    """Run the step until it is over."""
    run = await desk.slack.run_step(STEP, fax_id=fax_id)
    await desk.slack.until(lambda: run.over)
    return run


def answers(desk: Desk) -> list[str]:
    """Give the methods by which runs were answered."""
    return [call.method for call in desk.slack.calls if call.method.startswith("functions.")]


@pytest.mark.parametrize("named", [BUSY, f"https://fax.example.com/faxes/{BUSY}", f"*{BUSY}*"])
async def test_a_failed_fax(step_desk: Desk, named: str) -> None:
    """By its id or a link: why, and whether sending again helps."""
    async with Opening(step_desk) as desk:
        run = await ran(desk, named)
    assert run.outputs == {
        "status": "Failed",
        "is_final": True,
        "send_again": run.outputs["send_again"] if run.outputs else None,
        "verdict": "The fax failed: the line was busy.",
    }
    assert run.outputs["send_again"] in {"now", "later"}


@pytest.mark.parametrize(
    ("status", "told", "final"),
    [
        ("Completed", "Completed", True),
        ("Queued", "Queued", False),
        ("InProgress", "InProgress", False),
        ("Canceled", "Canceled", True),
        ("Secret words 06 1234 5678", "Other", False),
        (None, "Other", False),
    ],
)
async def test_any_status(step_desk: Desk, status: str | None, told: str, *, final: bool) -> None:
    """A word that only the server knows is `Other`; nothing else of the fax comes out."""
    step_desk.put(
        QUEUED,
        status=status,
        recipient={"name": "Mario Rossi", "faxNumber": "+39 06 1234 5678"},
        subject="Referral letter",
        username="user1",
        detailedStatus="Secret words",
    )
    async with Opening(step_desk) as desk:
        run = await ran(desk, QUEUED)
    assert run.outputs
    assert (run.outputs["status"], run.outputs["is_final"], run.outputs["send_again"]) == (told, final, "no")
    assert not [word for word in PRIVATE if word in str(run.outputs)]


async def test_the_servers_own_words_stay_out_of_the_verdict(step_desk: Desk) -> None:
    """Whatever it says of a failure."""
    step_desk.put(QUEUED, status="Failed", failureReason="Secret words of Mario Rossi, +39 06 1234 5678")
    async with Opening(step_desk) as desk:
        run = await ran(desk, QUEUED)
    assert run.outputs
    assert not [word for word in PRIVATE if word in str(run.outputs)]


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("", "names no fax"),
        ("+39 06 1234 5678", "names no fax"),
        (f"{BUSY} {DOCUMENTED}", "names 2"),
        ("IAS-N1_00000000-0000-4000-8000-000000000000_0", "I find no outbound fax"),
    ],
)
async def test_what_is_no_fax_ends_the_workflow_with_a_sentence(step_desk: Desk, named: str, says: str) -> None:
    """Which does not quote what may be a number."""
    async with Opening(step_desk) as desk:
        run = await ran(desk, named)
    assert says in (run.error or "")
    assert "1234" not in (run.error or "")


async def test_it_is_off_unless_it_is_turned_on(desk: Desk) -> None:
    """A workflow that has it is told so, and the fax server is not asked."""
    run = await ran(desk, BUSY)
    assert "FAXBOT_WORKFLOW_STEP" in (run.error or "")
    assert desk.fax_server.count(BUSY) == 0


@pytest.mark.parametrize(
    ("rule", "value"), [("FAXBOT_ALLOWED_CHANNELS", "C0123ABCD"), ("FAXBOT_ALLOWED_USER_GROUPS", "S0123ABCD")]
)
def test_it_cannot_be_used_under_rules_about_people(rule: str, value: str) -> None:
    """The bot does not start, and says which settings do not go together."""
    with pytest.raises(SettingsMistake) as mistake:
        read_settings({**RIGHT, rule: value, "FAXBOT_WORKFLOW_STEP": "yes"}, *GROUPS)
    for name in ("FAXBOT_WORKFLOW_STEP", "FAXBOT_ALLOWED_CHANNELS", "FAXBOT_ALLOWED_USER_GROUPS"):
        assert name in str(mistake.value)
    read_settings({**RIGHT, rule: value}, *GROUPS)


@pytest.mark.hurried
async def test_an_event_that_comes_again_completes_once(step_desk: Desk) -> None:
    """The fax server is slow: Slack brings the event again, and the run is answered once all the same."""
    async with Opening(step_desk) as desk:
        desk.slack.retry_pauses = (0.0, 0.2, 0.5)
        desk.fax_server.rule(BUSY, Rule(delay=0.8))
        await ran(desk, BUSY)
        await until(lambda: not desk.slack.retries, 3.0, "the event comes again and again")
        deliveries = [one for one in desk.slack.deliveries if one.kind == "function_executed"]
        assert len(deliveries) > 1
        assert answers(desk) == ["functions.completeSuccess"]


async def test_a_yes_that_was_lost_is_not_given_twice(step_desk: Desk, logged: StringIO) -> None:
    """Slack says that the run is over: that is all that was wanted."""
    async with Opening(step_desk) as desk:
        desk.slack.retry_pauses = (0.0, 0.1, 0.2)
        desk.slack.fail("functions.completeSuccess", drop="after", times=1)
        run = await ran(desk, BUSY)
        await until(lambda: not desk.slack.retries, 3.0, "the event comes again and again")
    assert run.outputs
    assert run.error is None
    assert "a listener broke" not in logged.getvalue()


async def test_a_fax_server_that_hangs_ends_the_workflow_in_time(step_desk: Desk) -> None:
    """Within the deadline of a look-up, with its sentence."""
    async with Opening(step_desk) as desk:
        desk.fax_server.rule(BUSY, Rule(breaks=Break.HANG))
        run = await ran(desk, BUSY)
    assert "did not answer within" in (run.error or "")


async def test_what_breaks_in_us_ends_the_workflow_too(
    step_desk: Desk, monkeypatch: pytest.MonkeyPatch, logged: StringIO
) -> None:
    """With a reference, and nothing of what broke."""

    def broken(_text: str) -> None:
        raise ValueError(MARIO)

    async with Opening(step_desk) as desk:
        monkeypatch.setattr("handlers.workflow.fax_ids", broken)
        run = await ran(desk, BUSY)
    assert "Something went wrong on my side" in (run.error or "")
    assert "Mario" not in f"{run.error}{logged.getvalue()}"


async def test_outputs_that_slack_refuses_end_the_workflow_with_a_sentence(step_desk: Desk, logged: StringIO) -> None:
    """The app's manifest promises others, perhaps: tried once, said once, and the fax is asked for once."""
    async with Opening(step_desk) as desk:
        desk.slack.retry_pauses = (0.0, 0.1, 0.2)
        desk.slack.fail("functions.completeSuccess", error="parameter_validation_failed", times=20)
        run = await ran(desk, BUSY)
        await until(lambda: not desk.slack.retries, 3.0, "the event comes again and again")
    assert "Slack does not take what I found out (parameter_validation_failed)" in (run.error or "")
    reference = (run.error or "").partition("(ref ")[2][:4]
    assert any(f'"ref": "{reference}"' in line and "refused" in line for line in logged.getvalue().splitlines())
    assert answers(desk) == ["functions.completeSuccess", "functions.completeError"]
    assert desk.fax_server.count(BUSY) == 1


@pytest.mark.parametrize("named", [BUSY, "no id"])
async def test_what_slack_refuses_altogether_is_logged_and_not_tried_again(
    step_desk: Desk, named: str, logged: StringIO
) -> None:
    """By Slack's own word; the event does not come again in vain."""
    async with Opening(step_desk) as desk:
        desk.slack.retry_pauses = (0.0, 0.1, 0.2)
        for method in ("functions.completeSuccess", "functions.completeError"):
            desk.slack.fail(method, error="access_denied", times=20)
        await desk.slack.run_step(STEP, fax_id=named)
        await until(lambda: not desk.slack.retries, 3.0, "the event comes again and again")
    assert answers(desk)[-1] == "functions.completeError"
    assert len(answers(desk)) == (2 if named == BUSY else 1)
    assert any(
        "a workflow step was not answered" in line and '"problem": "access_denied"' in line
        for line in logged.getvalue().splitlines()
    )


@pytest.mark.parametrize("problem", ["ratelimited", "internal_error", "token_revoked", "team_added_to_org"])
async def test_what_slack_refuses_for_a_moment_is_tried_again(step_desk: Desk, problem: str) -> None:
    """The event comes again, and the outputs with it."""
    async with Opening(step_desk) as desk:
        desk.slack.retry_pauses = (0.0, 0.1, 0.2)
        desk.slack.fail("functions.completeSuccess", error=problem)
        run = await ran(desk, BUSY)
    assert run.outputs
    assert answers(desk) == ["functions.completeSuccess"] * 2


async def test_all_workflows_keep_one_pace(step_desk: Desk) -> None:
    """One that loops does not flood the fax server."""
    step_desk.settings["FAXBOT_PER_MINUTE"] = "2"
    async with Opening(step_desk) as desk:
        runs = [await ran(desk, fax_id) for fax_id in (BUSY, DOCUMENTED, BUSY, DOCUMENTED)]
    assert [bool(run.outputs) for run in runs] == [True, True, False, False]
    assert "2 faxes a minute at most" in (runs[-1].error or "")


async def test_answers_travel_in_the_body_under_the_steps_own_token(step_desk: Desk, logged: StringIO) -> None:
    """No address holds them, and no log the token."""
    async with Opening(step_desk) as desk:
        run = await ran(desk, BUSY)
        (call,) = [one for one in desk.slack.calls if one.method == "functions.completeSuccess"]
    assert call.token_kind == "xwfp"
    assert call.arguments["outputs"] == run.outputs
    assert isinstance(call.arguments["outputs"], dict), "an address or a form would hold it as text"
    assert run.token not in logged.getvalue()
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    (audit,) = [line for line in lines if line["logger"] == "bot.audit"]
    assert (audit["way_in"], audit["user"], audit["fax"], audit["event"]) == ("workflow", "workflow", BUSY, "shared")
