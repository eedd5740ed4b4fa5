"""What Telegram refuses a reply with, and what follows: a fault of ours, information, or another try."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs
from telegram.error import BadRequest, ChatMigrated
from telegram.ext import ExtBot

from tgbot.chat.request import Reply, Request
from tgbot.chat.sending import answer_tap, send
from tgbot.chat.telegram_connection import Response, TelegramConnection
from tgbot.chat.updates import Tap
from tgbot.screens.screen import Screen

ADA, GROUP, MOVED = 7, -5, -1_007
SCREEN = Reply(Screen("It is stored."))


class Refusing(TelegramConnection):
    """Each call is refused with the next of these sentences; with none left it is done."""

    def __init__(self, *refusals: str | Mapping[str, object]) -> None:
        super().__init__(longest=1.0, connections=1)
        self._refusals = list(refusals)
        self.made: list[tuple[str, dict[str, Any]]] = []

    async def _by_session(self, method: str, url: str, body: Any, within: object) -> Response:
        called = url.rpartition("/")[2]
        self.made.append((called, orjson.loads(body._value)))
        if called == "answerCallbackQuery" or not self._refusals:
            return 200, b'{"ok":true,"result":true}', ""
        refusal = self._refusals.pop(0)
        more = {"description": refusal} if isinstance(refusal, str) else refusal
        status = 403 if "Forbidden" in str(more) else 400
        return status, orjson.dumps({"ok": False, "error_code": status, **more}), ""

    @property
    def calls(self) -> list[tuple[str, int, int | None]]:
        """Method, chat and topic of what was tried, spinners left out."""
        told = (one for one in self.made if one[0] != "answerCallbackQuery")
        return [(name, given["chat_id"], given.get("message_thread_id")) for name, given in told]


def bot_of(line: TelegramConnection) -> ExtBot[Any]:
    return ExtBot("1:a", base_url="http://127.0.0.1:9/bot", request=line, get_updates_request=line)


def asked_in(chat: int, topic: int | None = None) -> Request:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return Request(update_id=1, person_id=ADA, chat_id=chat, private=chat > 0, at=at, topic=topic)


def tapped_in(chat: int, message: int | None = 9) -> Tap:
    return Tap(
        update_id=1,
        kind="callback_query",
        lane=ADA,
        query_id="q",
        data="m",
        person_id=ADA,
        chat_id=chat,
        private=chat > 0,
        message_id=message,
        topic=None,
    )


MADE_WRONGLY = (
    "Bad Request: can't parse entities",
    "Bad Request: message is too long",
    "Bad Request: MESSAGE_TOO_LONG",
    "Bad Request: message text is empty",
    "Bad Request: BUTTON_DATA_INVALID",
    "Bad Request: inline keyboard expected",
    "Bad Request: REPLY_MARKUP_INVALID",
    "Bad Request: ENTITIES_TOO_LONG",
)


@pytest.mark.parametrize("refusal", MADE_WRONGLY)
@pytest.mark.parametrize("chat", [ADA, GROUP])
async def test_what_we_made_wrongly_is_our_fault_everywhere(refusal: str, chat: int) -> None:
    with pytest.raises(BadRequest):
        await send(bot_of(Refusing(refusal)), asked_in(chat), SCREEN)


RIGHTS = ("Bad Request: not enough rights to send text messages to the chat", "Bad Request: CHAT_RESTRICTED")


@pytest.mark.parametrize("refusal", RIGHTS)
async def test_what_else_a_group_refuses_is_information_and_in_a_private_chat_a_fault(refusal: str) -> None:
    with capture_logs() as logs:
        await send(bot_of(Refusing(refusal)), asked_in(GROUP), SCREEN)
    assert [line["event"] for line in logs] == ["reply_unwanted"]
    with pytest.raises(BadRequest):
        await send(bot_of(Refusing(refusal)), asked_in(ADA), SCREEN)


async def test_whoever_has_blocked_the_bot_hears_nothing_and_that_is_all_right() -> None:
    for chat in (ADA, GROUP):
        line = Refusing("Forbidden: bot was blocked by the user")
        await send(bot_of(line), asked_in(chat), SCREEN)
        assert line.calls == [("sendMessage", chat, None)]


@pytest.mark.parametrize(
    "refusal",
    ["Bad Request: message thread not found", "Bad Request: TOPIC_DELETED", "Bad Request: TOPIC_ID_INVALID"],
)
async def test_a_topic_that_is_no_more_is_left_and_only_once(refusal: str) -> None:
    line = Refusing(refusal)
    await send(bot_of(line), asked_in(GROUP, topic=77), SCREEN)
    assert line.calls == [("sendMessage", GROUP, 77), ("sendMessage", GROUP, None)]

    line = Refusing(refusal, refusal)
    await send(bot_of(line), asked_in(GROUP, topic=77), SCREEN)
    assert len(line.calls) == 2


async def test_a_group_is_followed_to_where_it_moved_and_a_private_chat_never() -> None:
    moved = {"description": "Bad Request: group was upgraded", "parameters": {"migrate_to_chat_id": MOVED}}
    line = Refusing(moved)
    await send(bot_of(line), asked_in(GROUP, topic=77), SCREEN)
    assert line.calls == [("sendMessage", GROUP, 77), ("sendMessage", MOVED, None)]

    line = Refusing(moved)
    with pytest.raises(ChatMigrated):
        await send(bot_of(line), asked_in(ADA), SCREEN)
    assert line.calls == [("sendMessage", ADA, None)]


@pytest.mark.parametrize(
    "refusal", [*MADE_WRONGLY, *RIGHTS, "Bad Request: MESSAGE_ID_INVALID", "Forbidden: x"]
)
async def test_whatever_refuses_an_edit_is_followed_by_a_new_message(refusal: str) -> None:
    line = Refusing(refusal)
    await answer_tap(bot_of(line), tapped_in(ADA), asked_in(ADA), SCREEN)

    assert line.calls == [("editMessageText", ADA, None), ("sendMessage", ADA, None)]
    assert [name for name, _ in line.made].count("answerCallbackQuery") == 1


@pytest.mark.parametrize(
    "refusal", ["Bad Request: message is not modified: same content", "Bad Request: query is too old"]
)
async def test_where_nothing_is_left_to_do_nothing_follows(refusal: str) -> None:
    line = Refusing(refusal)
    await answer_tap(bot_of(line), tapped_in(ADA), asked_in(ADA), SCREEN)

    assert line.calls == [("editMessageText", ADA, None)]


async def test_a_fresh_screen_is_a_new_message_and_under_an_inline_result_nothing_is_edited() -> None:
    line = Refusing()
    fresh = Reply(SCREEN.screen, fresh=True)
    await answer_tap(bot_of(line), tapped_in(ADA), asked_in(ADA), fresh)
    assert line.calls == [("sendMessage", ADA, None)]

    line = Refusing()
    await answer_tap(bot_of(line), tapped_in(ADA, message=None), asked_in(ADA), SCREEN)
    assert line.calls == []


async def test_the_spinner_stops_with_the_words_that_belong_to_it() -> None:
    for alert, said in (
        ("Noted.", {"callback_query_id": "q", "text": "Noted."}),
        ("", {"callback_query_id": "q"}),
    ):
        line = Refusing()
        await answer_tap(bot_of(line), tapped_in(ADA), asked_in(ADA), Reply(alert=alert))
        assert line.made == [("answerCallbackQuery", said)]


async def test_when_screen_and_spinner_both_fail_it_is_the_screen_that_is_told() -> None:
    class Refused(Refusing):
        async def _by_session(self, method: str, url: str, body: Any, within: object) -> Response:
            spinner = url.endswith("answerCallbackQuery")
            what = "Bad Request: the spinner" if spinner else "Bad Request: message is too long"
            return 400, orjson.dumps({"ok": False, "error_code": 400, "description": what}), ""

    with pytest.raises(BadRequest, match="too long"):
        await answer_tap(bot_of(Refused()), tapped_in(ADA), asked_in(ADA), SCREEN)


async def test_a_spinner_that_is_refused_for_anything_else_is_a_fault() -> None:
    class Refused(Refusing):
        async def _by_session(self, method: str, url: str, body: Any, within: object) -> Response:
            if url.endswith("answerCallbackQuery"):
                return 400, b'{"ok":false,"error_code":400,"description":"Bad Request: QUERY_ID_INVALID"}', ""
            return await super()._by_session(method, url, body, within)

    line = Refused()
    with pytest.raises(BadRequest, match="Query_id_invalid"):
        await answer_tap(bot_of(line), tapped_in(ADA), asked_in(ADA), SCREEN)
    assert line.calls == [("editMessageText", ADA, None)]
