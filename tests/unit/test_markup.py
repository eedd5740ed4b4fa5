"""The pack's Markdown as Telegram HTML, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgbot.screens.markup import Block, MarkupErrors, blocks, plain, to_html
from tgbot.simulator.formatting import parse_html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**b** _i_ *i* __u__ ~~s~~ `c`", "<b>b</b> <i>i</i> <i>i</i> <u>u</u> <s>s</s> <code>c</code>"),
        ("5 < 6 & 7 > 6", "5 &lt; 6 &amp; 7 &gt; 6"),
        ("[NHS](https://a.b/?c=1&d=2)", '<a href="https://a.b/?c=1&amp;d=2">NHS</a>'),
        ("one\ntwo\\\nthree", "one two\nthree"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("# Head\n\ntext", "<b>Head</b>\n\ntext"),
        ("### Head\n\n- a\n- b", "<b>Head</b>\n• a\n• b"),
        ("Try:\n\n- a\n- b\n\nafter", "Try:\n• a\n• b\n\nafter"),
        ("- a\n\n- b", "• a\n\n• b"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("> quoted", "<blockquote>quoted</blockquote>"),
        ("> [!more]\n> folded", "<blockquote expandable>folded</blockquote>"),
        ("```\na < b\n```", "<pre>a &lt; b</pre>"),
        ("Call {number} now, **{country}**", "Call {number} now, <b>{country}</b>"),
        ("/start_episode and snake_case_words", "/start_episode and snake_case_words"),
    ],
)
def test_what_telegram_can_show_is_shown(markdown: str, html: str) -> None:
    assert to_html(markdown) == html


@pytest.mark.parametrize(
    ("markdown", "line", "what"),
    [
        ("a\n\n|a|b|\n|-|-|\n|1|2|", 3, "this is a table"),
        ("a\n![x](https://a.b/c.png)", 2, "this is an image"),
        ("a <b>x</b>", 1, "this is HTML"),
        ("a\n\n<div>x</div>", 3, "this is HTML"),
        ("a\n\n---\n", 3, "this is a rule"),
        ("- a\n- b\n  - c", 3, "this is a list inside a list"),
        ("a\nb\n[x](http://a.b)", 3, "this is a link to http://a.b"),
        ("[x](javascript:alert)", 1, ""),
        ("[x](https://a.b/{name})", 1, "this is a link to https://a.b/%7Bname%7D"),
        ("**Do:**\n• a\n• b", 2, "this is a list made by hand"),
    ],
)
def test_what_telegram_cannot_show_is_refused_with_its_line(markdown: str, line: int, what: str) -> None:
    if not what:  # the parser itself leaves such an address as text
        assert "<a" not in to_html(markdown)
        return
    with pytest.raises(MarkupErrors) as errors:
        to_html(markdown)
    assert errors.value.problems[0][0] == line
    assert errors.value.problems[0][1].startswith(what)


def test_everything_wrong_in_a_text_is_said_at_once() -> None:
    with pytest.raises(MarkupErrors, match=r"line 1: this is HTML; .*line 3: this is a rule") as errors:
        to_html("<b>a\n\n---")
    assert len(errors.value.problems) == 2


def test_blocks_are_what_the_eye_takes_in_at_once() -> None:
    assert blocks("# Head\n\n**One** _two_\nthree\n\n- a\n- b\n\n> [!more]\n> c") == (
        Block("heading", 1, "Head"),
        Block("paragraph", 3, "One two three"),
        Block("item", 6, "a"),
        Block("item", 7, "b"),
        Block("quote", 9, "c"),
    )


@given(st.text(alphabet="ab*_~`[]()<>&#-+>!{}|\\\n 1.", max_size=80))
def test_whatever_is_written_becomes_html_that_telegram_takes_or_is_refused(markdown: str) -> None:
    try:
        html = to_html(markdown)
    except MarkupErrors:
        return
    assert parse_html(html)[0] == plain(html)
