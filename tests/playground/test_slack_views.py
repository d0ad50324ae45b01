"""Modals and Home tabs: how they open, change and close, and what the bot is sent from them."""

import json

import pytest
from aiohttp import web

from playground.slack import CannotDo, SlackServer, View
from playground.slack.example import ANN, BOB, SUPPORT
from playground.slack.wire import JsonObject

from .conftest import CARD, Api, Clock, TinyBot

MODAL: JsonObject = {
    "type": "modal",
    "callback_id": "ask",
    "title": {"type": "plain_text", "text": "Look up"},
    "submit": {"type": "plain_text", "text": "Go"},
    "blocks": [
        {
            "type": "input",
            "block_id": "id",
            "label": {"type": "plain_text", "text": "Fax id"},
            "element": {"type": "plain_text_input", "action_id": "typed"},
        },
        *CARD,
    ],
}


async def _modal(slack: SlackServer, api: Api, bot: TinyBot, view: JsonObject = MODAL) -> View:
    await slack.shortcut("look-up", user=ANN)
    answer = await api("views.open", trigger_id=bot.received[-1].payload["trigger_id"], view=view)
    assert answer["ok"] is True
    return slack.workspace.modals[ANN][-1]


async def test_a_trigger_opens_one_view_within_three_seconds(
    slack: SlackServer, api: Api, bot: TinyBot, clock: Clock
) -> None:
    """Before the person who pressed; used twice, too late, or made up it is refused."""
    view = await _modal(slack, api, bot)
    assert (view.user, view.type, view.blocks) == (ANN, "modal", MODAL["blocks"])
    trigger_id = bot.received[-1].payload["trigger_id"]
    assert (await api("views.open", trigger_id=trigger_id, view=MODAL))["error"] == "exchanged_trigger_id"
    assert (await api("views.open", trigger_id="1.2.3", view=MODAL))["error"] == "invalid_trigger_id"
    for seconds, error in ((3.0, None), (3.01, "expired_trigger_id")):
        await slack.command("/fax", "", user=ANN, channel=SUPPORT)
        clock.now += seconds
        answer = await api("views.open", trigger_id=bot.received[-1].form["trigger_id"], view=MODAL)
        assert answer.get("error") == error


async def test_a_wrong_view_costs_no_trigger(slack: SlackServer, api: Api, bot: TinyBot) -> None:
    """It is refused with what is wrong in it, and the right one still opens."""
    await slack.shortcut("look-up", user=ANN)
    trigger_id = bot.received[-1].payload["trigger_id"]
    answer = await api("views.open", trigger_id=trigger_id, view={**MODAL, "submit": "Go"})
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] must provide an object [json-pointer:/view/submit]"]
    wrong = await api("views.open", trigger_id=trigger_id, view={"type": "home", "blocks": []})
    assert wrong["response_metadata"]["messages"] == ["[ERROR] must be modal [json-pointer:/view/type]"]
    large = {**MODAL, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 90}
    assert (await api("views.open", trigger_id=trigger_id, view=large))["error"] == "view_too_large"
    assert (await api("views.open", trigger_id=trigger_id, view=json.dumps(MODAL)))["ok"] is True


async def test_views_are_updated_by_id_and_hash(slack: SlackServer, api: Api, bot: TinyBot) -> None:
    """An old hash is a conflict; a view that is not open is not found."""
    view = await _modal(slack, api, bot, {**MODAL, "external_id": "mine"})
    longer = {**MODAL, "external_id": "mine", "callback_id": "later"}
    answer = await api("views.update", view_id=view.id, hash=view.hash, view=longer)
    assert answer["view"]["callback_id"] == "later"
    assert (await api("views.update", view_id=view.id, hash=view.hash, view=longer))["error"] == "hash_conflict"
    assert (await api("views.update", external_id="mine", view=longer))["ok"] is True
    assert (await api("views.update", view_id="V0NONE", view=longer))["error"] == "not_found"
    assert (await api("views.update", external_id="other", view=longer))["error"] == "not_found"


async def test_a_home_tab_is_published_for_one_person(slack: SlackServer, api: Api) -> None:
    """It keeps its id; an old hash is a conflict; a modal is no Home tab."""
    home = {"type": "home", "blocks": CARD}
    first = await api("views.publish", user_id=ANN, view=home)
    second = await api("views.publish", user_id=ANN, view=home, hash=first["view"]["hash"])
    assert first["view"]["id"] == second["view"]["id"]
    assert (await api("views.publish", user_id=ANN, view=home, hash="old"))["error"] == "hash_conflict"
    assert (await api("views.publish", user_id="U0NOBODY", view=home))["error"] == "user_not_found"
    assert (await api("views.publish", user_id=ANN, view=MODAL))["error"] == "invalid_arguments"
    assert set(slack.workspace.homes) == {ANN}


async def test_a_press_in_a_view_has_no_channel(slack: SlackServer, api: Api, bot: TinyBot) -> None:
    """Neither a response_url; only its owner can press."""
    await api("views.publish", user_id=ANN, view={"type": "home", "blocks": CARD})
    home = slack.workspace.homes[ANN]
    await slack.press(home, "share", user=ANN)
    payload = bot.received[-1].payload
    assert payload["container"] == {"type": "view", "view_id": home.id}
    assert (payload["view"]["id"], payload["actions"][0]["block_id"]) == (home.id, "what-now")
    assert not {"channel", "message", "response_url"} & payload.keys()
    with pytest.raises(CannotDo):
        await slack.press(home, "share", user=BOB)
    with pytest.raises(CannotDo):
        await slack.press(home, "open", user=ANN)


async def test_submitting_closes_the_modal(slack: SlackServer, api: Api, bot: TinyBot) -> None:
    """With an empty ack; the bot is sent what was entered."""
    view = await _modal(slack, api, bot)
    values = {"id": {"typed": {"type": "plain_text_input", "value": "IAS-N1_1_0"}}}
    delivery = await slack.submit(view, values)
    payload = bot.received[-1].payload
    assert (payload["type"], payload["view"]["callback_id"]) == ("view_submission", "ask")
    assert payload["view"]["state"]["values"] == values
    assert delivery.acked
    assert slack.workspace.modals[ANN] == []
    with pytest.raises(CannotDo, match="not open"):
        await slack.submit(view)


async def test_a_submission_can_be_answered_with_errors(slack: SlackServer, api: Api, bot: TinyBot) -> None:
    """Under the inputs they name; the modal stays open."""
    view = await _modal(slack, api, bot)
    bot.says({"response_action": "errors", "errors": {"id": "That is no fax id"}})
    assert (await slack.submit(view)).acked
    assert slack.workspace.modals[ANN][0].errors == {"id": "That is no fax id"}


async def test_a_submission_can_be_answered_with_another_view(slack: SlackServer, api: Api, bot: TinyBot) -> None:
    """`update` changes it in its place, `clear` closes all."""
    view = await _modal(slack, api, bot)
    bot.says({"response_action": "update", "view": {**MODAL, "callback_id": "next"}})
    await slack.submit(view)
    assert slack.workspace.modals[ANN][0].as_sent["callback_id"] == "next"
    bot.says({"response_action": "clear"})
    await slack.submit(view)
    assert slack.workspace.modals[ANN] == []


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        ({"response_action": "errors", "errors": {"nowhere": "x"}}, "invalid_errors"),
        ({"response_action": "errors", "errors": {"what-now": "x"}}, "invalid_errors"),
        ({"response_action": "errors"}, "invalid_errors"),
        ({"response_action": "update", "view": {"type": "modal"}}, "invalid_arguments"),
        ({"response_action": "leave"}, "invalid_response_action"),
        ({"text": "x"}, "invalid_response_action"),
    ],
)
async def test_a_wrong_answer_to_a_submission_fails(
    slack: SlackServer, api: Api, bot: TinyBot, said: JsonObject, failure: str
) -> None:
    """The modal stays as it is, and the record says why."""
    view = await _modal(slack, api, bot)
    bot.says(said)
    assert (await slack.submit(view)).failure == failure
    assert slack.deliveries[-1].failure == failure
    assert slack.workspace.modals[ANN] == [view]


@pytest.mark.parametrize("notify", [True, False])
async def test_closing_is_told_when_the_view_asks_for_it(
    slack: SlackServer, api: Api, bot: TinyBot, *, notify: bool
) -> None:
    """`notify_on_close` decides."""
    view = await _modal(slack, api, bot, {**MODAL, "notify_on_close": notify})
    delivery = await slack.close_view(view)
    assert slack.workspace.modals[ANN] == []
    assert (delivery is not None) is notify
    assert bot.received[-1].payload["type"] == ("view_closed" if notify else "shortcut")


async def test_a_submission_that_is_not_acked_leaves_the_modal_open(slack: SlackServer, api: Api, bot: TinyBot) -> None:
    """The person can try again."""
    view = await _modal(slack, api, bot)
    bot.answer = lambda _: web.Response(status=500)
    assert (await slack.submit(view)).failure == "dispatch_failed"
    assert slack.workspace.modals[ANN] == [view]
