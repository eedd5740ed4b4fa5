"""Warning signs: whom to call and for what, the card of a sign, the safety question and which sign it is;
the card for somebody who wrote in another language, in that language; and countries, to pick the number of.
"""

import re
from collections.abc import Callable, Sequence
from html import escape

from tgbot.content import Card, ContentPack, Country, ForeignWords, RedFlag, Tier
from tgbot.screens.buttons import (
    MORE,
    NONE,
    SOME,
    Button,
    CardCountry,
    NoneOfThese,
    OneOfThese,
    PickCountry,
    ShowAnswer,
    ShowCountries,
    ShowMenu,
    ShowSameDay,
    ShowSign,
    ShowUrgent,
)
from tgbot.screens.screen import (
    Html,
    Key,
    KeyRow,
    Screen,
    ScreenContext,
    Words,
    call_line,
    conditional_call,
    own_country,
    rows_of,
)

LONGEST_ANSWERS = 44  # bytes of ids that the buttons of the safety question carry along
MOST_SUSPECTED = 3  # signs that its buttons carry along
MOST_ON_A_CARD = 8  # signs that fit into a button
LONGEST_QUOTE = 160  # characters of what was written, on a card: two or three lines on a phone
SHORTEST_QUOTE = 30  # … of each of the phrases that it is of


def card_text(pack: ContentPack, card: Card, signs: Sequence[RedFlag], country: Country | None) -> str:
    """A whole card as Telegram HTML: the call, the signs it is shown for, the country's advice line."""
    shown, advice = country or own_country(pack), ""
    if shown is not None and shown.advice:
        advice = pack.ui["call.advice"].format(advice=escape(shown.advice))
    said = "\n".join(f"• {escape(sign.wording, quote=False)}" for sign in signs)
    call, then = call_line(pack, country), conditional_call(pack, country)
    text = card.body.format(emergency=call, call=then, signs=said, advice=advice)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class WarningScreens:
    """Those of one pack."""

    def __init__(self, pack: ContentPack) -> None:
        self.pack = pack
        self.words = Words(pack)

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
        return Screen(text, ((self.urgent_key(back), self._back_to(back)),))

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
        card = self.pack.cards[worst.card]
        text = card_text(self.pack, card, shown, country)
        if because and card.quoted:
            text = f"{text}\n\n{self.words.say('quoted.text', words=_quoted(because))}"
        named = ".".join(flag.id for flag in shown[:MOST_ON_A_CARD])

        def pick(iso: str) -> Button:
            return CardCountry(named, iso)

        def turn(page: str) -> Button:
            return CardCountry(named, "", page)

        if page is not None:
            back = (Key(self.words.plain("button.back"), CardCountry(named)), self.menu_key())
            return Screen(text, country_rows(self.pack, page, pick, turn, back))
        rows = card_rows(self.pack, country is not None, pick, turn)
        others = () if worst.tier is Tier.EMERGENCY else (self.urgent_key(),)
        return Screen(text, (*rows, (*others, self.menu_key())))

    def countries(self, page: int, country: Country | None = None, back: str = "") -> Screen:
        """The warning signs, with keys to pick the country whose number is shown."""
        rows = country_rows(
            self.pack,
            page,
            lambda iso: PickCountry(iso, back),
            lambda other: ShowCountries(other, back),
            (Key(self.words.plain("button.back"), ShowUrgent(back)), self.menu_key()),
        )
        return Screen(self.urgent(country, back).text, rows)

    def number_of(self, country: Country | None, page: int = 0) -> Screen:
        """The emergency number that was asked for; or, for no country, which country it is."""
        if country is None and own_country(self.pack) is None:
            text = self.words.say("countries.text")
            return Screen(text, self.countries(page).rows)
        text = self.words.say("number.text", call=Html(conditional_call(self.pack, country)))
        rows = card_rows(self.pack, True, PickCountry, ShowCountries)
        return Screen(text, (*rows, (self.urgent_key(), self.menu_key())))

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
        return Screen(text, (keys, (self.menu_key(), self.urgent_key())))

    def which_sign(self, signs: Sequence[str], answers: Sequence[str], country: Country | None) -> Screen:
        """Whom to call at once, and each sign of the safety question as a key."""
        shown = self._asked_about(signs)
        keys = [Key(self.pack.red_flags[sign].on_button, ShowSign(sign)) for sign in shown]
        call = Html(call_line(self.pack, country))
        text = self.words.say("which_sign.text", call=call, signs=self._listed(shown))
        none = Key(self.words.plain("button.none_of_these"), NoneOfThese(_fitting(answers)))
        return Screen(text, (*rows_of(keys, 2 if len(keys) <= 8 else 3), (none, self.urgent_key())))

    def _asked_about(self, signs: Sequence[str]) -> tuple[str, ...]:
        """The safety question's signs: the suspected ones, then the emergencies that can be asked about."""
        flags = self.pack.red_flags.values()
        short = [flag.id for flag in flags if flag.tier is Tier.EMERGENCY and flag.card == "emergency"]
        return tuple(dict.fromkeys((*signs[:MOST_SUSPECTED], *short)))

    def _back_to(self, answer: str) -> Key:
        here = answer in self.pack.answers
        return Key(self.words.plain("button.back"), ShowAnswer(answer)) if here else self.menu_key()

    def menu_key(self) -> Key:
        return Key(self.words.plain("button.menu"), ShowMenu())

    def urgent_key(self, back: str = "") -> Key:
        return Key(self.words.plain("button.urgent"), ShowUrgent(back))


def _quoted(because: Sequence[str]) -> str:
    """What was written, phrase by phrase: where they are too long together, each loses its end, so that none
    is missing for the length of another."""
    phrases = [" ".join(said.split()) for said in because[: LONGEST_QUOTE // SHORTEST_QUOTE]]
    if sum(map(len, phrases)) > LONGEST_QUOTE:
        phrases = [shorten(said, LONGEST_QUOTE // len(phrases)) for said in phrases]
    return " … ".join(phrases)


def shorten(said: str, longest: int) -> str:
    """As many whole words as fit, with an ellipsis where some are missing."""
    if len(said) <= longest:
        return said
    whole, space, _ = said[: longest + 1].rpartition(" ")
    return f"{whole if space else said[:longest]}…"


def _fitting(answers: Sequence[str]) -> str:
    """As many of the ids as a button holds, comma-separated."""
    fitting = ""
    for answer in answers:
        longer = f"{fitting},{answer}" if fitting else answer
        if len(longer.encode()) > LONGEST_ANSWERS:
            break
        fitting = longer
    return fitting


def sign_list(frame: ScreenContext) -> str:
    """Every sign that is asked for, a line each."""
    signs = [frame.plain(f"label.sign.{sign}") for sign in frame.protocol.signs]
    return "\n".join(frame.say("safety.sign", sign=sign[:1].upper() + sign[1:]) for sign in signs)


def which_sign(
    frame: ScreenContext, country: Country | None, press: Callable[[str], Button], *, more: bool
) -> Screen:
    """Whom to call at once, and each sign as a key, those that are asked for less often one tap behind.

    `press` makes a sign's button.
    """
    signs = [sign for sign in frame.protocol.signs.values() if sign.more is more]
    keys = rows_of([frame.key(f"sign.{sign.id}", press(sign.id)) for sign in signs], 2)
    first = () if more else (frame.key("more_signs", press(MORE)),)
    text = frame.say("safety.which", call=Html(call_line(frame.pack, country)))
    return Screen(text, (*keys, (*first, *frame.last_row(press(SOME if more else "")))))


CRISIS = "crisis"  # the sign that is answered with kinder words than "call now"
_RIGHT_TO_LEFT = "\u200f"  # before a line that may begin with a number


def foreign_screen(pack: ContentPack, language: str, sign: str | None, country: Country | None) -> Screen:
    """The card in `language`; with a `sign`, to call now. A language without words of ours gets English."""
    words = pack.foreign.get(language)
    if words is None:
        return _in_our_language(pack, country)
    said = escape(_sentence(words, sign), quote=False)
    number = _number(words, country or own_country(pack))
    text = said.format(number=f"<b>{escape(number, quote=False)}</b>").strip()
    if words.direction == "rtl":
        text = "\n".join(_RIGHT_TO_LEFT + line for line in text.splitlines())
    keys = (Key(words.button_menu, ShowMenu()), Key(words.button_signs, ShowUrgent()))
    return Screen(text, tuple((key,) for key in keys))


def _sentence(words: ForeignWords, sign: str | None) -> str:
    if sign == CRISIS:
        return words.crisis
    return words.urgent if sign else words.card


def _number(words: ForeignWords, country: Country | None) -> str:
    """The country's numbers, without the words around them, as those are in our language."""
    return " / ".join(country.numbers) if country and country.numbers else words.any_number


def _in_our_language(pack: ContentPack, country: Country | None) -> Screen:
    say = Words(pack)
    text = say.say("foreign.other", call=Html(conditional_call(pack, country)))
    urgent, menu = say.plain("button.urgent"), say.plain("button.menu")
    return Screen(text, ((Key(menu, ShowMenu()), Key(urgent, ShowUrgent())),))


A_ROW = 3
LIKELIEST = 9
A_PAGE = 12
ON_A_CARD = 3  # keys of countries that stand on a card whose country is unknown

Pick = Callable[[str], Button]  # a country's button, from its code
TurnPage = Callable[[str], Button]  # the button that leads to a page


def likeliest(pack: ContentPack) -> tuple[Country, ...]:
    """The operator's country, then those of the pack's language, in the order of pack.yaml."""
    own = own_country(pack)
    listed = [pack.countries[iso] for iso in pack.likely if iso in pack.countries]
    return tuple(dict.fromkeys(([own] if own else []) + listed))[:LIKELIEST]


def country_rows(
    pack: ContentPack, page: int, pick: Pick, turn: TurnPage, last: KeyRow
) -> tuple[KeyRow, ...]:
    """Page 0 holds the likeliest and the letters; each further page some letters. `last` is the last row."""
    pages = _by_letter(pack)
    if 0 < page <= len(pages):
        return (*rows_of(_keys(pages[page - 1], pick), A_ROW), last)
    letters = tuple(Key(_letters(there), turn(str(at))) for at, there in enumerate(pages, 1))
    return (*rows_of(_keys(likeliest(pack), pick), A_ROW), letters, last)


def card_rows(pack: ContentPack, known: bool, pick: Pick, turn: TurnPage) -> tuple[KeyRow, ...]:
    """Under a card: the likeliest countries while none is known, and the way to all."""
    words = Words(pack)
    if known or own_country(pack):
        return ((Key(words.plain("button.country_other"), turn("0")),),)
    first = tuple(_keys(likeliest(pack)[:ON_A_CARD], pick))
    return (*((first,) if first else ()), (Key(words.plain("button.country"), turn("0")),))


def _keys(countries: Sequence[Country], pick: Pick) -> list[Key]:
    return [Key(country.on_button, pick(country.iso)) for country in countries]


def _by_letter(pack: ContentPack) -> list[list[Country]]:
    """All countries in the order of their names, so many a page; no letter stands on two pages."""
    pages: list[list[Country]] = []
    everyone = sorted(pack.countries.values(), key=lambda country: country.name)
    for letter in dict.fromkeys(country.name[0] for country in everyone):
        group = [country for country in everyone if country.name[0] == letter]
        if not pages or len(pages[-1]) + len(group) > A_PAGE:
            pages.append([])
        pages[-1] += group
    return pages


def _letters(countries: Sequence[Country]) -> str:
    first, last = countries[0].name[0], countries[-1].name[0]
    return first if first == last else f"{first}–{last}"
