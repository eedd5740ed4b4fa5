"""Facts 1 to 8: how long and how many. The numbers are those of docs/simulator.md."""

from typing import Any

import pytest

from tests.integration.simulator.scene import Scene

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR"


def button(**what: Any) -> dict[str, Any]:
    """A keyboard of one button."""
    return {"inline_keyboard": [[{"text": "B", **what}]]}


def rows(*lengths: int) -> dict[str, Any]:
    """A keyboard with rows of so many buttons."""
    return {"inline_keyboard": [[{"text": "B", "callback_data": "d"}] * n for n in lengths]}


def said(text: str, markup: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The parameters of a sendMessage."""
    return {"text": text, **({"reply_markup": markup} if markup else {}), **more}


def forced(placeholder: str) -> dict[str, Any]:
    """A forced reply."""
    return {"force_reply": True, "input_field_placeholder": placeholder}


ACCEPTED = [
    ("fact 1: 4096 characters", said("x" * 4096)),
    ("fact 1: tags do not count", said(f"<b>{'x' * 4096}</b>", parse_mode="HTML")),
    ("fact 2: 64 bytes", said("t", button(callback_data="é" * 32))),
    ("fact 3: 8 a row", said("t", rows(8))),
    ("fact 3: 100 in all", said("t", rows(*[5] * 20))),
    ("fact 3: copy_text 256", said("t", button(copy_text={"text": "c" * 256}))),
    ("fact 6: placeholder 64", said("t", forced("p" * 64))),
]
NO_TEXT = "can't parse inline keyboard button: Text of an inline keyboard button can't be empty"
REFUSED = [
    ("fact 1: 4097", said("x" * 4097), "message is too long"),
    ("fact 1: an emoji counts two", said("😀" * 2049), "message is too long"),
    ("fact 1: raw bytes", said(f"<b>{'</b><b>' * 5000}</b>", parse_mode="HTML"), "text is too long"),
    ("fact 2: 65 bytes", said("t", button(callback_data="x" * 65)), "BUTTON_DATA_INVALID"),
    ("fact 2: not characters", said("t", button(callback_data="é" * 33)), "BUTTON_DATA_INVALID"),
    ("fact 2: none", said("t", button(callback_data="")), "BUTTON_DATA_INVALID"),
    ("fact 3: no text", said("t", button(text=" ", callback_data="x")), NO_TEXT),
    ("fact 3: 9 a row", said("t", rows(9)), "REPLY_MARKUP_TOO_LONG"),
    ("fact 3: 101 in all", said("t", rows(*[5] * 20, 1)), "REPLY_MARKUP_TOO_LONG"),
    ("fact 3: copy_text 257", said("t", button(copy_text={"text": "c" * 257})), "BUTTON_COPY_TEXT_INVALID"),
    ("fact 6: placeholder 65", said("t", forced("p" * 65)), "input field placeholder is too long"),
]


@pytest.mark.parametrize(("fact", "parameters"), ACCEPTED, ids=[a[0] for a in ACCEPTED])
async def test_what_telegram_accepts_is_accepted(
    telegram: Scene, fact: str, parameters: dict[str, Any]
) -> None:
    await telegram.done("sendMessage", chat_id=telegram.ada.id, **parameters)


@pytest.mark.parametrize(("fact", "parameters", "words"), REFUSED, ids=[r[0] for r in REFUSED])
async def test_what_is_too_long_is_refused_in_telegrams_words(
    telegram: Scene, fact: str, parameters: dict[str, Any], words: str
) -> None:
    refusal = await telegram.refused("sendMessage", chat_id=telegram.ada.id, **parameters)
    assert refusal == f"Bad Request: {words}"
    assert not (await telegram.ada.look()).screens, "nothing may be delivered"


PROFILE = [
    ("setMyName", "name", 64, "BOT_TITLE_INVALID"),
    ("setMyDescription", "description", 512, "BOT_DESCRIPTION_TOO_LONG"),
    ("setMyShortDescription", "short_description", 120, "BOT_SHORT_DESCRIPTION_TOO_LONG"),
]


@pytest.mark.parametrize(("method", "name", "most", "words"), PROFILE)
async def test_fact_6_the_bots_texts_have_their_lengths(
    telegram: Scene,
    method: str,
    name: str,
    most: int,
    words: str,
) -> None:
    await telegram.done(method, **{name: "x" * most})
    assert await telegram.refused(method, **{name: "x" * (most + 1)}) == f"Bad Request: {words}"
    assert (await telegram.done(method.replace("set", "get")))[name] == "x" * most


COMMANDS = [
    ([{"command": "Start", "description": "d"}], "BOT_COMMAND_INVALID"),
    ([{"command": "a" * 33, "description": "d"}], "BOT_COMMAND_INVALID"),
    ([{"command": "с", "description": "a Cyrillic letter"}], "BOT_COMMAND_INVALID"),
    ([{"command": "a", "description": "d" * 257}], "BOT_COMMAND_DESCRIPTION_INVALID"),
    ([{"command": f"a{i}", "description": "d"} for i in range(101)], "BOT_COMMANDS_TOO_MUCH"),
]


@pytest.mark.parametrize(
    ("commands", "words"), COMMANDS, ids=["upper", "long", "script", "description", "many"]
)
async def test_fact_5_commands_have_their_form(
    telegram: Scene,
    commands: list[dict[str, str]],
    words: str,
) -> None:
    assert await telegram.refused("setMyCommands", commands=commands) == f"Bad Request: {words}"
    hundred = [{"command": f"a{i}", "description": "d" * 256} for i in range(100)]
    await telegram.done("setMyCommands", commands=hundred)


async def test_fact_1_a_caption_has_1024_characters(telegram: Scene) -> None:
    document = await _document(telegram)
    await telegram.done("sendDocument", chat_id=telegram.ada.id, document=document, caption="x" * 1024)
    said = await telegram.refused(
        "sendDocument", chat_id=telegram.ada.id, document=document, caption="x" * 1025
    )
    assert said == "Bad Request: message caption is too long"


async def _document(telegram: Scene) -> str:
    await telegram.ada.posts("document", wait=0)
    (update,) = await telegram.updates()
    return str(update["message"]["document"]["file_id"])


async def test_fact_4_an_answer_to_a_tap_has_200_characters(telegram: Scene) -> None:
    sent = await telegram.done(
        "sendMessage", chat_id=telegram.ada.id, text="t", reply_markup=button(callback_data="d")
    )
    await telegram.ada.tap_data("d", sent["message_id"], wait=0)
    query_id = (await telegram.updates())[0]["callback_query"]["id"]
    said = await telegram.refused("answerCallbackQuery", callback_query_id=query_id, text="x" * 201)
    assert said == "Bad Request: MESSAGE_TOO_LONG"
    await telegram.done("answerCallbackQuery", callback_query_id=query_id, text="x" * 200)


def article(result_id: str) -> dict[str, Any]:
    """A result that would be accepted."""
    return {"type": "article", "id": result_id, "title": "t", "input_message_content": {"message_text": "m"}}


INLINE = [
    ({"results": [article(str(i)) for i in range(51)]}, "RESULTS_TOO_MUCH"),
    ({"results": [article("x" * 65)]}, "RESULT_ID_INVALID"),
    ({"results": [article("same"), article("same")]}, "RESULT_ID_DUPLICATE"),
    ({"results": [article("a")], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
    ({"results": [], "button": {"text": "b", "start_parameter": "no spaces"}}, "START_PARAM_INVALID"),
    (
        {"results": [{**article("a"), "input_message_content": {"message_text": "x" * 4097}}]},
        "message is too long",
    ),
]


@pytest.mark.parametrize(("parameters", "words"), INLINE, ids=[words for _, words in INLINE])
async def test_fact_7_inline_answers_have_their_limits(
    telegram: Scene,
    parameters: dict[str, Any],
    words: str,
) -> None:
    await telegram.ada.asks_inline("q" * 300, wait=0)
    query = (await telegram.updates())[0]["inline_query"]
    assert len(query["query"]) == 256
    said = await telegram.refused("answerInlineQuery", inline_query_id=query["id"], **parameters)
    assert said == f"Bad Request: {words}"
    fifty = [article(f"{i:064d}") for i in range(50)]
    await telegram.done("answerInlineQuery", inline_query_id=query["id"], results=fifty)


@pytest.mark.parametrize(("count", "words"), [(1, "too few messages"), (11, "too many messages")])
async def test_fact_7_an_album_has_two_to_ten(
    telegram: Scene,
    count: int,
    words: str,
) -> None:
    media = [{"type": "document", "media": await _document(telegram)}] * count
    said = await telegram.refused("sendMediaGroup", chat_id=telegram.ada.id, media=media)
    assert said == f"Bad Request: {words} to send as an album"


def png(width: int, height: int) -> bytes:
    """The head of a picture of that size."""
    return PNG + width.to_bytes(4) + height.to_bytes(4)


PHOTOS = [
    (png(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
    (png(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
    (b"not a picture", "IMAGE_PROCESS_FAILED"),
    (b"", "file must be non-empty"),
    (
        png(10, 10) + b"\0" * 10 * 1024 * 1024,
        "file of size 10485784 bytes is too big for a photo; the maximum size is 10485760 bytes",
    ),
]


@pytest.mark.parametrize(("content", "words"), PHOTOS, ids=["sides", "ratio", "no picture", "empty", "10 MB"])
async def test_fact_8_a_photo_has_its_limits(
    telegram: Scene,
    content: bytes,
    words: str,
) -> None:
    answer = await telegram.api.upload("sendPhoto", {"chat_id": telegram.ada.id}, photo=content)
    assert answer["description"] == f"Bad Request: {words}"
    assert (await telegram.api.upload("sendPhoto", {"chat_id": telegram.ada.id}, photo=png(9000, 1000)))["ok"]


async def test_fact_8_uploads_end_at_50_and_downloads_at_20_megabytes(telegram: Scene) -> None:
    chat = {"chat_id": telegram.ada.id}
    answer = await telegram.api.upload("sendDocument", chat, document=b"\0" * (50 * 1024 * 1024 + 1))
    assert (answer["error_code"], answer["description"]) == (413, "Request Entity Too Large")
    sent = await telegram.api.upload("sendDocument", chat, document=b"\0" * (20 * 1024 * 1024 + 1))
    file_id = sent["result"]["document"]["file_id"]
    assert await telegram.refused("getFile", file_id=file_id) == "Bad Request: file is too big"


async def test_a_file_comes_back_as_it_was_sent(telegram: Scene) -> None:
    sent = await telegram.api.upload("sendDocument", {"chat_id": telegram.ada.id}, document=b"content")
    file = await telegram.done("getFile", file_id=sent["result"]["document"]["file_id"])
    url = f"{telegram.sim.url}/file/bot{telegram.sim.token}/{file['file_path']}"
    assert (await telegram.api.http.get(url)).content == b"content"
    again = await telegram.done("sendDocument", chat_id=telegram.ada.id, document=file["file_id"])
    assert again["document"]["file_name"] == "upload"
