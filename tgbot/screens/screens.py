"""One method for each thing a person can see in the FAQ. What the pack fixes is made once, at load."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from html import escape

from tgbot.content import ContentPack, Country, Review, Tier
from tgbot.screens.buttons import (
    NONE,
    Button,
    CardCountry,
    Export,
    Forget,
    NoneOfThese,
    OneOfThese,
    PickCountry,
    ShowAnswer,
    ShowCountries,
    ShowEpisode,
    ShowHelp,
    ShowMenu,
    ShowMore,
    ShowPrivacy,
    ShowSameDay,
    ShowSign,
    ShowTopic,
    ShowTopicPage,
    ShowUrgent,
    StartEpisode,
    Vote,
)
from tgbot.screens.country_pages import card_rows, country_rows
from tgbot.screens.emergency import call_line, card_text, conditional_call, own_country
from tgbot.screens.faq_text import answer_text, more_text
from tgbot.screens.screen import Key, KeyRow, Link, Screen
from tgbot.screens.screen_context import rows_of
from tgbot.screens.words import Html, Words

LONGEST_ANSWERS = 44  # bytes of ids that the buttons of the safety question carry along
MOST_SUSPECTED = 3  # signs that its buttons carry along
A_TOPIC_PAGE = 4  # questions
MOST_RELATED = 4
MOST_AFTER_SAFETY = 2  # answers beside "what to do now"
MOST_ON_A_CARD = 8  # signs that fit into a button

LONGEST_QUOTE = 60  # characters of what was written, on a card
NEVER_QUOTED = ("crisis", "overdose")  # cards on which one's own words may read as a reproach

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
        self._topics = {topic: self._topic_pages(topic) for topic in pack.topics}
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

    def topic(self, topic: str, page: int = 0) -> Screen | None:
        """The questions of a topic; None for a topic that is not in the pack."""
        pages = self._topics.get(topic, ())
        return pages[page if 0 <= page < len(pages) else 0] if pages else None

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

    def urgent(self, country: Country | None = None, back: str = "") -> Screen:
        """Whom to call, and the signs to do it for; those to be seen for today are a step further."""
        call = Html(call_line(self.pack, country))
        text = self.words.say("urgent.text", call=call, emergency=self._signs(Tier.EMERGENCY))
        rows = card_rows(
            self.pack,
            country is not None,
            lambda iso: PickCountry(iso, back),
            lambda page: ShowCountries(page, back),
        )
        not_these = Key(self.words.plain("button.same_day"), ShowSameDay(back))
        return Screen(text, (*rows, (not_these, self._back_to(back))))

    def same_day(self, country: Country | None = None, back: str = "") -> Screen:
        """The signs to be seen for today, after "not these"."""
        shown = country or own_country(self.pack)
        advice = self.words.say("call.advice", advice=shown.advice) if shown and shown.advice else ""
        call = Html(conditional_call(self.pack, country))
        text = self.words.say(
            "same_day.text",
            same_day=self._signs(Tier.SAME_DAY),
            soon=self._signs(Tier.SOON),
            advice=Html(advice),
            call=call,
        )
        text = re.sub(r"\n{3,}", "\n\n", text)
        return Screen(text, ((self._urgent_key(back), self._back_to(back)),))

    def _signs(self, tier: Tier) -> Html:
        return self._listed([flag.id for flag in self.pack.red_flags.values() if flag.tier is tier])

    def _listed(self, signs: Sequence[str]) -> Html:
        """Signs in few words, a line each."""
        labels = (self.pack.red_flags[sign].label for sign in signs)
        return Html("\n".join(self.words.say("urgent.sign", sign=label) for label in labels))

    def card(
        self,
        signs: Sequence[str],
        country: Country | None = None,
        page: int | None = None,
        because: Sequence[str] = (),
    ) -> Screen:
        """What is said for warning signs: the card of the first of the worst tier. `because` are the words
        that named them, as typed.

        After an emergency there is nothing but the call line and a way back. With a `page`, its keys pick the
        country; the card stays what it is.
        """
        flags = [self.pack.red_flags[sign] for sign in signs]
        worst = min(flags, key=lambda flag: list(Tier).index(flag.tier))
        shown = [flag for flag in flags if flag.card == worst.card]
        text = card_text(self.pack, self.pack.cards[worst.card], shown, country)
        if because and worst.card not in NEVER_QUOTED:
            text = f"{text}\n\n{self.words.say('quoted.text', words=_quoted(because))}"
        named = ".".join(flag.id for flag in shown[:MOST_ON_A_CARD])

        def pick(iso: str) -> Button:
            return CardCountry(named, iso)

        def turn(page: str) -> Button:
            return CardCountry(named, "", page)

        if page is not None:
            back = (Key(self.words.plain("button.back"), CardCountry(named)), self._menu_key())
            return Screen(text, country_rows(self.pack, page, pick, turn, back))
        rows = card_rows(self.pack, country is not None, pick, turn)
        others = () if worst.tier is Tier.EMERGENCY else (self._urgent_key(),)
        return Screen(text, (*rows, (*others, self._menu_key())))

    def countries(self, page: int, country: Country | None = None, back: str = "") -> Screen:
        """The warning signs, with keys to pick the country whose number is shown."""
        rows = country_rows(
            self.pack,
            page,
            lambda iso: PickCountry(iso, back),
            lambda other: ShowCountries(other, back),
            (Key(self.words.plain("button.back"), ShowUrgent(back)), self._menu_key()),
        )
        return Screen(self.urgent(country, back).text, rows)

    def number_of(self, country: Country | None, page: int = 0) -> Screen:
        """The emergency number that was asked for; or, for no country, which country it is."""
        if country is None and own_country(self.pack) is None:
            text = self.words.say("countries.text")
            return Screen(text, self.countries(page).rows)
        text = self.words.say("number.text", call=Html(conditional_call(self.pack, country)))
        rows = card_rows(self.pack, True, PickCountry, ShowCountries)
        return Screen(text, (*rows, (self._urgent_key(), self._menu_key())))

    def suggest(self, answers: Sequence[str]) -> Screen:
        """Did you mean one of these?"""
        rows = [self._question_row(answer) for answer in answers]
        return Screen(self.words.say("suggest.text"), (*rows, (self._menu_key(), self._urgent_key())))

    def ask_safety(self, signs: Sequence[str], answers: Sequence[str]) -> Screen:
        """Before the answer: do you have any of these now? The suspected signs stand first.

        `answers` are shown to who has none; as many are carried along as fit into a button.
        """
        carried = _fitting(answers)
        asked = OneOfThese(".".join(signs[:MOST_SUSPECTED]) or NONE, carried)
        keys = (
            Key(self.words.plain("button.none_of_these"), NoneOfThese(carried)),
            Key(self.words.plain("button.some_of_these"), asked),
        )
        text = self.words.say("ask_safety.text", signs=self._listed(self._asked_about(signs)))
        return Screen(text, (keys, (self._menu_key(), self._urgent_key())))

    def which_sign(self, signs: Sequence[str], answers: Sequence[str], country: Country | None) -> Screen:
        """Whom to call at once, and each sign of the safety question as a key."""
        shown = self._asked_about(signs)
        keys = [Key(self.pack.red_flags[sign].on_button, ShowSign(sign)) for sign in shown]
        call = Html(call_line(self.pack, country))
        text = self.words.say("which_sign.text", call=call, signs=self._listed(shown))
        none = Key(self.words.plain("button.none_of_these"), NoneOfThese(_fitting(answers)))
        return Screen(text, (*rows_of(keys, 2 if len(keys) <= 8 else 3), (none, self._urgent_key())))

    def _asked_about(self, signs: Sequence[str]) -> tuple[str, ...]:
        """The safety question's signs: the suspected ones, then the emergencies that can be asked about."""
        flags = self.pack.red_flags.values()
        short = [flag.id for flag in flags if flag.tier is Tier.EMERGENCY and flag.card == "emergency"]
        return tuple(dict.fromkeys((*signs[:MOST_SUSPECTED], *short)))

    def after_safety(self, answers: Sequence[str], has_open: Open = False) -> Screen:
        """What was found, for who has none of the signs, what to do now, and the way to be checked on: one
        answer at once, several to choose from."""
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

    def sign_button(self, sign: str) -> Button:
        """Leads to the card of a sign."""
        return ShowSign(sign)

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
                    (*self._turns(topic, page, len(starts)), self._menu_key(), self._urgent_key()),
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

    def _back_to(self, answer: str) -> Key:
        here = answer in self.pack.answers
        return Key(self.words.plain("button.back"), ShowAnswer(answer)) if here else self._menu_key()

    def _menu_key(self) -> Key:
        return Key(self.words.plain("button.menu"), ShowMenu())

    def _help_key(self) -> Key:
        return Key(self.words.plain("button.help"), ShowHelp())

    def _urgent_key(self, back: str = "") -> Key:
        return Key(self.words.plain("button.urgent"), ShowUrgent(back))


def _quoted(because: Sequence[str]) -> str:
    """What was written, in one short line."""
    words = " … ".join(" ".join(said.split()) for said in because)
    return words if len(words) <= LONGEST_QUOTE else f"{words[:LONGEST_QUOTE].rstrip()}…"


def _fitting(answers: Sequence[str]) -> str:
    """As many of the ids as a button holds, comma-separated."""
    fitting = ""
    for answer in answers:
        longer = f"{fitting},{answer}" if fitting else answer
        if len(longer.encode()) > LONGEST_ANSWERS:
            break
        fitting = longer
    return fitting
