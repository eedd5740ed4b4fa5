"""People, groups and inline mode: what the bot is told of what they do."""

from datetime import timedelta

import pytest

from tests.integration.simulator.scene import Scene
from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.simulated_people import Impatient

ARTICLE = {
    "type": "article",
    "id": "a",
    "title": "Heat or ice?",
    "input_message_content": {"message_text": "<b>Heat</b>", "parse_mode": "HTML"},
    "reply_markup": {"inline_keyboard": [[{"text": "More", "callback_data": "more"}]]},
}


def kinds(updates: list[JsonObject]) -> list[str]:
    """What sorts of updates these are."""
    return [kind for update in updates for kind in update if kind != "update_id"]


async def test_blocking_and_unblocking_is_told(telegram: Scene) -> None:
    await telegram.ada.block(wait=0)
    await telegram.ada.unblock(wait=0)
    changes = [update["my_chat_member"] for update in await telegram.updates()]
    assert [c["new_chat_member"]["status"] for c in changes] == ["kicked", "member"]


async def test_who_has_blocked_the_bot_must_unblock_it_before_writing(telegram: Scene) -> None:
    await telegram.ada.block(wait=0)
    with pytest.raises(Impatient, match="Ada has blocked the bot"):
        await telegram.ada.send("hello")


async def test_an_edited_message_is_told_as_such(telegram: Scene) -> None:
    await telegram.ada.send("helo", wait=0)
    number = telegram.ada.messages[-1]["message_id"]
    await telegram.ada.edit(number, "hello /start", wait=0)
    edited = (await telegram.updates())[-1]["edited_message"]
    assert (edited["message_id"], edited["text"]) == (number, "hello /start")
    assert edited["entities"] == [{"type": "bot_command", "offset": 6, "length": 6}]
    assert "edit_date" in edited


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("photo", "photo"),
        ("document", "document"),
        ("voice", "voice"),
        ("sticker", "sticker"),
        ("location", "location"),
        ("contact", "contact"),
        ("dice", "dice"),
        ("video_note", "video_note"),
    ],
)
async def test_people_post_more_than_text(telegram: Scene, kind: str, field: str) -> None:
    await telegram.ada.posts(kind, wait=0)
    (update,) = await telegram.updates()
    assert field in update["message"]
    assert "text" not in update["message"]


async def test_what_cannot_be_posted_is_said(telegram: Scene) -> None:
    with pytest.raises(Impatient, match="people cannot post 'smell'"):
        await telegram.ada.posts("smell")


async def test_in_a_group_the_bot_hears_commands_mentions_and_answers_to_itself(telegram: Scene) -> None:
    ben = telegram.sim.person("Ben")
    group = await telegram.ada.founds_group("Family", ben, wait=0)
    await telegram.confirm_all()
    said = await telegram.done("sendMessage", chat_id=group, text="Hello, all")
    await telegram.ada.send("private matters", chat_id=group, wait=0)
    await telegram.ada.send("/faq", chat_id=group, wait=0)
    await telegram.ada.send("/faq@other_bot", chat_id=group, wait=0)
    await ben.send("hey @backcheck_bot", chat_id=group, wait=0)
    await ben.send("thanks", chat_id=group, reply_to=said["message_id"], wait=0)
    private = next(seen for seen in telegram.ada.messages if seen.get("text") == "private matters")
    await telegram.ada.edit(private["message_id"], "very private matters", chat_id=group, wait=0)
    heard = [update["message"]["text"] for update in await telegram.updates()]
    assert heard == ["/faq", "hey @backcheck_bot", "thanks"]


async def test_coming_and_going_is_told(telegram: Scene) -> None:
    ben, cleo = telegram.sim.person("Ben"), telegram.sim.person("Cleo")
    group = await telegram.ada.founds_group("Family", ben, wait=0)
    await (await cleo.arrives()).joins(group, wait=0)
    await ben.leaves(group, wait=0)
    told = [update["message"] for update in (await telegram.updates()) if "message" in update]
    assert told[0]["new_chat_members"][0]["first_name"] == "Cleo"
    assert told[1]["left_chat_member"]["first_name"] == "Ben"
    assert await telegram.done("getChatMemberCount", chat_id=group) == 3
    admins = await telegram.done("getChatAdministrators", chat_id=group)
    assert [admin["user"]["first_name"] for admin in admins] == ["Ada"]
    with pytest.raises(Impatient, match="Ben is not in this group"):
        await ben.send("hello?", chat_id=group)


async def test_the_bot_leaves_a_group(telegram: Scene) -> None:
    group = await telegram.ada.founds_group("Family", wait=0)
    await telegram.done("leaveChat", chat_id=group)
    assert await telegram.refused("sendMessage", chat_id=group, text="t") == (
        "Forbidden: bot is not a member of the group chat"
    )


async def test_an_inline_result_is_chosen_sent_and_edited_by_its_inline_id(telegram: Scene) -> None:
    await telegram.ada.asks_inline("heat", wait=0)
    query = (await telegram.updates())[0]["inline_query"]
    assert (query["query"], query["chat_type"]) == ("heat", "sender")
    await telegram.done("answerInlineQuery", inline_query_id=query["id"], results=[ARTICLE])
    await telegram.ada.chooses("a", wait=0)
    shared = (await telegram.ada.look()).messages[-1]
    assert (shared["text"], shared["via_bot"]["is_bot"]) == ("Heat", True)
    chosen = next(u["chosen_inline_result"] for u in await telegram.updates() if "chosen_inline_result" in u)
    inline_id = chosen["inline_message_id"]
    assert await telegram.done("editMessageText", inline_message_id=inline_id, text="Ice") is True
    assert (await telegram.ada.look()).messages[-1]["text"] == "Ice"
    await telegram.ada.tap_data("more", shared["message_id"], wait=0)
    tap = (await telegram.updates())[-1]["callback_query"]
    assert tap["inline_message_id"] == inline_id
    assert "message" not in tap


async def test_an_inline_query_is_answered_within_ten_seconds_or_not_at_all(telegram: Scene) -> None:
    await telegram.ada.asks_inline("heat", wait=0)
    query = (await telegram.updates())[0]["inline_query"]
    telegram.clock.push(timedelta(seconds=11))
    words = await telegram.refused("answerInlineQuery", inline_query_id=query["id"], results=[ARTICLE])
    assert "query is too old" in words


async def test_commands_are_shown_by_the_narrowest_scope_and_the_persons_language(telegram: Scene) -> None:
    def menu(word: str) -> list[dict[str, str]]:
        return [{"command": word, "description": "d"}]

    private = {"type": "all_private_chats"}
    await telegram.done("setMyCommands", commands=menu("general"))
    await telegram.done("setMyCommands", commands=menu("german"), language_code="de")
    await telegram.done("setMyCommands", commands=menu("private"), scope=private)
    hers = {"type": "chat", "chat_id": telegram.ada.id}
    ben = await telegram.sim.person("Ben", language_code="de").arrives()
    assert (await telegram.ada.look()).commands == menu("private")
    await telegram.done("setMyCommands", commands=menu("hers"), scope=hers)
    assert (await telegram.ada.look()).commands == menu("hers")
    await telegram.done("deleteMyCommands", scope=private)
    assert (await ben.look()).commands == menu("german")
    assert await telegram.done("getMyCommands", scope=hers) == menu("hers")


async def test_a_tap_on_a_deleted_message_tells_only_where_it_was(telegram: Scene) -> None:
    sent = await telegram.done("sendMessage", chat_id=telegram.ada.id, text="t")
    await telegram.done("deleteMessage", chat_id=telegram.ada.id, message_id=sent["message_id"])
    await telegram.ada.tap_data("old", sent["message_id"], wait=0)
    message = (await telegram.updates())[-1]["callback_query"]["message"]
    assert (message["date"], message["message_id"]) == (0, sent["message_id"])


async def test_a_reply_and_a_forward_and_a_copy_keep_their_content(telegram: Scene) -> None:
    chat = {"chat_id": telegram.ada.id}
    sent = await telegram.done("sendMessage", **chat, text="<b>t</b>", parse_mode="HTML")
    number = {"message_id": sent["message_id"]}
    reply = await telegram.done("sendMessage", **chat, text="r", reply_parameters=number)
    assert reply["reply_to_message"]["text"] == "t"
    forwarded = await telegram.done("forwardMessage", **chat, from_chat_id=telegram.ada.id, **number)
    assert forwarded["forward_origin"]["sender_user"]["is_bot"]
    assert forwarded["entities"] == sent["entities"]
    copied = await telegram.done("copyMessage", **chat, from_chat_id=telegram.ada.id, **number)
    assert set(copied) == {"message_id"}


async def test_a_link_to_a_person_is_a_mention(telegram: Scene) -> None:
    html = f'<a href="tg://user?id={telegram.ada.id}">you</a> and <a href="tg://user?id=1">nobody</a>'
    sent = await telegram.done("sendMessage", chat_id=telegram.ada.id, text=html, parse_mode="HTML")
    first, second = sent["entities"]
    assert (first["type"], first["user"]["first_name"]) == ("text_mention", "Ada")
    assert second["type"] == "text_link"


async def test_messages_older_than_two_days_cannot_be_deleted(telegram: Scene) -> None:
    chat = {"chat_id": telegram.ada.id}
    sent = await telegram.done("sendMessage", **chat, text="t")
    telegram.clock.push(timedelta(hours=48))
    assert await telegram.refused("deleteMessage", **chat, message_id=sent["message_id"]) == (
        "Bad Request: message can't be deleted"
    )


async def test_getchat_tells_of_a_person_and_a_group(telegram: Scene) -> None:
    group = await telegram.ada.founds_group("Family", wait=0)
    sent = await telegram.done("sendMessage", chat_id=group, text="pin me")
    await telegram.done("pinChatMessage", chat_id=group, message_id=sent["message_id"])
    assert (await telegram.done("getChat", chat_id=group))["pinned_message"]["text"] == "pin me"
    await telegram.done("unpinAllChatMessages", chat_id=group)
    assert "pinned_message" not in await telegram.done("getChat", chat_id=group)
    assert (await telegram.done("getChat", chat_id="@ada_sim"))["first_name"] == "Ada"
    assert (await telegram.done("getChatMember", chat_id=group, user_id=telegram.ada.id))[
        "status"
    ] == "creator"
