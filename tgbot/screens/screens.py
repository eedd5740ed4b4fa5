"""One method for each thing a person can see in the FAQ. What the pack fixes is made once, at load."""

from collections.abc import Sequence

from tgbot.content import ContentPack, Country, Tier
from tgbot.screens.buttons import (
    Forget,
    NoneOfThese,
    PickCountry,
    ShowAnswer,
    ShowCountries,
    ShowHelp,
    ShowMenu,
    ShowPrivacy,
    ShowSign,
    ShowTopic,
    ShowUrgent,
    StartEpisode,
    Vote,
)
from tgbot.screens.country_pages import country_rows
from tgbot.screens.emergency import call_line, card_text
from tgbot.screens.faq_text import answer_text
from tgbot.screens.screen import Key, Link, Row, Screen
from tgbot.screens.words import Html, Words

LONGEST_ANSWERS = 60  # bytes of ids that the button "none of these" carries along


class Screens:
    """The screens of one pack. Answers, topics and the menu are looked up, not made, when asked for."""

    def __init__(self, pack: ContentPack) -> None:
        self.pack = pack
        self.words = Words(pack)
        self._topics = {topic: self._topic(topic) for topic in pack.topics}
        self._answers = {answer: self._answer(answer) for answer in pack.answers}
        self._menu_rows = (
            *((Key(topic.title, ShowTopic(topic.id)),) for topic in pack.topics.values()),
            (Key(self.words.plain("button.episode"), StartEpisode()),),
            (self._urgent_key(),),
        )
        self.menu = Screen(self.words.say("menu.text"), self._menu_rows)
        self.welcome = Screen(self.words.say("welcome.text"), self._menu_rows)
        self.help = self._page("help.text", (Key(self.words.plain("button.privacy"), ShowPrivacy()),))
        self.privacy = self._page("privacy.text", (Key(self.words.plain("button.forget"), Forget()),))
        self.unknown = Screen(self.words.say("unknown.text"), self._menu_rows)
        self.unknown_command = self._page("unknown_command.text", (self._help_key(),))
        self.not_text = self._page("not_text.text")
        self.too_fast = self._page("too_fast.text")
        self.failed = self._page("failed.text")
        self.search = self._page("search.text")
        self.forget_ask = self._page(
            "forget.ask",
            (Key(self.words.plain("button.forget_sure"), Forget("y")),),
            (Key(self.words.plain("button.keep"), ShowPrivacy()),),
        )

    def topic(self, topic: str) -> Screen | None:
        """The questions of a topic; None for a topic that is not in the pack."""
        return self._topics.get(topic)

    def answer(self, answer: str) -> Screen | None:
        """An answer with its related questions; None for an id that is not in the pack."""
        return self._answers.get(answer)

    def shared(self, answer: str, link: str) -> Screen:
        """An answer for another chat: no buttons that come back to us, one that opens us."""
        return Screen(self._answers[answer].text, ((Link(self.words.plain("inline.open"), link),),))

    def urgent(self, country: Country | None = None, back: str = "") -> Screen:
        """All warning signs, the emergency ones first, and whom to call."""
        say, flags = self.words.say, self.pack.red_flags.values()
        signs = {
            tier: "\n".join(say("urgent.sign", sign=flag.label) for flag in flags if flag.tier is tier)
            for tier in (Tier.EMERGENCY, Tier.SAME_DAY)
        }
        text = say(
            "urgent.text",
            call=Html(call_line(self.pack, country)),
            emergency=Html(signs[Tier.EMERGENCY]),
            same_day=Html(signs[Tier.SAME_DAY]),
        )
        return Screen(text, (self._country_row(back), (self._back_to(back),)))

    def card(self, signs: Sequence[str], country: Country | None = None) -> Screen:
        """What is said for warning signs: the card of the first of the worst tier.

        After an emergency there is nothing but the call line and a way back.
        """
        flags = [self.pack.red_flags[sign] for sign in signs]
        worst = min(flags, key=lambda flag: list(Tier).index(flag.tier))
        shown = [flag for flag in flags if flag.card == worst.card]
        text = card_text(self.pack, self.pack.cards[worst.card], shown, country)
        others = () if worst.tier is Tier.EMERGENCY else (self._urgent_key(),)
        return Screen(text, (self._country_row(), (*others, self._menu_key())))

    def countries(self, page: int, back: str = "") -> Screen:
        """Pick a country for the emergency number."""
        rows = country_rows(
            self.pack, page, lambda iso, _: PickCountry(iso, back), lambda other: ShowCountries(other, back)
        )
        return Screen(self.words.say("countries.text"), (*rows, (self._urgent_key(back), self._menu_key())))

    def suggest(self, answers: Sequence[str]) -> Screen:
        """Did you mean one of these?"""
        rows = [self._question_row(answer) for answer in answers]
        return Screen(self.words.say("suggest.text"), (*rows, (self._menu_key(), self._urgent_key())))

    def ask_safety(self, signs: Sequence[str], answers: Sequence[str]) -> Screen:
        """Before the answer: do you have any of these now? The suspected signs stand first.

        `answers` are shown to who has none; as many are carried along as fit into a button.
        """
        flags = self.pack.red_flags.values()
        short = [flag.id for flag in flags if flag.tier is Tier.EMERGENCY and flag.card == "emergency"]
        shown = dict.fromkeys((*signs, *short))
        keys = [(Key(self.pack.red_flags[sign].label, ShowSign(sign)),) for sign in shown]
        none = (Key(self.words.plain("button.none_of_these"), NoneOfThese(_fitting(answers))),)
        return Screen(self.words.say("ask_safety.text"), (*keys, none, (self._urgent_key(),)))

    def after_safety(self, answers: Sequence[str]) -> Screen:
        """What was found, for who has none of the signs: one answer at once, several to choose from."""
        if len(answers) == 1:
            return self._answers[answers[0]]
        rows = [self._question_row(answer) for answer in answers]
        episode = (Key(self.words.plain("button.episode"), StartEpisode()),)
        text = self.words.say("after_safety.text")
        return Screen(text, (*rows, episode, (self._menu_key(), self._urgent_key())))

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

    def _topic(self, topic: str) -> Screen:
        title = self.pack.topics[topic].title
        rows = [self._question_row(answer) for answer in self.pack.topics[topic].answers]
        return Screen(
            self.words.say("topic.text", title=title), (*rows, (self._menu_key(), self._urgent_key()))
        )

    def _answer(self, answer: str) -> Screen:
        words, this = self.words, self.pack.answers[answer]
        votes = (
            Key(words.plain("button.helpful"), Vote(answer, "y")),
            Key(words.plain("button.not_helpful"), Vote(answer, "n")),
        )
        back = Key(words.plain("button.back"), ShowTopic(this.topic))
        return Screen(
            answer_text(self.pack, this),
            (
                *(self._question_row(other) for other in this.related),
                (Key(words.plain("button.episode"), StartEpisode()),),
                votes,
                (back, self._urgent_key(answer)),
            ),
        )

    def _page(self, key: str, *rows: Row) -> Screen:
        return Screen(self.words.say(key), (*rows, (self._menu_key(), self._urgent_key())))

    def _question_row(self, answer: str) -> Row:
        return (Key(self.pack.answers[answer].on_button, ShowAnswer(answer)),)

    def _country_row(self, back: str = "") -> Row:
        return (Key(self.words.plain("button.country"), ShowCountries("0", back)),)

    def _back_to(self, answer: str) -> Key:
        here = answer in self.pack.answers
        return Key(self.words.plain("button.back"), ShowAnswer(answer)) if here else self._menu_key()

    def _menu_key(self) -> Key:
        return Key(self.words.plain("button.menu"), ShowMenu())

    def _help_key(self) -> Key:
        return Key(self.words.plain("button.help"), ShowHelp())

    def _urgent_key(self, back: str = "") -> Key:
        return Key(self.words.plain("button.urgent"), ShowUrgent(back))


def _fitting(answers: Sequence[str]) -> str:
    """As many of the ids as a button holds, comma-separated."""
    fitting = ""
    for answer in answers:
        longer = f"{fitting},{answer}" if fitting else answer
        if len(longer.encode()) > LONGEST_ANSWERS:
            break
        fitting = longer
    return fitting
