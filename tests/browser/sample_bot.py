"""A bot for the page's own tests: it shows everything the page can show. It says nothing about health."""

from tests.integration.simulator.scripted_bot import Api
from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.posts import DOT

MENU = {
    "inline_keyboard": [
        [{"text": "A long question that needs its own row?", "callback_data": "answer"}],
        [{"text": "Toast", "callback_data": "toast"}, {"text": "Alert", "callback_data": "alert"}],
        [{"text": "Website", "url": "https://example.org/"}, {"text": "Delete", "callback_data": "delete"}],
    ]
}
BACK = {"inline_keyboard": [[{"text": "‹ Back", "callback_data": "menu"}]]}
WELCOME = "<b>Hello.</b> Tap a button, or write something."
ANSWER = (
    "<b>The answer in a line.</b>\n\nThen the details, with <i>emphasis</i>, <code>code</code> and "
    '<a href="https://example.org/page">a link</a>, or /start again.\n\n'
    "<blockquote expandable>Sources\nOne\nTwo\nThree\nFour\nFive</blockquote>"
)
ARABIC = "<b>مرحبا</b>\n\nهذا نص من اليمين إلى اليسار."
COMMANDS = [
    {"command": "start", "description": "The menu"},
    {"command": "picture", "description": "A picture and a file"},
    {"command": "broken", "description": "A call that is refused"},
]


async def introduce(api: Api) -> None:
    """What the bot says of itself."""
    await api.setMyCommands(commands=COMMANDS)
    await api.setMyDescription(description="A bot that shows what this page can show.")


async def handle(api: Api, update: JsonObject) -> None:
    """Answer one update."""
    if "message" in update:
        await _message(api, update["message"])
    elif "callback_query" in update:
        await _tap(api, update["callback_query"])
    elif "inline_query" in update:
        text = {"message_text": "<b>Shared</b>", "parse_mode": "HTML"}
        results = [
            {
                "type": "article",
                "id": str(i),
                "title": title,
                "description": "d",
                "input_message_content": text,
            }
            for i, title in enumerate(("First result", "Second result"))
        ]
        await api.answerInlineQuery(inline_query_id=update["inline_query"]["id"], results=results)


async def _message(api: Api, message: JsonObject) -> None:
    chat = {"chat_id": message["chat"]["id"]}
    match message.get("text", "").split("@")[0]:
        case "/picture":
            await api.upload("sendPhoto", {**chat, "caption": "A picture"}, photo=DOT)
            await api.upload("sendDocument", {**chat, "caption": "A file"}, document=b"content" * 500)
        case "/broken":
            await api.sendMessage(**chat, text="<b>never closed", parse_mode="HTML")
        case "/typing":
            await api.sendChatAction(**chat, action="typing")
        case "/evil":
            await api.sendMessage(**chat, text="<img src=x onerror=alert(1)> javascript:alert(1)")
        case "/keyboard":
            keyboard = {"keyboard": [[{"text": "Yes"}, {"text": "No"}]], "input_field_placeholder": "Well?"}
            await api.sendMessage(**chat, text="Which?", reply_markup=keyboard)
        case "/start" | "/start poster":
            await api.sendMessage(**chat, text=WELCOME, parse_mode="HTML", reply_markup=MENU)
        case _ if message["from"].get("language_code") == "ar":
            await api.sendMessage(**chat, text=ARABIC, parse_mode="HTML")
        case text:
            await api.sendMessage(**chat, text=f"You wrote: {text or 'no text'}")


async def _tap(api: Api, query: JsonObject) -> None:
    here = {"chat_id": query["message"]["chat"]["id"], "message_id": query["message"]["message_id"]}
    words: dict[str, JsonObject] = {
        "toast": {"text": "A word"},
        "alert": {"text": "Read this", "show_alert": True},
    }
    await api.answerCallbackQuery(callback_query_id=query["id"], **words.get(query["data"], {}))
    match query["data"]:
        case "answer":
            await api.editMessageText(**here, text=ANSWER, parse_mode="HTML", reply_markup=BACK)
        case "menu":
            await api.editMessageText(**here, text=WELCOME, parse_mode="HTML", reply_markup=MENU)
        case "delete":
            await api.deleteMessage(**here)
