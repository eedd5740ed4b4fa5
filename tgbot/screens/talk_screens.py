"""What is said to small talk and to questions about the last answer: a sentence or two, and two buttons."""

from collections.abc import Sequence
from dataclasses import replace

from tgbot.content import Country, Meaning
from tgbot.screens.buttons import (
    Button,
    NotePain,
    SetQuiet,
    ShowAnswer,
    ShowEpisode,
    ShowHelp,
    ShowMenu,
    ShowPrivacy,
    ShowSign,
    ShowUrgent,
    StartEpisode,
    StopEpisode,
)
from tgbot.screens.faq_screens import Screens, review_line, source_link
from tgbot.screens.screen import Html, Key, KeyRow, Screen, conditional_call

KEYS = ("menu", "urgent", "episode", "help", "privacy", "pain", "last", "quiet", "stop")
MOST_CHOICES = 4


class TalkScreens:
    """`has_open` is whether the person has an open episode; `last` is the answer that was shown last."""

    def __init__(self, screens: Screens) -> None:
        self._screens = screens
        self._pack = screens.pack
        self._words = screens.words

    def said(self, meaning: Meaning, *, has_open: bool, last: str) -> Screen:
        """The sentence of a meaning, with its keys."""
        return self.sentence(f"talk.{meaning.id}.text", meaning.keys, has_open=has_open, last=last)

    def sentence(self, key: str, keys: Sequence[str], *, has_open: bool, last: str = "") -> Screen:
        return Screen(self._words.say(key), (self._keys(keys, has_open, last),))

    def choice(self, answers: Sequence[str], key: str = "suggest.text") -> Screen:
        """Several answers to choose from."""
        return Screen(self._words.say(key), (*self._choices(answers), self._last_row()))

    def sources(self, answer: str) -> Screen:
        """What the last answer rests on, and who reviewed it."""
        this = self._pack.answers[answer]
        listed = "\n".join(f"• {source_link(self._pack.sources[source])}" for source in this.sources)
        text = self._words.say(
            "talk.sources.text",
            question=this.question,
            review=Html(review_line(self._pack, self._screens.review(answer)).strip()),
            sources=Html(listed),
        )
        return Screen(text, (self._keys(("last", "menu"), False, answer),))

    def why(self, answer: str, causes: Sequence[str]) -> Screen:
        """Why that was said, and what can be behind the pain."""
        text = f"{self._words.say('talk.why.text')}\n\n{self.sources(answer).text}"
        return Screen(text, (*self._choices(causes), self._keys(("last", "menu"), False, answer)))

    def reminding(self, episode: Screen) -> Screen:
        """The way to a check-in, with the one time at which it comes."""
        return replace(episode, text=f"{self._words.say('talk.remind.text')}\n\n{episode.text}")

    def purpose(self, asked_for: str, signs: Sequence[str], answers: Sequence[str]) -> Screen:
        """What something is asked for; the safety question stands below it again."""
        key = f"talk.purpose.{asked_for}.text"
        if asked_for == "safety":
            return self._safety_below(key, signs, answers)
        return Screen(self._words.say(key), (self._last_row(),))

    def safety_again(self, signs: Sequence[str], answers: Sequence[str]) -> Screen:
        """The safety question, for whose answer was not understood."""
        return self._safety_below("talk.safety_again.text", signs, answers)

    def _safety_below(self, key: str, signs: Sequence[str], answers: Sequence[str]) -> Screen:
        asked = self._screens.warnings.ask_safety(signs, answers)
        return replace(asked, text=f"{self._words.say(key)}\n\n{asked.text}")

    def led(self, lead: str, card: Screen, answers: Sequence[str]) -> Screen:
        """A card again, with a sentence above it and keys to answers below it."""
        return replace(
            card, text=f"{self._words.say(lead)}\n\n{card.text}", rows=(*self._choices(answers), *card.rows)
        )

    def with_call(self, screen: Screen, country: Country | None) -> Screen:
        """A screen that says whom to call in an emergency as well."""
        call = self._words.say("number.text", call=Html(conditional_call(self._pack, country)))
        return replace(screen, text=f"{screen.text}\n\n{call}")

    def taken_back(self, signs: Sequence[str], country: Country | None) -> Screen:
        """After a card: a correction takes nothing back by itself."""
        sign = self._pack.red_flags[signs[0]]
        call = Html(conditional_call(self._pack, country))
        text = self._words.say("talk.taken_back.text", sign=sign.label, call=call)
        rows: tuple[KeyRow, ...] = (
            (
                self._key("i_have_it", ShowSign(sign.id)),
                self._key("take_back", ShowMenu()),
            ),
            (self._key("urgent", ShowUrgent()),),
        )
        return Screen(text, rows)

    def score(self, score: str, *, has_open: bool) -> Screen:
        """A bare number: shall it be noted?"""
        if not has_open:
            text = self._words.say("talk.score_alone.text", score=score)
            return Screen(text, ((self._key("episode", StartEpisode()),), self._last_row()))
        note = Key(self._words.plain("button.note_score", score=score), NotePain(score))
        text = self._words.say("talk.score.text", score=score)
        return Screen(text, ((note, self._key("no_thanks", ShowEpisode())), self._last_row()))

    def _choices(self, answers: Sequence[str]) -> tuple[KeyRow, ...]:
        shown = [answer for answer in answers if answer in self._pack.answers][:MOST_CHOICES]
        return tuple((Key(self._pack.answers[one].on_button, ShowAnswer(one)),) for one in shown)

    def _last_row(self) -> KeyRow:
        return (self._key("menu", ShowMenu()), self._key("urgent", ShowUrgent()))

    def _keys(self, names: Sequence[str], has_open: bool, last: str) -> KeyRow:
        made = [self._named(name, has_open, last) for name in names]
        return tuple(key for key in made if key is not None)

    def _named(self, name: str, has_open: bool, last: str) -> Key | None:
        if name in self._pack.answers:
            return Key(self._pack.answers[name].on_button, ShowAnswer(name))
        if name == "last":
            return self._key("last_answer", ShowAnswer(last)) if last else None
        if name == "episode" and has_open:
            return self._key("my_episode", ShowEpisode())
        buttons: dict[str, tuple[str, Button]] = {
            "menu": ("menu", ShowMenu()),
            "urgent": ("urgent", ShowUrgent()),
            "episode": ("episode", StartEpisode()),
            "help": ("help", ShowHelp()),
            "privacy": ("privacy", ShowPrivacy()),
            "pain": ("note_pain", NotePain()),
            "quiet": ("quiet", SetQuiet()),
            "stop": ("stop", StopEpisode("")),
        }
        label, press = buttons[name]
        return self._key(label, press)

    def _key(self, label: str, press: Button) -> Key:
        return Key(self._words.plain(f"button.{label}"), press)
