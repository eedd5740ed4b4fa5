"""What happens to a text and its entities on the way into a message: limits, trimming, finding links."""

import re

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.formatting import checked_url, parse_html, utf16_length
from tgbot.simulator.refusals import bad_request

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_RAW = 32_768

_FOUND = re.compile(
    r"(?P<email>[\w.+-]+@[\w-]+\.[\w.-]*\w)"
    r"|(?P<url>\bhttps?://[^\s<>\"]+[^\s<>\".,;:!?)\]]|\b(?:[\w-]+\.)+(?:com|org|net|uk|de|io|me|gov|example)\b(?:/[^\s<>\"]*[^\s<>\".,;:!?)\]])?)"
    r"|(?P<bot_command>(?<![\w/@<>])/\w{1,64}(?:@\w{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<![\w@])@[A-Za-z]\w{3,31}\b)"
    r"|(?P<hashtag>(?<![\w#])#\w*[^\W\d]\w*)"
)
_OPAQUE = {"code", "pre", "text_link", "text_mention"}


def formatted(
    text: str, parse_mode: str | None, entities: list[JsonObject] | None, *, caption: bool = False
) -> tuple[str, list[JsonObject]]:
    """The text as the message will have it, and its entities. Raises `Refusal`."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_RAW:
        raise bad_request("text is too long")
    if not text and not caption:
        raise bad_request("message text is empty")
    if parse_mode is None or not parse_mode:
        marked = [dict(entity) for entity in entities or []]
    elif parse_mode.lower() == "html":
        text, marked = parse_html(text)
    else:
        raise bad_request("unsupported parse_mode")
    text, marked = _trimmed(text, marked)
    if not text and not caption:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > (MAX_CAPTION if caption else MAX_TEXT):
        raise bad_request("message caption is too long" if caption else "message is too long")
    return text, _with_found(text, marked)


def _trimmed(text: str, entities: list[JsonObject]) -> tuple[str, list[JsonObject]]:
    text = "".join(c for c in text.replace("\r", "") if c >= " " or c in "\n\t")
    bare = text.rstrip()
    start = utf16_length(bare) - utf16_length(bare.lstrip())
    bare = bare.lstrip()
    length = utf16_length(bare)
    kept = []
    for entity in entities:
        begin = max(entity["offset"] - start, 0)
        end = min(entity["offset"] - start + entity["length"], length)
        if begin < end:
            kept.append({**entity, "offset": begin, "length": end - begin})
    return bare, kept


def typed(text: str) -> tuple[str, list[JsonObject]]:
    """A person's message: the text and what Telegram finds in it."""
    text, _ = _trimmed(text, [])
    return text, _with_found(text, [])


def _with_found(text: str, entities: list[JsonObject]) -> list[JsonObject]:
    opaque = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in _OPAQUE]
    edges = {e["offset"] for e in entities} | {e["offset"] + e["length"] for e in entities}
    every = list(entities)
    for match in _FOUND.finditer(text):
        kind = match.lastgroup
        begin = utf16_length(text[: match.start()])
        end = begin + utf16_length(match[0])
        covered = any(begin < stop and end > start for start, stop in opaque)
        cut = any(begin < edge < end for edge in edges)
        if not covered and not cut and (kind != "url" or checked_url(match[0])):
            every.append({"type": kind, "offset": begin, "length": end - begin})
    return sorted(every, key=lambda e: (e["offset"], -e["length"]))
