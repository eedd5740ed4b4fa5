"""Facts 19 to 21: what Telegram reads as HTML, what it finds by itself, and how it refuses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgbot.simulator.entities import formatted
from tgbot.simulator.formatting import parse_html, utf16_length
from tgbot.simulator.refusals import Refusal


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    """A `MessageEntity`."""
    return {"type": kind, "offset": offset, "length": length, **more}


EMOJI = [entity("custom_emoji", 0, 2, custom_emoji_id="53683")]
READ = [
    ("<b>a</b><strong>b</strong>", "ab", [entity("bold", 0, 1), entity("bold", 1, 1)]),
    ("<i>a</i><em>b</em>", "ab", [entity("italic", 0, 1), entity("italic", 1, 1)]),
    ("<s>a</s><strike>b</strike><del>c</del>", "abc", [entity("strikethrough", i, 1) for i in range(3)]),
    ("<u>a</u><ins>b</ins>", "ab", [entity("underline", 0, 1), entity("underline", 1, 1)]),
    ("<tg-spoiler>a</tg-spoiler>", "a", [entity("spoiler", 0, 1)]),
    ('<span class="tg-spoiler">b</span>', "b", [entity("spoiler", 0, 1)]),
    ("<code>a</code>", "a", [entity("code", 0, 1)]),
    ("<pre>a</pre>", "a", [entity("pre", 0, 1)]),
    ('<pre><code class="language-python">a</code></pre>', "a", [entity("pre", 0, 1, language="python")]),
    ('<code class="language-python">a</code>', "a", [entity("code", 0, 1)]),
    ('<a href="https://who.int/x">a</a>', "a", [entity("text_link", 0, 1, url="https://who.int/x")]),
    ("<a href='tg://user?id=1'>a</a>", "a", [entity("text_link", 0, 1, url="tg://user?id=1")]),
    ('<a href="nonsense">a</a>', "a", []),
    ("<blockquote>a</blockquote>", "a", [entity("blockquote", 0, 1)]),
    ("<blockquote expandable>a</blockquote>", "a", [entity("expandable_blockquote", 0, 1)]),
    ('<tg-emoji emoji-id="53683">👍</tg-emoji>', "👍", EMOJI),
    ('<tg-time unix="1647531900">x</tg-time>', "x", [entity("date_time", 0, 1, unix_time=1647531900)]),
    ("<B>a</B>", "a", [entity("bold", 0, 1)]),
    ("<b>a</>", "a", [entity("bold", 0, 1)]),
    ("<b ></b >a", "a", []),
    ("<b>a<i>b</i></b>", "ab", [entity("bold", 0, 2), entity("italic", 1, 1)]),
    ("😀<b>a</b>", "😀a", [entity("bold", 2, 1)]),
    ("&lt;&gt;&amp;&quot;&#33;&#x1F600;", "<>&\"!😀", []),
    ("&nbsp;&copy;&", "&nbsp;&copy;&", []),
    ("a & b > c", "a & b > c", []),
    ("  <b> a </b>  ", "a", [entity("bold", 0, 1)]),
]  # fmt: skip


@pytest.mark.parametrize(("html", "text", "entities"), READ, ids=[html for html, _, _ in READ])
def test_fact_19_and_20_html_is_read_as_telegram_reads_it(
    html: str, text: str, entities: list[dict[str, Any]]
) -> None:
    assert formatted(html, "html", None) == (text, entities)


REFUSED = [
    ("<ul>a</ul>", 'Unsupported start tag "ul" at byte offset 0'),
    ("é<ul>", 'Unsupported start tag "ul" at byte offset 2'),
    ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
    ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
    ("a</b>", "Unexpected end tag at byte offset 1"),
    ("a < b", 'Unsupported start tag "" at byte offset 2'),
    ("5 <3", "Unclosed start tag at byte offset 2"),
    ("<b", "Unclosed start tag at byte offset 0"),
    ("<b>a</b", "Unclosed end tag at byte offset 4"),
    ('<span class="x">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ("<a href>a</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
    ('<a =">a</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
    ("<a href=a_b>a</a>", "Unexpected end of name token at byte offset 8"),
    ('<a href="a', "Unclosed start tag at byte offset 0"),
    ("<br>", 'Unsupported start tag "br" at byte offset 0'),
    ("<p>a</p>", 'Unsupported start tag "p" at byte offset 0'),
    ('<tg-emoji emoji-id="x">a</tg-emoji>', "Invalid custom emoji identifier specified"),
]


@pytest.mark.parametrize(("html", "words"), REFUSED, ids=[html for html, _ in REFUSED])
def test_fact_21_broken_html_is_refused_with_telegrams_words(html: str, words: str) -> None:
    with pytest.raises(Refusal) as refusal:
        formatted(html, "HTML", None)
    assert refusal.value.description == f"Bad Request: can't parse entities: {words}"


FOUND = [
    ("/start now", [entity("bot_command", 0, 6)]),
    ("/start@backcheck_bot", [entity("bot_command", 0, 20)]),
    ("either/or", []),
    ("ask @somebody", [entity("mention", 4, 9)]),
    ("see https://who.int/a.", [entity("url", 4, 17)]),
    ("write to a@b.org", [entity("email", 9, 7)]),
    ("#back pain", [entity("hashtag", 0, 5)]),
    ("😀 /urgent", [entity("bot_command", 3, 7)]),
]


@pytest.mark.parametrize(("text", "entities"), FOUND, ids=[text for text, _ in FOUND])
def test_commands_and_links_are_found_in_plain_text(text: str, entities: list[dict[str, Any]]) -> None:
    assert formatted(text, None, None) == (text, entities)


def test_nothing_is_found_inside_code() -> None:
    assert formatted("<code>/start</code>", "HTML", None)[1] == [entity("code", 0, 6)]


_PIECES = st.sampled_from(
    "<b> </b> <i> </i> < > &amp; & a é 😀 <a_href=' '> </a> <!--".replace("_", " ").split(" ")
)


@given(st.lists(_PIECES, max_size=25).map("".join))
def test_any_text_is_either_read_or_refused_and_entities_stay_inside(html: str) -> None:
    try:
        text, entities = parse_html(html)
    except Refusal:
        return
    length = utf16_length(text)
    assert all(e["offset"] >= 0 and e["length"] > 0 and e["offset"] + e["length"] <= length for e in entities)


@given(st.text(max_size=60))
def test_escaped_text_always_comes_through_as_it_was(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_html(escaped) == (text, [])
