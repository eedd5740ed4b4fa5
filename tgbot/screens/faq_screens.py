"""What a person can see in the FAQ, a method each; what the pack fixes is made once, at load. Warning signs
are in warning_screens.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from html import escape

from tgbot.content import Answer, ContentPack, Review, Source
from tgbot.screens.buttons import (
    Export,
    Forget,
    ShowAnswer,
    ShowEpisode,
    ShowHelp,
    ShowMore,
    ShowPrivacy,
    ShowTopic,
    ShowTopicPage,
    StartEpisode,
    Vote,
)
from tgbot.screens.screen import Html, Key, KeyRow, Link, Screen, Words, long_date, rows_of
from tgbot.screens.warning_screens import WarningScreens


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


A_TOPIC_PAGE = 4  # questions
MOST_RELATED = 4
MOST_AFTER_SAFETY = 2  # answers beside "what to do now"


Open = bool  # whether the person has an open episode: then the button for one shows it


class Screens:
    """The screens of one pack. Answers, topics and the menu are looked up, not made, when asked for.

    `today` gives the day, as a review is shown only while it holds; without it none is shown. `keep_days` is
    how long an episode is kept after its end.
    """

    def __init__(
        self, pack: ContentPack, today: Callable[[], date] = lambda: date.min, keep_days: int = 400
    ) -> None:
        self.pack = pack
        self._today = today
        self.words = Words(pack)
        self.warnings = WarningScreens(pack)
        self._menu_key, self._urgent_key = self.warnings.menu_key, self.warnings.urgent_key
        self.topics = {  # the pages of each topic's questions
            (topic, page): screen
            for topic in pack.topics
            for page, screen in enumerate(self._topic_pages(topic))
        }
        both: tuple[Open, Open] = (False, True)
        shown = [(answer, review) for answer in pack.answers for review in self._reviews_of(answer)]
        self._answers = {(answer, at, r): self._answer(answer, at, r) for answer, r in shown for at in both}
        self._more = {(answer, review): self._related(answer, review) for answer, review in shown}
        self._menu_rows = {at: self._topics_and(at) for at in both}
        self.help = self._page("help.text", (Key(self.words.plain("button.privacy"), ShowPrivacy()),))
        theirs = (
            Key(self.words.plain("button.export"), Export()),
            Key(self.words.plain("button.forget"), Forget()),
        )
        self.privacy = self._page("privacy.text", theirs, days=keep_days)
        self.exported = self._page("export.done")
        self.nothing_to_export = self._page("export.nothing")
        self.not_text = self._page("not_text.text")
        self.too_fast = self._page("too_fast.text")
        self.failed = self._page("failed.text")
        self.interrupted = self._page("interrupted.text")
        self.search = self._page("search.text")
        self.forget_ask = self._page(
            "forget.ask",
            (Key(self.words.plain("button.forget_sure"), Forget("y")),),
            (Key(self.words.plain("button.keep"), ShowPrivacy()),),
        )

    def menu(self, has_open: Open = False) -> Screen:
        return Screen(self.words.say("menu.text"), self._menu_rows[has_open])

    def welcome(self, has_open: Open = False) -> Screen:
        return Screen(self.words.say("welcome.text"), self._menu_rows[has_open])

    def unknown(self, has_open: Open = False) -> Screen:
        return Screen(self.words.say("unknown.text"), self._menu_rows[has_open])

    def unknown_command(self, nearest: str = "") -> Screen:
        """What was not understood, the command it may have been meant for, and all there are."""
        near = self.words.say("unknown_command.nearest", command=nearest) if nearest else ""
        text = self.words.say("unknown_command.text", nearest=Html(near))
        return Screen(text.strip(), ((self._help_key(),), (self._menu_key(), self._urgent_key())))

    def answer(self, answer: str, has_open: Open = False) -> Screen | None:
        """An answer; None for an id that is not in the pack."""
        return self._answers.get((answer, has_open, self.review(answer)))

    def more(self, answer: str) -> Screen | None:
        """What stands behind an answer, with its related questions as keys; None for an unknown id."""
        return self._more.get((answer, self.review(answer)))

    def shared(self, answer: str, link: str) -> Screen:
        """An answer for another chat: no buttons that come back to us, one that opens us."""
        return Screen(
            self._answers[answer, False, self.review(answer)].text,
            ((Link(self.words.plain("inline.open"), link),),),
        )

    def suggest(self, answers: Sequence[str]) -> Screen:
        """Did you mean one of these?"""
        rows = [self._question_row(answer) for answer in answers]
        return Screen(self.words.say("suggest.text"), (*rows, (self._menu_key(), self._urgent_key())))

    def after_safety(self, answers: Sequence[str], has_open: Open = False) -> Screen:
        """For whoever has none of the signs: what was found, what to do now, and the way to be checked on:
        one answer at once, several to choose from."""
        now = self._what_now(answers)
        if len(answers) == 1:
            shown = self._answers[answers[0], has_open, self.review(answers[0])]
            return replace(shown, rows=(*now, *shown.rows))
        rows = [self._question_row(answer) for answer in answers[:MOST_AFTER_SAFETY]]
        text = self.words.say("after_safety.text")
        last = (self._menu_key(), self._urgent_key())
        return Screen(text, (*rows, *now, (self._episode_key(has_open),), last))

    def _what_now(self, answers: Sequence[str]) -> tuple[KeyRow, ...]:
        """The way to what to do now, by the topic that was asked about; none where it is offered anyway."""
        ways = self.pack.conversation.what_now
        topics = [self.pack.answers[answer].topic for answer in answers]
        answer = next((ways[topic] for topic in topics if topic in ways), ways.get("any", ""))
        if not answer or answer in answers[:MOST_AFTER_SAFETY]:
            return ()
        return ((Key(self.words.plain("button.what_now"), ShowAnswer(answer)),),)

    def private_only(self, link: str) -> Screen:
        """Something personal was asked for in a group; `link` opens the private chat."""
        open_private = Link(self.words.plain("button.open_private"), link)
        return Screen(self.words.say("private_only.text"), ((open_private,), (self._urgent_key(),)))

    def forgotten(self, episodes: int, follow_ups: int, entries: int) -> Screen:
        """What /forget removed."""
        if not episodes + follow_ups + entries:
            return self._page("forget.nothing")
        counts = {"episodes": episodes, "follow_ups": follow_ups, "entries": entries}
        text = self.words.say("forget.done", **counts)
        return Screen(text, ((self._menu_key(), self._urgent_key()),))

    def _topics_and(self, has_open: Open) -> tuple[KeyRow, ...]:
        topics = [Key(topic.title, ShowTopic(topic.id)) for topic in self.pack.topics.values()]
        return (*rows_of(topics, 2), (self._episode_key(has_open), self._urgent_key()))

    def _topic_pages(self, topic: str) -> tuple[Screen, ...]:
        this = self.pack.topics[topic]
        text = self.words.say("topic.text", title=this.title)
        starts = range(0, len(this.answers), A_TOPIC_PAGE)
        return tuple(
            Screen(
                text,
                (
                    *(self._question_row(answer) for answer in this.answers[at : at + A_TOPIC_PAGE]),
                    (
                        *self._turns(topic, page, len(starts)),
                        self._menu_key(),
                        self._urgent_key(),
                    ),
                ),
            )
            for page, at in enumerate(starts)
        )

    def _turns(self, topic: str, page: int, pages: int) -> KeyRow:
        """The way to the next page of a topic; from the last to the first."""
        if pages < 2:
            return ()
        label = "more" if page + 1 < pages else "first_questions"
        return (Key(self.words.plain(f"button.{label}"), ShowTopicPage(topic, str((page + 1) % pages))),)

    def _reviews_of(self, answer: str) -> tuple[Review | None, ...]:
        """Every way an answer may have to be shown: without a review, and with the one it has."""
        review = self.pack.reviews.get(f"answer/{answer}")
        return (None, review) if review else (None,)

    def review(self, answer: str) -> Review | None:
        """The answer's review, if it holds today."""
        review = self.pack.reviews.get(f"answer/{answer}")
        return review if review and review.holds(self._today()) else None

    def _answer(self, answer: str, has_open: Open, review: Review | None) -> Screen:
        words, this = self.words, self.pack.answers[answer]
        more = (Key(words.plain("button.more_about"), ShowMore(answer)),) if this.related else ()
        votes = (
            Key(words.plain("button.helpful"), Vote(answer, "y")),
            Key(words.plain("button.not_helpful"), Vote(answer, "n")),
        )
        back = Key(words.plain("button.back"), ShowTopicPage(this.topic, str(self._page_of(answer))))
        return Screen(
            answer_text(self.pack, this, review),
            ((*more, *votes), (self._episode_key(has_open),), (back, self._urgent_key(answer))),
        )

    def _related(self, answer: str, review: Review | None) -> Screen:
        this = self.pack.answers[answer]
        related = [self._question_row(other) for other in this.related[:MOST_RELATED]]
        back = Key(self.words.plain("button.back"), ShowAnswer(answer))
        return Screen(more_text(self.pack, this, review), (*related, (back, self._urgent_key(answer))))

    def _page_of(self, answer: str) -> int:
        """The page of its topic on which an answer stands."""
        return self.pack.topics[self.pack.answers[answer].topic].answers.index(answer) // A_TOPIC_PAGE

    def _episode_key(self, has_open: Open) -> Key:
        if has_open:
            return Key(self.words.plain("button.my_episode"), ShowEpisode())
        return Key(self.words.plain("button.episode"), StartEpisode())

    def export_page(self, now: datetime) -> str:
        """The page in an export that explains it, as HTML."""
        title, text = (
            self.words.plain("export.title"),
            self.words.say("export.page", made=f"{now:%Y-%m-%d %H:%M} UTC"),
        )
        head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
        style = "max-width: 40em; margin: 2em auto; font: 1.1em/1.5 sans-serif; white-space: pre-wrap"
        return (
            f'<!doctype html><html lang="{self.pack.locale}">{head}<body style="{style}">{text}</body></html>'
        )

    def _page(self, key: str, *rows: KeyRow, **values: object) -> Screen:
        return Screen(self.words.say(key, **values), (*rows, (self._menu_key(), self._urgent_key())))

    def _question_row(self, answer: str) -> KeyRow:
        return (Key(self.pack.answers[answer].on_button, ShowAnswer(answer)),)

    def _help_key(self) -> Key:
        return Key(self.words.plain("button.help"), ShowHelp())
