"""answerInlineQuery: up to fifty results, each of them a message that would be accepted."""

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.files import Uploads
from tgbot.simulator.keyboards import only_inline
from tgbot.simulator.methods.about import PAYLOAD
from tgbot.simulator.refusals import bad_request
from tgbot.simulator.telegram import Telegram

MAX_RESULTS = 50
MAX_ID = 64
MAX_OFFSET = 64


def answer_inline_query(tg: Telegram, p: JsonObject, uploads: Uploads) -> bool:
    """What a person may choose from."""
    results = p["results"]
    if len(results) > MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    if len(p.get("next_offset", "").encode()) > MAX_OFFSET:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = p.get("button", {})
    if "start_parameter" in button and not PAYLOAD.fullmatch(button["start_parameter"]):
        raise bad_request("START_PARAM_INVALID")
    ids = [result["id"] for result in results]
    if any(not 1 <= len(result_id.encode()) <= MAX_ID for result_id in ids):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    for result in results:
        content_of(tg, result)
    query = tg.inline.answer(
        p["inline_query_id"], {"results": results, "button": button, "next_offset": p.get("next_offset", "")}
    )
    tg.events.publish("inline", {"query_id": query.id, "person_id": query.person_id, **(query.answer or {})})
    return True


def content_of(tg: Telegram, result: JsonObject) -> JsonObject:
    """The message that a result becomes. Raises `Refusal` when it would not be accepted."""
    wanted = result.get("input_message_content")
    content: JsonObject = {}
    if wanted is not None and "message_text" in wanted:
        text, entities = tg.formatted(
            wanted["message_text"], wanted.get("parse_mode"), wanted.get("entities")
        )
        content = {"text": text, **({"entities": entities} if entities else {})}
    elif wanted is not None and "latitude" in wanted:
        content = {"location": {"latitude": wanted["latitude"], "longitude": wanted["longitude"]}}
    elif "photo_file_id" in result or "document_file_id" in result:
        kind = "photo" if "photo_file_id" in result else "document"
        content = tg.files.get(result[f"{kind}_file_id"]).media()
    else:
        raise bad_request(f"inline results of type {result['type']} are not simulated (simulator)")
    if markup := only_inline(result.get("reply_markup")):
        content["reply_markup"] = markup
    return content
