"""Screens in Telegram's own words."""

from datetime import UTC, datetime

import orjson
import pytest

from tgbot.chat.request import Request
from tgbot.chat.sending import message_of, place_of
from tgbot.screens.buttons import ShowMenu, pack
from tgbot.screens.screen import Key, Link, Screen

PLAIN = {"text": "<b>Hello</b>", "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
KEYS = ((Key("Menu", ShowMenu()), Link("Site", "https://example.org")), (), (Key("Again", ShowMenu()),))


def test_a_text_alone_has_no_keyboard_and_no_preview_of_what_it_links_to() -> None:
    assert message_of(Screen("<b>Hello</b>")) == PLAIN
    assert message_of(Screen("<b>Hello</b>", ((),))) == PLAIN


def test_keys_stand_in_their_rows_and_an_empty_row_is_left_out() -> None:
    message = message_of(Screen("<b>Hello</b>", KEYS))
    keyboard = message.pop("reply_markup")

    assert message == PLAIN
    assert orjson.loads(orjson.dumps(keyboard)) == {
        "inline_keyboard": [
            [
                {"text": "Menu", "callback_data": pack(ShowMenu())},
                {"text": "Site", "url": "https://example.org"},
            ],
            [{"text": "Again", "callback_data": pack(ShowMenu())}],
        ]
    }


def test_a_question_for_words_shows_where_they_are_typed() -> None:
    asked = {"force_reply": True, "input_field_placeholder": "City"}

    assert message_of(Screen("<b>Hello</b>", placeholder="City")) == {**PLAIN, "reply_markup": asked}


@pytest.mark.parametrize(
    ("topic", "place"), [(None, {"chat_id": -5}), (9, {"chat_id": -5, "message_thread_id": 9})]
)
def test_a_reply_belongs_to_the_chat_and_the_topic_in_which_it_was_asked_for(
    topic: int | None, place: dict[str, int]
) -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    asked = Request(update_id=1, person_id=7, chat_id=-5, private=False, at=at, topic=topic)

    assert place_of(asked) == place
