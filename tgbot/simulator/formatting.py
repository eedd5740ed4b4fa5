"""Telegram's reading of HTML: its tags, its refusals with byte offsets, entities counted in UTF-16.

It follows the order in which TDLib looks at the bytes, so that a broken text is refused at the same place and
with the same words. https://core.telegram.org/bots/api#html-style
"""

from dataclasses import dataclass

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.refusals import Refusal, bad_request

_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "tg-spoiler": "spoiler", "span": "spoiler", "a": "text_link", "blockquote": "blockquote",
    "tg-emoji": "custom_emoji", "tg-time": "date_time",
}  # fmt: skip
_ENTITIES = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_SPACE = b" \t\r\n\0\v"


@dataclass(frozen=True)
class _Open:
    """A start tag that waits for its end."""

    tag: str
    argument: str
    offset: int
    at: int


def _cannot(words: str) -> Refusal:
    return bad_request(f"can't parse entities: {words}")


def parse_html(text: str) -> tuple[str, list[JsonObject]]:
    """The text without its tags, and its entities. Raises `Refusal` where Telegram refuses."""
    return _Reader(text.encode("utf-8", "surrogatepass") + b"\0").read()


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw  # ends in a zero byte, so that looking one further is always allowed
        self.at = 0
        self.out: list[str] = []
        self.offset = 0  # UTF-16 units written
        self.open: list[_Open] = []
        self.entities: list[JsonObject] = []

    def read(self) -> tuple[str, list[JsonObject]]:
        raw, end = self.raw, len(self.raw) - 1
        while self.at < end:
            if raw[self.at] == ord("<"):
                self._end_tag() if raw[self.at + 1] == ord("/") else self._start_tag()
            elif raw[self.at] == ord("&") and (decoded := self._entity()):
                self._write(decoded)
            else:
                stop = self.at + 1
                while stop < end and raw[stop] not in b"<&":
                    stop += 1
                self._write(raw[self.at : stop].decode("utf-8", "surrogatepass"))
                self.at = stop
        if self.open:
            raise _cannot(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        for entity in self.entities:
            entity.pop("_language", None)  # a language counts only inside <pre>
        return "".join(self.out), sorted(self.entities, key=lambda e: (e["offset"], -e["length"]))

    def _write(self, text: str) -> None:
        self.out.append(text)
        self.offset += utf16_length(text)

    def _entity(self) -> str | None:
        """The character that `&…;` stands for, or None when it is only text."""
        raw, start = self.raw, self.at
        stop = start + 1
        if raw[stop] == ord("#"):
            stop += 1
            base, digits = (16, b"0123456789abcdefABCDEF") if raw[stop] == ord("x") else (10, b"0123456789")
            stop += base == 16
            first = stop
            while raw[stop] in digits:
                stop += 1
            number = int(raw[first:stop] or b"0", base)
            if number == 0 or number >= 0x10FFFF or stop - start >= 10:
                return None
            character = chr(number)
        else:
            while chr(raw[stop]).isascii() and chr(raw[stop]).isalpha():
                stop += 1
            named = _ENTITIES.get(raw[start + 1 : stop])
            if named is None:
                return None
            character = named
        self.at = stop + (raw[stop] == ord(";"))
        return character

    def _until(self, stops: bytes) -> bytes:
        start = self.at
        while self.raw[self.at] not in stops:
            self.at += 1
        return self.raw[start : self.at]

    def _skip_space(self) -> None:
        while self.at < len(self.raw) - 1 and self.raw[self.at] in _SPACE:
            self.at += 1

    def _at_end(self) -> bool:
        return self.at >= len(self.raw) - 1

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self._until(_SPACE + b">").decode("utf-8", "replace").lower()
        if self._at_end():
            raise _cannot(f"Unclosed start tag at byte offset {begin}")
        if tag not in _KINDS:
            raise _cannot(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = ""
        while self.raw[self.at] != ord(">"):
            self._skip_space()
            if self.raw[self.at] == ord(">"):
                break
            name, value = self._attribute(tag, begin)
            argument = _argument(tag, name, value) or argument
        self.at += 1
        if tag == "span" and argument != "spoiler":
            raise _cannot(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.open.append(_Open(tag, argument, self.offset, len(self.out)))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self._until(_SPACE + b"=>").decode("utf-8", "replace").lower()
        if not name:
            raise _cannot(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self._skip_space()
        if self.raw[self.at] != ord("="):
            if tag == "blockquote" and name == "expandable":
                return name, ""
            raise _cannot(
                "Expected equal sign in declaration of an attribute of the tag "
                f'"{tag}" at byte offset {begin}'
            )
        self.at += 1
        self._skip_space()
        if self._at_end():
            raise _cannot(f'Unclosed start tag "{tag}" at byte offset {begin}')
        value = self._quoted() if self.raw[self.at] in b"'\"" else self._token()
        if self._at_end():
            raise _cannot(f"Unclosed start tag at byte offset {begin}")
        return name, value

    def _token(self) -> str:
        start = self.at
        while chr(self.raw[self.at]).isascii() and (
            chr(self.raw[self.at]).isalnum() or self.raw[self.at] in b".-"
        ):
            self.at += 1
        if self.raw[self.at] not in _SPACE + b">":
            raise _cannot(f"Unexpected end of name token at byte offset {start}")
        return self.raw[start : self.at].decode().lower()

    def _quoted(self) -> str:
        quote = self.raw[self.at : self.at + 1]
        self.at += 1
        parts: list[str] = []
        while not self._at_end() and self.raw[self.at] != quote[0]:
            if self.raw[self.at] == ord("&") and (decoded := self._entity()):
                parts.append(decoded)
            else:
                start = self.at
                self.at += 1
                while self.raw[self.at] not in quote + b"&\0":
                    self.at += 1
                parts.append(self.raw[start : self.at].decode("utf-8", "replace"))
        self.at += not self._at_end()
        return "".join(parts)

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise _cannot(f"Unexpected end tag at byte offset {begin}")
        self.at += 2
        found = self._until(_SPACE + b">").decode("utf-8", "replace").lower()
        self._skip_space()
        if self.raw[self.at] != ord(">"):
            raise _cannot(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        opened = self.open.pop()
        if found and found != opened.tag:
            raise _cannot(
                f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{found}>"'
            )
        if self.offset > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity: JsonObject = {
            "type": _KINDS[opened.tag],
            "offset": opened.offset,
            "length": self.offset - opened.offset,
        }
        match opened.tag:
            case "a":
                url = checked_url(opened.argument or "".join(self.out[opened.at :]))
                if url is None:
                    return
                entity["url"] = url
            case "blockquote" if opened.argument:
                entity["type"] = "expandable_blockquote"
            case "code" if opened.argument:
                entity["_language"] = opened.argument
            case "pre" if self.entities and "_language" in self.entities[-1]:
                inner = self.entities[-1]
                if inner["offset"] == entity["offset"] and inner["length"] == entity["length"]:
                    entity["language"] = self.entities.pop()["_language"]
            case "tg-emoji":
                if not opened.argument.isdecimal() or int(opened.argument) == 0:
                    raise _cannot("Invalid custom emoji identifier specified")
                entity["custom_emoji_id"] = opened.argument
            case "tg-time":
                if not opened.argument.isdecimal():
                    raise _cannot("Invalid date specified")
                entity["unix_time"] = int(opened.argument)
        self.entities.append(entity)


def _argument(tag: str, name: str, value: str) -> str:
    match tag, name:
        case ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "unix"):
            return value
        case "code", "class" if value.startswith("language-"):
            return value.removeprefix("language-")
        case "span", "class" if value.startswith("tg-"):
            return value.removeprefix("tg-")
        case "blockquote", "expandable":
            return "expandable"
    return ""


def checked_url(url: str) -> str | None:
    """The link as Telegram keeps it, or None when it is none: the text then stays without a link."""
    scheme, colon, rest = url.strip().partition(":")
    if colon and scheme.lower() in ("tg", "ton", "tonsite", "mailto", "tel"):
        return f"{scheme.lower()}:{rest}"
    bare = url.strip().removeprefix("http://").removeprefix("https://")
    host = bare.split("/")[0].split("?")[0].split("#")[0]
    if "." not in host.strip(".") and not host.startswith("localhost"):
        return None
    return url.strip() if "://" in url else f"http://{url.strip()}{'' if '/' in bare else '/'}"


def utf16_length(text: str) -> int:
    """Telegram counts in UTF-16 units: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
