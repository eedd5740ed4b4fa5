"""Everything a person can do in Telegram gets an answer or is ignored on purpose."""

import asyncio

import pytest

from tgbot.chat.dispatcher import ALBUM_SECONDS, TOLD_AGAIN_AFTER
from tgbot.clock import TravelClock
from tgbot.simulator import actions
from tgbot.simulator.simulated_people import SimulatedPerson
from tgbot.simulator.simulator_server import Simulator

WARNING = "chest pain and cold sweat since an hour"


@pytest.mark.parametrize("kind", ["photo", "document", "sticker", "location", "contact", "dice"])
async def test_what_is_not_text_gets_a_kind_sentence(ada: SimulatedPerson, kind: str) -> None:
    await ada.posts(kind)

    assert "I can only read text" in ada.screen.text
    assert "⚠️ Warning signs" in ada.screen.labels


@pytest.mark.parametrize("kind", ["voice", "video_note"])
async def test_whoever_speaks_is_told_that_the_phone_can_type_it(ada: SimulatedPerson, kind: str) -> None:
    await ada.posts(kind)

    assert "microphone" in ada.screen.text


async def test_that_only_text_is_read_is_said_once_in_a_row(ada: SimulatedPerson) -> None:
    for kind in ("photo", "sticker", "voice"):
        await ada.posts(kind)
    assert len(ada.screens) == 1

    await ada.send("/help")
    await ada.posts("photo")
    assert "I can only read text" in ada.screen.text


async def test_whoever_speaks_again_some_minutes_later_is_answered_again(
    ada: SimulatedPerson, clock: TravelClock
) -> None:
    for answers in (1, 2, 3):
        await ada.posts("voice")
        await ada.posts("sticker")
        assert len(ada.screens) == answers
        clock.push(TOLD_AGAIN_AFTER)


async def test_a_command_in_a_caption_works_as_a_command(ada: SimulatedPerson) -> None:
    await ada.posts("photo", caption="/help")

    assert "What I can do" in ada.screen.text


def album(simulator: Simulator, person: SimulatedPerson, *captions: str) -> None:
    """As Telegram delivers it: a message for each picture, with one id."""
    tg = simulator.tg
    user = tg.world.person(person.name)
    for caption in captions:
        picture = {"photo": [{"file_id": "x"}], "media_group_id": "13"}
        content = {**picture, "caption": caption} if caption else picture
        actions.say(tg, user, tg.world.chats[user.id], content)


@pytest.mark.parametrize(
    "captions", [("heat or ice", "", ""), ("", "", "heat or ice"), ("heat or ice", "", "and cold")]
)
async def test_an_album_gets_one_answer_to_its_words(
    ada: SimulatedPerson, simulator: Simulator, captions: tuple[str, ...]
) -> None:
    album(simulator, ada, *captions)
    await ada.waits_for("Heat or ice")
    await asyncio.sleep(2 * ALBUM_SECONDS)

    assert len((await ada.look()).screens) == 1


async def test_an_album_without_words_is_told_once_that_only_text_is_read(
    ada: SimulatedPerson, simulator: Simulator
) -> None:
    album(simulator, ada, *[""] * 10)
    await ada.waits_for("I can only read text")
    await asyncio.sleep(2 * ALBUM_SECONDS)

    assert len((await ada.look()).screens) == 1


async def test_a_warning_sign_under_any_picture_of_an_album_is_answered(
    ada: SimulatedPerson, simulator: Simulator
) -> None:
    album(simulator, ada, "heat or ice", "", WARNING)
    await ada.waits_for("emergency")


async def test_a_warning_sign_under_a_picture_is_read(ada: SimulatedPerson) -> None:
    await ada.posts("photo", caption=WARNING)

    assert "emergency" in ada.screen.text


async def test_a_message_changed_later_is_not_answered_twice(ada: SimulatedPerson) -> None:
    await ada.send("heat or ice")
    said = len(ada.screens)
    await ada.edit(ada.messages[0]["message_id"], "heat or ice?")

    assert len(ada.screens) == said


async def test_a_warning_sign_that_came_into_a_changed_message_is_answered(ada: SimulatedPerson) -> None:
    await ada.send("heat or ice")
    await ada.edit(ada.messages[0]["message_id"], WARNING)

    assert "emergency" in ada.screen.text


async def test_the_longest_message_there_can_be_is_answered(ada: SimulatedPerson) -> None:
    await ada.send(("my back is tight " * 250)[:4096])

    assert ada.screen.labels


async def test_a_warning_sign_at_the_end_of_a_long_story_is_found(ada: SimulatedPerson) -> None:
    await ada.send("I moved house and carried boxes all day. " * 90 + WARNING)

    assert "emergency" in ada.screen.text


async def test_markup_and_control_characters_in_a_message_break_nothing(ada: SimulatedPerson) -> None:
    await ada.send("<b>&amp;</i> \u202e\u0000 {emergency} %s 🦴")

    assert ada.screen.labels


async def test_in_a_group_the_menu_works_and_personal_things_lead_to_a_private_chat(
    ada: SimulatedPerson,
) -> None:
    group = await ada.founds_group("Bad backs")
    await ada.send("/faq", chat_id=group)
    assert "What would you like to know?" in ada.screen.text

    await ada.send("/episode", chat_id=group)

    assert "private chat only" in ada.screen.text
    (link,) = [button.url for row in ada.screen.buttons for button in row if button.url]
    assert link.startswith("https://t.me/backcheck_bot")


async def test_a_personal_button_pressed_in_a_group_stores_nothing(ada: SimulatedPerson) -> None:
    group = await ada.founds_group("Bad backs")
    await ada.send("/faq", chat_id=group)
    await ada.tap("⏱ Check on me in 72 hours", chat_id=group)

    assert "private chat only" in ada.screen.text


async def test_in_a_group_the_bot_is_silent_until_it_is_spoken_to(ada: SimulatedPerson) -> None:
    group = await ada.founds_group("Bad backs")
    await ada.send("heat or ice for a back spasm?", chat_id=group)
    before = len(ada.screens)
    await ada.send("@backcheck_bot heat or ice for a back spasm?", chat_id=group)

    assert before == 0
    assert "Heat or ice" in ada.screen.text


async def test_a_group_that_became_a_supergroup_goes_on_as_before(ada: SimulatedPerson) -> None:
    group = await ada.founds_group("Bad backs")
    supergroup = await ada.migrates(group)
    await ada.send("/help", chat_id=supergroup)

    assert "What I can do" in ada.screen.text


async def test_inline_mode_finds_an_answer_and_shares_it_whole(
    ada: SimulatedPerson, simulator: Simulator
) -> None:
    (first, *_) = await ada.asks_inline("heat or ice?")
    await ada.chooses(first["id"])

    assert first["id"] == "q-heat-or-ice"
    assert first["description"]
    shared = next(message for message in reversed(ada.messages) if "via_bot" in message)
    assert shared["text"].startswith("Heat or ice")
    (link,) = [button["url"] for row in shared["reply_markup"]["inline_keyboard"] for button in row]
    assert link == "https://t.me/backcheck_bot?start=q-heat-or-ice"


async def test_inline_mode_with_nothing_typed_offers_what_is_asked_most(ada: SimulatedPerson) -> None:
    await ada.send("/start q-sleep")
    results = await ada.asks_inline("")

    assert len(results) == 10
    assert results[0]["id"] == "q-sleep"


async def test_a_warning_sign_wins_in_inline_mode_too(ada: SimulatedPerson) -> None:
    (only,) = await ada.asks_inline(WARNING)
    await ada.chooses(only["id"])

    assert "emergency" in next(m["text"] for m in reversed(ada.messages) if "via_bot" in m)
    assert ada.screens == []  # what was shared is not answered


async def test_inline_mode_finds_nothing_for_nonsense(ada: SimulatedPerson) -> None:
    assert await ada.asks_inline("qwertz uiop") == []


async def test_somebody_who_comes_back_after_blocking_is_welcome(ada: SimulatedPerson) -> None:
    await ada.send("/start")
    await ada.block()
    await ada.unblock()
    await ada.send("/start")

    assert "Backcheck" in ada.screen.text


@pytest.mark.parametrize("command", ["/help", "/episode", "/cancel", "/emergency", "/forget", "/start"])
async def test_a_warning_sign_after_a_command_wins_over_the_command(
    ada: SimulatedPerson, command: str
) -> None:
    await ada.send(f"{command} {WARNING}")

    assert "emergency" in ada.screen.text


@pytest.mark.parametrize("data", ["u:" + 62 * "b", "cs:0:" + 58 * "b", "c:GB:" + 58 * "b"])
async def test_a_forged_button_that_fills_all_its_64_bytes_is_answered(
    ada: SimulatedPerson, data: str
) -> None:
    await ada.send("/start")
    await ada.tap_data(data, ada.screen.message_id)

    assert ada.screen.labels
    assert "Backcheck answers" not in ada.screen.text
