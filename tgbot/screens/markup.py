"""The pack's Markdown as Telegram HTML, once at load; what Telegram cannot show is an error with its line.

CommonMark, with three habits of ours: `__so__` is underlined, `~~so~~` struck out, and a quote whose first
line is `[!more]` is folded. Lists become lines with • or 1., with air between them if it was written so;
headings become bold. `{names}` stay.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

FOLD = "[!more]"

_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", "table"])
_INLINE = {"strong": "b", "em": "i", "s": "s"}
_REFUSED = {
    "table": "a table; Telegram cannot show one, write a list",
    "image": "an image; Telegram text cannot hold one",
    "html_block": "HTML; write Markdown",
    "html_inline": "HTML; write Markdown",
    "hr": "a rule; leave an empty line",
}


class MarkupErrors(ValueError):  # noqa: N818  it carries many, and its name says so
    """What Telegram cannot show. `problems` are (line from 1 within the text, sentence)."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"line {line}: {sentence}" for line, sentence in problems))


@dataclass(frozen=True, slots=True)
class Block:
    """One thing the eye takes in at once, as plain text. `line` counts from 1 within the text."""

    kind: str  # heading | paragraph | item | quote | code
    line: int
    text: str


def to_html(markdown: str) -> str:
    """`markdown` as Telegram HTML. Raises MarkupErrors with everything that cannot be shown."""
    writer = _Writer()
    html = writer.blocks(SyntaxTreeNode(_PARSER.parse(markdown)))
    if writer.problems:
        raise MarkupErrors(writer.problems)
    return html


def plain(html: str) -> str:
    """What a person reads of Telegram HTML."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def blocks(markdown: str) -> tuple[Block, ...]:
    """The paragraphs, headings and list items of `markdown`, in reading order."""
    return tuple(_blocks(SyntaxTreeNode(_PARSER.parse(markdown)), "paragraph"))


def _blocks(parent: SyntaxTreeNode, kind: str) -> Iterator[Block]:
    for node in parent.children:
        match node.type:
            case "heading":
                yield Block("heading", _line(node), _plain_text(node))
            case "paragraph":
                yield Block(kind, _line(node), _plain_text(node).removeprefix(FOLD).strip())
            case "blockquote":
                yield from _blocks(node, "quote")
            case "bullet_list" | "ordered_list" | "list_item":
                yield from _blocks(node, "item")
            case "fence" | "code_block":
                yield Block("code", _line(node), node.content)


def _plain_text(node: SyntaxTreeNode) -> str:
    if node.type in ("softbreak", "hardbreak"):
        return " "
    if not node.children:
        return node.content if node.type in ("text", "text_special", "code_inline") else ""
    return "".join(_plain_text(child) for child in node.children)


def _line(node: SyntaxTreeNode) -> int:
    return node.map[0] + 1 if node.map else 1


class _Writer:
    """Writes one text, and keeps what could not be written."""

    def __init__(self) -> None:
        self.problems: list[tuple[int, str]] = []
        self._here = 1  # the line of the span being written

    def blocks(self, parent: SyntaxTreeNode, *, nested: bool = False) -> str:
        """Blocks with an empty line between them; a list stays close to the line that announces it."""
        html = ""
        for node in parent.children:
            written = self._block(node, nested=nested)
            close = nested or (html.endswith(("</b>", ":")) and node.type in ("bullet_list", "ordered_list"))
            html += ("\n" if close else "\n\n") * bool(html) + written
        return html

    def _block(self, node: SyntaxTreeNode, *, nested: bool) -> str:
        match node.type:
            case "paragraph":
                return self._inline(node.children[0])
            case "heading":
                return f"<b>{self._inline(node.children[0])}</b>"
            case "bullet_list" | "ordered_list" if nested:
                self._refuse(_line(node), "a list inside a list; hard to read on a phone, write two lists")
                return ""
            case "bullet_list":
                return self._gap(node).join(f"• {self.blocks(item, nested=True)}" for item in node.children)
            case "ordered_list":
                first = int(node.attrs.get("start", 1))
                numbered = enumerate(node.children, first)
                return self._gap(node).join(f"{n}. {self.blocks(item, nested=True)}" for n, item in numbered)
            case "blockquote":
                return self._quote(self.blocks(node))
            case "fence" | "code_block":
                return f"<pre>{escape(node.content.rstrip(), quote=False)}</pre>"
        self._refuse(_line(node), _REFUSED.get(node.type, f"{node.type}, which Telegram cannot show"))
        return ""

    @staticmethod
    def _gap(items: SyntaxTreeNode) -> str:
        """Items that are written with an empty line between them are shown so."""
        tight = all(part.hidden for item in items.children for part in item.children if part.is_nested)
        return "\n" if tight else "\n\n"

    @staticmethod
    def _quote(html: str) -> str:
        if html.startswith(FOLD):
            return f"<blockquote expandable>{html.removeprefix(FOLD).strip()}</blockquote>"
        return f"<blockquote>{html}</blockquote>"

    def _inline(self, inline: SyntaxTreeNode) -> str:
        self._here = _line(inline)
        return self._children(inline)

    def _children(self, parent: SyntaxTreeNode) -> str:
        return "".join(self._span(node) for node in parent.children)

    def _span(self, node: SyntaxTreeNode) -> str:
        match node.type:
            case "text" | "text_special":
                return escape(node.content, quote=False)
            case "softbreak" | "hardbreak":
                self._here += 1
                after = node.next_sibling
                if after and after.type == "text" and after.content.startswith("•"):
                    self._refuse(self._here, "a list made by hand; begin its lines with - and not with •")
                return " " if node.type == "softbreak" else "\n"
            case "code_inline":
                return f"<code>{escape(node.content, quote=False)}</code>"
            case "strong" | "em" | "s":
                tag = "u" if node.markup == "__" else _INLINE[node.type]
                return f"<{tag}>{self._children(node)}</{tag}>"
            case "link":
                return self._link(str(node.attrs["href"]), self._children(node))
        self._refuse(self._here, _REFUSED.get(node.type, f"{node.type}, which Telegram cannot show"))
        return ""

    def _link(self, href: str, text: str) -> str:
        if not href.startswith(("https://", "tg://")) or "%7B" in href:
            self._refuse(self._here, f"a link to {href}; links start with https:// and hold no {{name}}")
        return f'<a href="{escape(href)}">{text}</a>'

    def _refuse(self, line: int, what: str) -> None:
        self.problems.append((line, f"this is {what}"))
