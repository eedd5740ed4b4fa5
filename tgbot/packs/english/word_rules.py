"""Rules for any text a person reads, whichever file it stands in (clinical brief, section 6)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean

from tgbot.packs.check_findings import CheckFinding, error, warning
from tgbot.packs.english.reading_grade import NoDictionaryError, grade
from tgbot.packs.sentence_files import sentences, words
from tgbot.packs.texts import Text

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
