"""Facts 9 to 18: errors, their words, and what HTTP says beside them."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.simulator.scene import Scene, scene

KEYS = {"inline_keyboard": [[{"text": "B", "callback_data": "d"}]]}
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
EMPTY = "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"


async def test_fact_9_an_edit_that_changes_nothing_is_refused(telegram: Scene) -> None:
    chat = {"chat_id": telegram.ada.id}
    sent = await telegram.done("sendMessage", **chat, text="<b>t</b>", parse_mode="HTML", reply_markup=KEYS)
    same = {**chat, "message_id": sent["message_id"]}
    words = await telegram.refused(
        "editMessageText", **same, text="<strong>t</strong>", parse_mode="HTML", reply_markup=KEYS
    )
    assert words == NOT_MODIFIED
    assert await telegram.refused("editMessageReplyMarkup", **same, reply_markup=KEYS) == NOT_MODIFIED
    await telegram.done("editMessageText", **same, text="t", reply_markup=KEYS)  # no longer bold
    edited = await telegram.done("editMessageText", **same, text="t")
    assert "reply_markup" not in edited, "a keyboard that is not sent again is taken away"


async def test_fact_10_what_is_not_there_cannot_be_edited_or_deleted(telegram: Scene) -> None:
    chat = {"chat_id": telegram.ada.id}
    hers = (await telegram.ada.look()).messages[0]["message_id"]
    nowhere = {**chat, "message_id": 99999}
    assert await telegram.refused("editMessageText", **nowhere, text="t") == (
        "Bad Request: message to edit not found"
    )
    assert await telegram.refused("deleteMessage", **nowhere) == "Bad Request: message to delete not found"
    words = await telegram.refused("editMessageText", **chat, message_id=hers, text="t")
    assert words == "Bad Request: message can't be edited"
    sent = await telegram.done("sendMessage", **chat, text="t")
    await telegram.done("deleteMessage", **chat, message_id=sent["message_id"])
    words = await telegram.refused("editMessageText", **chat, message_id=sent["message_id"], text="u")
    assert words == "Bad Request: message to edit not found"
    assert await telegram.refused("sendMessage", chat_id=4242, text="t") == "Bad Request: chat not found"
    assert await telegram.refused("sendMessage", text="t") == "Bad Request: chat_id is empty"


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText"])
async def test_a_text_that_is_wrong_is_wrong_before_the_chat_is_looked_for(
    telegram: Scene, method: str
) -> None:
    nowhere = {"chat_id": 4242, "message_id": 1} if method == "editMessageText" else {"chat_id": 4242}
    words = await telegram.refused(method, **nowhere, text="<b>", parse_mode="HTML")
    assert words.startswith("Bad Request: can't parse entities")


async def test_fact_10_a_picture_has_no_text_to_edit(telegram: Scene) -> None:
    await telegram.ada.posts("photo", wait=0)
    (update,) = await telegram.updates()
    photo = update["message"]["photo"][0]["file_id"]
    chat = {"chat_id": telegram.ada.id}
    sent = await telegram.done("sendPhoto", **chat, photo=photo, caption="c")
    here = {**chat, "message_id": sent["message_id"]}
    words = await telegram.refused("editMessageText", **here, text="t")
    assert words == "Bad Request: there is no text in the message to edit"
    assert (await telegram.done("editMessageCaption", **here, caption="d"))["caption"] == "d"


SENDS: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "message text is empty"),
    ({}, "message text is empty"),
    ({"text": " \n "}, "text must be non-empty"),
    ({"text": "<b> </b>", "parse_mode": "HTML"}, "text must be non-empty"),
    ({"text": "t", "parse_mode": "Wiki"}, "unsupported parse_mode"),
    ({"text": "t", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    (
        {"text": "t", "reply_markup": {"inline_keyboard": [[{"text": "B"}]]}},
        EMPTY.removeprefix("Bad Request: "),
    ),
    ({"text": "t", "reply_parameters": {"message_id": 99999}}, "message to be replied not found"),
]


@pytest.mark.parametrize(("parameters", "words"), SENDS, ids=[words for _, words in SENDS])
async def test_facts_11_and_13_what_cannot_be_read_is_refused(
    telegram: Scene, parameters: dict[str, Any], words: str
) -> None:
    refusal = await telegram.refused("sendMessage", chat_id=telegram.ada.id, **parameters)
    assert refusal == f"Bad Request: {words}"


async def test_fact_13_an_unknown_action_is_refused(telegram: Scene) -> None:
    words = await telegram.refused("sendChatAction", chat_id=telegram.ada.id, action="dancing")
    assert words == "Bad Request: wrong parameter action in request"


async def test_fact_12_a_tap_is_answered_once_and_in_time(telegram: Scene) -> None:
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    sent = await telegram.done("sendMessage", chat_id=telegram.ada.id, text="t", reply_markup=KEYS)
    for _ in range(2):
        await telegram.ada.tap_data("d", sent["message_id"], wait=0)
    first, second = [update["callback_query"]["id"] for update in await telegram.updates()]
    await telegram.done("answerCallbackQuery", callback_query_id=first)
    assert await telegram.refused("answerCallbackQuery", callback_query_id=first) == too_old
    telegram.clock.push(timedelta(seconds=151))
    assert await telegram.refused("answerCallbackQuery", callback_query_id=second) == too_old
    assert await telegram.refused("answerCallbackQuery", callback_query_id="never") == too_old


async def test_fact_12_a_tap_nobody_fetches_is_dropped_after_150_seconds(telegram: Scene) -> None:
    sent = await telegram.done("sendMessage", chat_id=telegram.ada.id, text="t", reply_markup=KEYS)
    await telegram.ada.tap_data("d", sent["message_id"], wait=0)
    telegram.clock.push(timedelta(seconds=150))
    assert (await telegram.done("getWebhookInfo"))["pending_update_count"] == 0


async def test_fact_14_a_person_who_does_not_want_the_bot_is_forbidden(telegram: Scene) -> None:
    ben, cleo = sim_people = [telegram.sim.person("Ben"), telegram.sim.person("Cleo")]
    for person in sim_people:
        await person.arrives()
    to_ada = {"chat_id": telegram.ada.id, "text": "t"}
    await telegram.ada.block(wait=0)
    assert await telegram.refused("sendMessage", **to_ada) == "Forbidden: bot was blocked by the user"
    await telegram.ada.unblock(wait=0)
    await telegram.done("sendMessage", **to_ada)
    words = await telegram.refused("sendMessage", chat_id=ben.id, text="t")
    assert words == "Forbidden: bot can't initiate conversation with a user"
    await cleo.send("/start", wait=0)
    await cleo.deletes_account()
    words = await telegram.refused("sendMessage", chat_id=cleo.id, text="t")
    assert words == "Forbidden: user is deactivated"


@pytest.mark.parametrize(
    ("supergroup", "status", "words"),
    [
        (False, "kicked", "bot was kicked from the group chat"),
        (True, "kicked", "bot was kicked from the supergroup chat"),
        (False, "left", "bot is not a member of the group chat"),
        (True, "left", "bot is not a member of the supergroup chat"),
    ],
)
async def test_fact_14_a_group_without_the_bot_is_forbidden(
    telegram: Scene, supergroup: bool, status: str, words: str
) -> None:
    group = await telegram.ada.founds_group("Family", supergroup=supergroup, wait=0)
    await telegram.done("sendMessage", chat_id=group, text="t")
    await telegram.ada.sets_bot(status, group, wait=0)
    assert await telegram.refused("sendMessage", chat_id=group, text="t") == f"Forbidden: {words}"


async def test_fact_15_a_group_that_grew_tells_its_new_id(telegram: Scene) -> None:
    group = await telegram.ada.founds_group("Family", wait=0)
    new = await telegram.ada.migrates(group, wait=0)
    answer = await telegram.api.sendMessage(chat_id=group, text="t")
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": new}
    told = [u["message"] for u in await telegram.updates() if "message" in u]
    assert [m.get("migrate_to_chat_id") for m in told] == [new, None]
    assert [m.get("migrate_from_chat_id") for m in told] == [None, group]
    await telegram.done("sendMessage", chat_id=new, text="t")


async def test_fact_16_too_many_requests_say_when_to_come_back(telegram: Scene) -> None:
    await telegram.api.http.post(
        f"{telegram.sim.url}/control/faults", json={"kind": "too_many", "method": "sendMessage", "seconds": 7}
    )
    url = f"{telegram.sim.url}/bot{telegram.sim.token}/sendMessage"
    answer = await telegram.api.http.post(url, json={"chat_id": telegram.ada.id, "text": "t"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "7"
    assert answer.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/bot1:wrong/getMe", 401, "Unauthorized: invalid token specified"),
        ("/bot{token}/noSuchMethod", 404, "Not Found: method not found"),
        ("/bot{token}/GETME", 200, None),
        ("/bot{token}/sendMessage?text=t", 400, "Bad Request: chat_id is empty"),
        ("/bot{token}/sendMessage", 400, "Bad Request: message text is empty"),
    ],
)
async def test_facts_17_and_18_the_status_is_the_error_code(
    telegram: Scene, path: str, status: int, words: str | None
) -> None:
    answer = await telegram.api.http.get(telegram.sim.url + path.format(token=telegram.sim.token))
    assert answer.status_code == status
    assert answer.json().get("description") == words
    assert answer.json().get("error_code", 200) == status


async def test_fact_18_one_message_a_second_to_a_chat(telegram: Scene) -> None:
    await telegram.api.http.put(f"{telegram.sim.url}/control/limits", json={"telegram": True})
    message = {"chat_id": telegram.ada.id, "text": "t"}
    await telegram.done("sendMessage", **message)
    assert await telegram.refused("sendMessage", **message) == "Too Many Requests: retry after 1"
    telegram.clock.push(timedelta(seconds=1))
    await telegram.done("sendMessage", **message)


async def test_fact_18_thirty_messages_a_second_over_all_unless_paid(telegram: Scene) -> None:
    await telegram.api.http.put(f"{telegram.sim.url}/control/limits", json={"telegram": True})
    people = [telegram.sim.tg.world.person(f"P{i}") for i in range(32)]
    for person in people:
        person.started = True
    for person in people[:30]:
        await telegram.done("sendMessage", chat_id=person.id, text="t")
    words = await telegram.refused("sendMessage", chat_id=people[30].id, text="t")
    assert words == "Too Many Requests: retry after 1"
    await telegram.done("sendMessage", chat_id=people[31].id, text="t", allow_paid_broadcast=True)


async def test_fact_18_twenty_messages_a_minute_to_a_group(telegram: Scene) -> None:
    await telegram.api.http.put(f"{telegram.sim.url}/control/limits", json={"telegram": True})
    group = await telegram.ada.founds_group("Family", wait=0)
    for _ in range(20):
        await telegram.done("sendMessage", chat_id=group, text="t")
        telegram.clock.push(timedelta(seconds=1))
    assert await telegram.refused("sendMessage", chat_id=group, text="t") == (
        "Too Many Requests: retry after 40"
    )


async def test_a_bot_that_logs_out_is_not_answered_any_more() -> None:
    async with scene() as telegram:
        assert (await telegram.refused("close")) == "Too Many Requests: retry after 600"
        await telegram.done("logOut")
        assert await telegram.refused("getMe") == "Bad Request: Logged out"
