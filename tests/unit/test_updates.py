"""One reading of what Telegram brings: addressing, commands, captions, topics, replies, and what is odd."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgbot.chat.updates import (
    IgnoredUpdate,
    IncomingMessage,
    InlineQuery,
    MembershipChange,
    RepliedTo,
    Tap,
    UnreadableUpdate,
    UpdateReader,
)
from tgbot.content import Tier
from tgbot.finder.finding import Finding, Unknown, Urgent

ADA, GROUP, US = 7, -100, 42
WARNING = "chest pain and cold sweat"


def finds(text: str) -> Finding:
    return Urgent(("E1",), Tier.EMERGENCY) if WARNING in text else Unknown()


READER = UpdateReader(US, "backcheck_bot", ("help", "pain", "start"), finds)


def message(
    text: str | None = None, *, chat: int = ADA, kind: str = "message", **more: Any
) -> IncomingMessage:
    where = {"id": chat, "type": "private" if chat > 0 else "supergroup"}
    body = {"message_id": 5, "chat": where, "from": {"id": ADA}, **more}
    update = READER.read({"update_id": 3, kind: body if text is None else {**body, "text": text}})
    assert isinstance(update, IncomingMessage), update
    return update


def test_words_in_a_private_chat_are_for_us() -> None:
    read = message("heat or ice")

    assert (read.update_id, read.kind, read.lane, read.person_id, read.chat_id) == (
        3,
        "message",
        ADA,
        ADA,
        ADA,
    )
    assert (read.typed.text, read.command, read.addressed, read.private) == ("heat or ice", "", True, True)


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("/help", "help", ""),
        ("/HELP", "help", ""),
        ("/pain  4\nof 10", "pain", "4 of 10"),
        ("/pain@Backcheck_Bot 4", "pain", "4"),
        ("/start q-sleep", "start", "q-sleep"),
        ("/help, please", "help", ", please"),
    ],
)
def test_a_command_and_what_follows_it(text: str, command: str, rest: str) -> None:
    for read in (message(text), message(chat=GROUP, caption=text, photo=[{}])):
        assert (read.command, read.typed.text, read.addressed) == (command, rest, True)


@pytest.mark.parametrize("text", ["/unknown thing", "/help@other_bot", "/pain@backcheck_bot_fan 4"])
def test_a_command_that_is_not_ours_keeps_its_words(text: str) -> None:
    private, group = message(text), message(text, chat=GROUP)

    assert (private.command, private.unknown_command, private.typed.text) == ("", True, text)
    assert not group.addressed


@pytest.mark.parametrize("text", ["/usr/bin", "and/or", "5/10", "/", "/ help"])
def test_a_slash_alone_makes_no_command(text: str) -> None:
    read = message(text)

    assert (read.command, read.unknown_command, read.typed.text) == ("", False, text)


@pytest.mark.parametrize(
    "text", ["@backcheck_bot heat?", "heat? @Backcheck_Bot", "hey @backcheck_bot, heat?"]
)
def test_in_a_group_we_are_spoken_to_by_our_name_which_is_no_part_of_the_words(text: str) -> None:
    read = message(text, chat=GROUP)

    assert read.addressed
    assert "@" not in read.typed.text
    assert "heat?" in read.typed.text


@pytest.mark.parametrize(
    "text", ["@backcheck_bot_fan heat?", "me@backcheck_bot", "heat or ice", "@backcheck heat"]
)
def test_a_name_that_only_looks_like_ours_is_somebody_else(text: str) -> None:
    assert not message(text, chat=GROUP).addressed


def test_in_a_group_a_reply_to_us_is_for_us_and_a_reply_to_somebody_else_is_not() -> None:
    ours = {"message_id": 4, "from": {"id": US}, "text": "Heat or ice?"}
    reply = message("and cold?", chat=GROUP, reply_to_message=ours)

    assert reply.addressed
    assert reply.replied_to == RepliedTo(4, "Heat or ice?", ours=True)
    theirs = message("and cold?", chat=GROUP, reply_to_message={**ours, "from": {"id": 9}})
    assert not theirs.addressed
    assert theirs.replied_to == RepliedTo(4, "Heat or ice?", ours=False)


def test_the_first_message_of_a_topic_is_not_what_is_replied_to() -> None:
    began = {"message_id": 77, "from": {"id": US}, "forum_topic_created": {"name": "Backs"}}
    read = message("hello", chat=GROUP, message_thread_id=77, is_topic_message=True, reply_to_message=began)

    assert (read.topic, read.replied_to, read.addressed) == (77, None, False)


def test_a_thread_of_replies_is_no_topic_and_private_chats_have_topics_too() -> None:
    assert message("hello", chat=GROUP, message_thread_id=77).topic is None
    assert message("hello", message_thread_id=8, is_topic_message=True).topic == 8


def test_our_own_answer_that_somebody_shares_is_ignored_and_one_of_another_bot_is_read() -> None:
    shared = {"message_id": 5, "chat": {"id": ADA, "type": "private"}, "from": {"id": ADA}, "text": WARNING}
    ours = READER.read({"update_id": 3, "message": {**shared, "via_bot": {"id": US}}})

    assert isinstance(ours, IgnoredUpdate)
    assert message(WARNING, via_bot={"id": 9}).typed.signs == ("E1",)


def test_the_caption_is_what_was_typed_and_an_album_is_known_by_its_id() -> None:
    read = message(caption=WARNING, photo=[{}], media_group_id="13")

    assert (read.typed.text, read.content, read.album) == (WARNING, "photo", "13")
    assert message(photo=[{}]).content == "photo"
    assert message(pinned_message={}).content == ""


def test_the_finder_looks_once_whoever_asks() -> None:
    looked: list[str] = []

    def noting(text: str) -> Finding:
        looked.append(text)
        return finds(text)

    body = {"message_id": 5, "chat": {"id": ADA, "type": "private"}, "from": {"id": ADA}, "text": WARNING}
    read = UpdateReader(US, "us", (), noting).read({"update_id": 3, "message": body})
    assert isinstance(read, IncomingMessage)

    assert looked == []
    assert read.overtakes
    assert read.typed.signs == ("E1",)
    assert isinstance(read.typed.finding, Urgent)
    assert looked == [WARNING]


def test_a_bare_score_is_no_warning_sign() -> None:
    reader = UpdateReader(US, "us", (), lambda _: Urgent(("E1",), Tier.EMERGENCY))
    body = {"message_id": 5, "chat": {"id": ADA, "type": "private"}, "from": {"id": ADA}, "text": "10 / 10"}
    read = reader.read({"update_id": 3, "message": body})

    assert isinstance(read, IncomingMessage)
    assert read.typed.signs == ()


@pytest.mark.parametrize(
    "odd",
    [
        {"quote": {"text": "x"}},
        {"quote": "x"},
        {"poll": {"question": "x"}},
        {"reply_to_message": "x"},
        {"reply_to_message": {"message_id": 4}},
        {"forward_origin": {"type": "of the future"}},
        {"external_reply": {}},
        {"entities": "x"},
        {"via_bot": "x"},
        {"from": "x"},
        {"date": "x"},
        {"media_group_id": 5},
        {"message_thread_id": "x", "is_topic_message": True},
    ],
    ids=repr,
)
def test_what_stands_beside_the_words_never_silences_a_warning_sign(odd: dict[str, Any]) -> None:
    """PTB could not build a Message of some of these, and the update went to the quarantine."""
    assert message(WARNING, **odd).typed.signs == ("E1",)


def test_an_edit_is_answered_in_private_only_and_overtakes_with_a_warning_sign() -> None:
    edit = message(WARNING, kind="edited_message")

    assert (edit.edited, edit.may_be_answered, edit.overtakes) == (True, True, True)
    assert not message("heat", kind="edited_message").overtakes
    assert not message(WARNING, chat=GROUP, kind="edited_message").may_be_answered
    assert not message(location={}, kind="edited_message").may_be_answered


def test_taps_inline_queries_and_memberships() -> None:
    where = {"message_id": 5, "chat": {"id": GROUP, "type": "group"}, "message_thread_id": 8}
    tap = READER.read(
        {"update_id": 3, "callback_query": {"id": "q", "from": {"id": ADA}, "data": "m", "message": where}}
    )
    shared = READER.read(
        {"update_id": 4, "callback_query": {"id": "q", "from": {"id": ADA}, "inline_message_id": "x"}}
    )
    query = READER.read({"update_id": 5, "inline_query": {"id": "i", "from": {"id": ADA}, "query": "heat"}})
    change = {
        "chat": {"id": ADA, "type": "private"},
        "from": {"id": ADA},
        "new_chat_member": {"status": "member"},
    }
    back = READER.read({"update_id": 6, "my_chat_member": change})

    assert isinstance(tap, Tap)
    assert (tap.lane, tap.chat_id, tap.message_id, tap.private, tap.topic) == (ADA, GROUP, 5, False, None)
    assert isinstance(shared, Tap)
    assert (shared.message_id, shared.data, shared.private) == (None, "", False)
    assert isinstance(query, InlineQuery)
    assert (query.query_id, query.typed.text) == ("i", "heat")
    assert isinstance(back, MembershipChange)
    assert (back.person_id, back.private, back.status) == (ADA, True, "member")


@pytest.mark.parametrize(
    "raw",
    [
        {"message": {"message_id": "not a message"}},
        {"message": "?"},
        {"message": {"chat": {"id": "7"}, "message_id": 1}},
        {"callback_query": {"id": "1"}},
        {"inline_query": None},
        {"my_chat_member": []},
    ],
    ids=repr,
)
def test_what_lacks_what_its_kind_needs_is_unreadable_and_never_an_exception(raw: dict[str, Any]) -> None:
    assert isinstance(READER.read({"update_id": 3, **raw}), UnreadableUpdate)


@pytest.mark.parametrize("kind", ["channel_post", "message_reaction", "poll", "of_the_future"])
def test_kinds_that_are_not_answered_are_ignored_in_their_lane(kind: str) -> None:
    assert READER.read({"update_id": 3, kind: {"chat": {"id": GROUP}}}) == IgnoredUpdate(
        update_id=3, kind=kind, lane=GROUP
    )
    assert isinstance(READER.read({"update_id": 3}), IgnoredUpdate)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(max_size=8), deeper, max_size=4),
    max_leaves=12,
)
NAMES = [
    "message_id",
    "chat",
    "from",
    "text",
    "caption",
    "id",
    "type",
    "entities",
    "via_bot",
    "reply_to_message",
    "data",
    "query",
    "message",
]


@given(
    st.sampled_from(["message", "edited_message", "callback_query", "inline_query", "my_chat_member"]),
    st.dictionaries(st.sampled_from(NAMES), ANYTHING),
)
def test_nothing_that_comes_raises(kind: str, body: dict[str, Any]) -> None:
    read = READER.read({"update_id": 3, kind: body})

    assert read.update_id == 3
    assert isinstance(read.overtakes, bool)


def test_when_a_new_message_was_written_is_told_and_of_an_edit_or_a_tap_nothing() -> None:
    """A message is never from the future: the clock is held against it."""
    told: list[datetime] = []
    reader = UpdateReader(US, "us", (), finds, dated=told.append)
    where = {"message_id": 5, "chat": {"id": ADA, "type": "private"}, "from": {"id": ADA}}
    reader.read({"update_id": 1, "message": {**where, "date": 1_795_425_000}})
    reader.read({"update_id": 2, "edited_message": {**where, "date": 1_795_425_001}})
    reader.read({"update_id": 3, "message": {**where, "date": "soon"}})
    reader.read({"update_id": 4, "callback_query": {"id": "1", "from": {"id": ADA}, "data": "m"}})

    assert told == [datetime(2026, 11, 23, 9, 10, tzinfo=UTC)]
