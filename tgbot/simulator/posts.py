"""What people post besides text, as messages carry it: pictures, files, voice, stickers, places, contacts."""

import base64

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.entities import typed
from tgbot.simulator.files import FileKind, StoredFile, Upload, UploadedFiles
from tgbot.simulator.world import User

# The smallest picture there is: one grey dot.
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
KINDS = ("text", "photo", "document", "voice", "sticker", "location", "contact", "dice", "video_note")


def post(files: UploadedFiles, person: User, wanted: JsonObject) -> JsonObject:
    """The content of a message; `kind` says of what sort, `content` is base64, the rest has a default.

    Raises `Refusal` for a file that Telegram would not take, `ValueError` for an unknown kind.
    """
    match wanted.get("kind", "text"):
        case "text":
            return {"text": wanted.get("text", "")}
        case ("photo" | "document") as kind:
            return {**_file(files, kind, wanted).media(), **_caption(wanted)}
        case "voice":
            kept = files.keep("voice", Upload("voice.ogg", "audio/ogg", b"OggS simulated"))
            ids = {"file_id": kept.id, "file_unique_id": kept.unique_id}
            return {"voice": {**ids, "duration": 3, "mime_type": "audio/ogg"}}
        case "sticker":
            kept = files.keep("sticker", Upload("sticker.webp", "image/webp", b"RIFF simulated"))
            sticker = {
                "file_id": kept.id,
                "file_unique_id": kept.unique_id,
                "emoji": wanted.get("emoji", "👍"),
            }
            flags = {"type": "regular", "is_animated": False, "is_video": False}
            return {"sticker": {**sticker, "width": 512, "height": 512, **flags}}
        case "location":
            return {
                "location": {
                    "latitude": wanted.get("latitude", 51.5),
                    "longitude": wanted.get("longitude", 0.1),
                }
            }
        case "contact":
            return {"contact": {"phone_number": "+440000000000", "first_name": person.first_name}}
        case "dice":
            return {"dice": {"emoji": "🎲", "value": 4}}
        case "video_note":
            kept = files.keep("voice", Upload("note.mp4", "video/mp4", b"ftyp simulated"))
            ids = {"file_id": kept.id, "file_unique_id": kept.unique_id}
            return {"video_note": {**ids, "length": 240, "duration": 3}}
    raise ValueError(f"people cannot post {wanted.get('kind')!r}; they can post {', '.join(KINDS)}")


def _file(files: UploadedFiles, kind: FileKind, wanted: JsonObject) -> StoredFile:
    content = base64.b64decode(wanted["content"]) if "content" in wanted else DOT
    name = wanted.get("name", "picture.png" if kind == "photo" else "file.txt")
    return files.keep(kind, Upload(name, wanted.get("mime_type", "image/png"), content))


def _caption(wanted: JsonObject) -> JsonObject:
    if not wanted.get("caption"):
        return {}
    text, entities = typed(wanted["caption"])
    return {"caption": text, **({"caption_entities": entities} if entities else {})}
