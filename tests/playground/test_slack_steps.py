"""Steps of workflows: what the bot hears of a run, and what Slack takes as its answer."""

import aiohttp
import pytest

from playground.slack import CannotDo, SlackServer
from playground.slack.wire import JsonObject
from tests.playground.conftest import Api, TinyBot

DECLARED: JsonObject = {
    "title": "Look up",
    "description": "Looks up",
    "input_parameters": {"properties": {"id": {"type": "string"}}, "required": ["id"]},
    "output_parameters": {
        "properties": {"status": {"type": "string"}, "final": {"type": "boolean"}},
        "required": ["status"],
    },
}
TAKEN: JsonObject = {"status": "sent", "final": True}


@pytest.fixture
def slack_with_step(slack: SlackServer) -> SlackServer:
    """Give a Slack whose app offers one step."""
    slack.steps.functions["look_up"] = DECLARED
    return slack


async def answered(slack: SlackServer, token: str, method: str, **arguments: object) -> JsonObject:
    """Call a method with this token."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
        session.post(f"{slack.api_url}functions.{method}", json=arguments) as response,
    ):
        answer: JsonObject = await response.json()
        return answer


async def test_a_run_is_told_with_a_token_of_its_own(slack_with_step: SlackServer, bot: TinyBot) -> None:
    """And with the step as the manifest declares it."""
    run = await slack_with_step.run_step("look_up", id="1")
    event = bot.received[-1].json["event"]
    assert (event["type"], event["inputs"], event["function_execution_id"]) == (
        "function_executed",
        {"id": "1"},
        run.id,
    )
    assert event["function"]["callback_id"] == "look_up"
    assert event["function"]["input_parameters"] == [{"name": "id", "type": "string", "is_required": True}]
    assert event["bot_access_token"].startswith("xwfp-")
    with pytest.raises(CannotDo):
        await slack_with_step.run_step("look_up")
    with pytest.raises(CannotDo):
        await slack_with_step.run_step("another", id="1")


async def test_a_run_takes_one_answer(slack_with_step: SlackServer, bot: TinyBot, api: Api) -> None:
    """With its own token, and no other; a second answer is refused."""
    run, other = [await slack_with_step.run_step("look_up", id=each) for each in "12"]
    assert bot.received
    sent = {"function_execution_id": run.id, "outputs": TAKEN}
    assert (await api("functions.completeSuccess", **sent))["error"] == "access_denied"
    assert (await answered(slack_with_step, other.token, "completeSuccess", **sent))["error"] == "access_denied"
    assert (await answered(slack_with_step, run.token, "completeSuccess", **sent))["ok"]
    assert run.outputs == TAKEN
    for method in ("completeSuccess", "completeError"):
        again = await answered(slack_with_step, run.token, method, **sent, error="x")
        assert again["error"] == "execution_not_in_running_state"
    unknown = await answered(slack_with_step, run.token, "completeError", function_execution_id="Fx9", error="x")
    assert unknown["error"] == "function_execution_not_found"
    ended = {"function_execution_id": other.id, "error": "no such thing"}
    assert (await answered(slack_with_step, other.token, "completeError", **ended))["ok"]
    assert other.error == "no such thing"


@pytest.mark.parametrize("outputs", [{}, {"status": 1}, {**TAKEN, "more": "x"}, {"status": "sent", "final": "yes"}])
async def test_outputs_are_those_that_are_declared(
    slack_with_step: SlackServer, bot: TinyBot, outputs: JsonObject
) -> None:
    """None missing, none more, each of its type."""
    run = await slack_with_step.run_step("look_up", id="1")
    assert bot.received
    answer = await answered(
        slack_with_step, run.token, "completeSuccess", function_execution_id=run.id, outputs=outputs or {"final": True}
    )
    assert answer["error"] == "parameter_validation_failed"
    assert not run.over
