"""An answer as a person sees it: the question, the point, the details, and the sources folded away."""

from dataclasses import replace
from datetime import date
from html import escape

from tgbot.content import Answer, ContentPack, Review, Source
from tgbot.screens.when import long_date


def answer_text(pack: ContentPack, answer: Answer, review: Review | None = None) -> str:
    """The whole screen of one answer, as Telegram HTML; `review` if it is signed as it stands."""
    question = f"<b>{escape(answer.question, quote=False)}</b>"
    return "\n\n".join([question, answer.short, answer.body, _fold(pack, answer, review)])


def more_text(pack: ContentPack, answer: Answer, review: Review | None = None) -> str:
    """What stands under "More about this": of most answers the answer again, of a treatment how it works,
    what happens without, and how to choose."""
    if not answer.more:
        return answer_text(pack, answer, review)
    question = f"<b>{escape(answer.question, quote=False)}</b>"
    every = replace(answer, sources=tuple(dict.fromkeys((*answer.sources, *answer.more_sources))))
    about, shared = pack.ui["more.about"].strip(), pack.ui["more.choosing"].strip()
    return "\n\n".join([question, about, answer.more, shared, _fold(pack, every, review)])


def _fold(pack: ContentPack, answer: Answer, review: Review | None) -> str:
    """Who reviewed it and what it rests on. The first lines of a folded quote show without a tap."""
    sources = "\n".join(f"• {source_link(pack.sources[source])}" for source in answer.sources)
    written = "" if answer.written is None else "\n" + _said_on(pack, "answer.written", answer.written)
    return f"<blockquote expandable>{review_line(pack, review)}\n{sources}{written}</blockquote>"


def source_link(source: Source) -> str:
    """A source's name and year, linked to it."""
    name = source.label if source.year is None else f"{source.label} ({source.year})"
    return f'<a href="{escape(source.url)}">{escape(name, quote=False)}</a>'


def review_line(pack: ContentPack, review: Review | None) -> str:
    """Who signed it off and when, or that nobody has."""
    if review is None:
        return pack.ui["answer.unreviewed"]
    return _said_on(pack, "answer.reviewed", review.on, by=escape(review.by, quote=False))


def _said_on(pack: ContentPack, key: str, day: date, **values: str) -> str:
    return pack.ui[key].format(on=long_date(day, pack.locale), **values)
