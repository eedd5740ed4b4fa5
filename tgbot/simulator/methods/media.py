"""sendPhoto, sendDocument, sendMediaGroup, editMessageMedia, getFile, getUserProfilePhotos."""

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.files import MAX_DOWNLOAD, FileKind, Uploads
from tgbot.simulator.keyboards import checked, only_inline
from tgbot.simulator.methods.edits import change, target
from tgbot.simulator.methods.messages import show_keyboard, with_markup
from tgbot.simulator.refusals import bad_request
from tgbot.simulator.telegram import Telegram

ALBUM = range(2, 11)


def _captioned(tg: Telegram, p: JsonObject) -> JsonObject:
    text, entities = tg.formatted(
        p.get("caption", ""), p.get("parse_mode"), p.get("caption_entities"), caption=True
    )
    content: JsonObject = {"caption": text} if text else {}
    if entities:
        content["caption_entities"] = entities
    for flag in ("show_caption_above_media", "has_spoiler"):
        if p.get(flag):
            content["has_media_spoiler" if flag == "has_spoiler" else flag] = True
    return content


def _send(tg: Telegram, p: JsonObject, uploads: Uploads, kind: FileKind) -> JsonObject:
    caption = _captioned(tg, p)
    markup = checked(p.get("reply_markup"))
    tg.world.writable(p["chat_id"])
    media = tg.files.take(kind, p[kind], uploads).media()
    body = tg.deliver(p, with_markup({**media, **caption}, markup))
    show_keyboard(tg, p, markup)
    return body


def send_photo(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
    """A picture."""
    return _send(tg, p, uploads, "photo")


def send_document(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
    """A file."""
    return _send(tg, p, uploads, "document")


def _input_media(tg: Telegram, media: JsonObject, uploads: Uploads) -> JsonObject:
    if media["type"] not in ("photo", "document"):
        raise bad_request(f"media of type {media['type']} is not simulated (simulator)")
    return {**tg.files.take(media["type"], media["media"], uploads).media(), **_captioned(tg, media)}


def send_media_group(tg: Telegram, p: JsonObject, uploads: Uploads) -> list[JsonObject]:
    """Two to ten pictures, or two to ten files, as an album."""
    chat = tg.world.writable(p["chat_id"])
    if len(p["media"]) >= ALBUM.stop:
        raise bad_request("too many messages to send as an album")
    if len(p["media"]) < ALBUM.start:
        raise bad_request("too few messages to send as an album")
    if len({media["type"] for media in p["media"]}) > 1 and any(m["type"] == "document" for m in p["media"]):
        raise bad_request("document can't be mixed with other media types")
    album = str(10**17 + tg.world.serial())
    contents = [_input_media(tg, media, uploads) for media in p["media"]]
    replies = tg.reply_to(chat, p)
    tg.limits.take(chat, tg.clock.now(), paid=bool(p.get("allow_paid_broadcast")), messages=len(contents))
    return [
        tg.send(chat, tg.world.bot, {**replies, "media_group_id": album, **content}).body
        for content in contents
    ]


def edit_message_media(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject | bool:
    """Another picture or file in the same message."""
    chat, message = target(tg, p)
    old = {"photo", "document", "text", "entities", "caption", "caption_entities", "has_media_spoiler"}
    new = _input_media(tg, p["media"], uploads)
    changes = {**dict.fromkeys(old, None), **new, "reply_markup": only_inline(p.get("reply_markup"))}
    return change(tg, p, chat, message, changes)


def get_file(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
    """Where a file can be fetched."""
    file = tg.files.by_id.get(p["file_id"])
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.content) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": file.id,
        "file_unique_id": file.unique_id,
        "file_size": len(file.content),
        "file_path": file.path,
    }


def get_user_profile_photos(tg: Telegram, p: JsonObject, uploads: Uploads) -> JsonObject:
    """Nobody here has a picture."""
    if p["user_id"] not in tg.world.people:
        raise bad_request("user not found")
    return {"total_count": 0, "photos": []}
