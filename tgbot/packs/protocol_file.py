"""protocol.yaml and followup.yaml → Protocol and words, or PackErrors with every file and line at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import BeforeValidator, Field

from tgbot.content import ContentPack, RedFlag, Tier, is_plain
from tgbot.followup.check_in_answers import URGENT, URGENT_AGAIN
from tgbot.followup.protocol import (
    BY_DAY,
    CLOSE,
    SAFE,
    WITHOUT_SIGN,
    Background,
    Basis,
    Branch,
    Change,
    CountedFrom,
    Felt,
    Protocol,
    Reason,
    Rules,
    Seen,
    Sign,
    Step,
)
from tgbot.packs.links import measure_of, names_in, no_id, sentence_problems, twice
from tgbot.packs.yaml_files import Folder, Sheet, Where, shape

PLAN = "protocol.yaml"
LONGEST_SIGN = 22  # it stands in a button with an onset, a score and an episode's id
ADVICE_NAMES = frozenset({"call", "call_now", "advice", "sign", "by", "main"})
_UNITS = {"h": "hours", "d": "days"}
_LONGEST = timedelta(days=366)  # nobody remembers this episode after a year, and no date overflows


def _duration(value: object) -> timedelta:
    match = re.fullmatch("([0-9]+)([hd])", str(value))
    if match is None:
        raise ValueError("must be a number of hours or days, like 72h or 14d")
    if len(match[1]) > 5 or (duration := timedelta(**{_UNITS[match[2]]: int(match[1])})) > _LONGEST:
        raise ValueError(f"must be at most {_LONGEST.days}d")
    return duration


Duration = Annotated[timedelta, BeforeValidator(_duration)]


@dataclass(frozen=True, slots=True)
class _Rules:
    reminder_after: Duration
    expires_after: Duration
    closest: Duration
    undo_within: Duration
    late_after: Duration
    worse_in_a_row: Annotated[int, Field(ge=1, le=100)]
    net_before_quiet: Duration
    net_closest: Duration


@dataclass(frozen=True, slots=True)
class _Step:
    id: str
    after: Duration
    counted_from: CountedFrom
    who: frozenset[Change]
    purpose: str
    reason: str
    basis: Basis
    sources: tuple[str, ...]
    branches: Mapping[Felt, Branch]


@dataclass(frozen=True, slots=True)
class PlanFile:
    version: str
    consent: str
    main: str
    net: str
    asked: str
    safe: str
    one_more: str
    rules: _Rules
    signs: tuple[Sign, ...]
    background: tuple[Background, ...]
    steps: tuple[_Step, ...]
    standing: Mapping[Reason, Mapping[Seen, Mapping[Felt, Branch]]]
    again: Mapping[str, str]

    def said(self) -> Iterator[str]:
        """The names of all words that an answer can bring."""
        yield from (URGENT, URGENT_AGAIN, SAFE)
        for step in self.steps:
            yield from (branch.advice for branch in step.branches.values())
        for _, branch in self.stands():
            yield branch.advice
        yield from self.again.values()

    def stands(self) -> Iterator[tuple[tuple[Reason, Seen, Felt], Branch]]:
        """What is said while "get help today" stands, with its place."""
        for reason, by_seen in self.standing.items():
            for seen, by_felt in by_seen.items():
                yield from (((reason, seen, how), branch) for how, branch in by_felt.items())


@dataclass(frozen=True, slots=True)
class Advice:
    """What is said to one answer, and what it rests on."""

    basis: Basis
    sources: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class SignWords:
    """A sign on a button, and in a sentence."""

    short: str
    long: str


@dataclass(frozen=True, slots=True)
class BackgroundWords:
    """Somebody's background on a button, and what is said to them at the start and at every check-in."""

    short: str
    advice: str


@dataclass(frozen=True, slots=True)
class FollowUpWords:
    """One language's words of the follow-up."""

    advice: Mapping[str, Advice]
    signs: Mapping[str, SignWords]
    background: Mapping[str, BackgroundWords]
    words: Mapping[str, str]

    def by_key(self) -> Iterator[tuple[str, Where, str]]:
        """The words by the keys that screens use, with their places in the file."""
        yield from ((key, ("words", key), text) for key, text in self.words.items())
        for name, advice in self.advice.items():
            yield f"advice.{name}", ("advice", name, "text"), advice.text
        for name, sign in self.signs.items():
            yield f"label.sign.{name}", ("signs", name, "long"), sign.long
            yield f"button.sign.{name}", ("signs", name, "short"), sign.short
        for name, told in self.background.items():
            yield f"label.background.{name}", ("background", name, "short"), told.short
            yield f"background.{name}", ("background", name, "advice"), told.advice


PLAN_SHAPE = shape(PlanFile)
WORDS_SHAPE = shape(FollowUpWords)


def load_follow_up(root: Path, pack: ContentPack) -> tuple[ContentPack, Protocol]:
    """The plan, and the pack with the follow-up's words among its sentences. Raises PackErrors."""
    folder = Folder(root)
    plan, words, sentences = _read(folder, pack.locale, pack.red_flags)
    folder.done()
    assert plan is not None
    assert words is not None
    return replace(pack, ui=MappingProxyType({**pack.ui, **sentences})), _protocol(plan.value)


def load_protocol(root: Path, flags: Mapping[str, RedFlag] | None = None) -> Protocol:
    """The plan of the pack at `root`, its signs checked against the pack's `flags`. Raises PackErrors."""
    folder = Folder(root)
    plan = _read_plan(folder, flags)
    folder.done()
    assert plan is not None
    return _protocol(plan.value)


def read_follow_up(
    folder: Folder, locale: str, flags: Mapping[str, RedFlag] | None
) -> tuple[Sheet[PlanFile] | None, Sheet[FollowUpWords] | None]:
    """The plan and the words in one language, each checked against what could be read of the rest."""
    plan, words, _ = _read(folder, locale, flags)
    return plan, words


def _read(
    folder: Folder, locale: str, flags: Mapping[str, RedFlag] | None
) -> tuple[Sheet[PlanFile] | None, Sheet[FollowUpWords] | None, dict[str, str]]:
    """The same, and every sentence as it is shown: Telegram HTML, or plain text where the key says so."""
    plan = _read_plan(folder, flags)
    words = folder.sheet(f"{locale}/followup.yaml", WORDS_SHAPE)
    if words is None:
        return plan, words, {}
    _check_words(folder, words)
    if plan is not None:
        _check_everything_is_said(folder, words, plan.value)
    sentences = {
        key: text if is_plain(key) else folder.html(words.document, where, text)
        for key, where, text in words.value.by_key()
    }
    return plan, words, sentences


def _read_plan(folder: Folder, flags: Mapping[str, RedFlag] | None) -> Sheet[PlanFile] | None:
    sheet = folder.sheet(PLAN, PLAN_SHAPE)
    if sheet is not None:
        _check_plan(folder, sheet)
        _check_special_steps(folder, sheet)
        if flags is not None:
            _check_signs(folder, sheet, flags)
    return sheet


def _protocol(plan: PlanFile) -> Protocol:
    return Protocol(
        version=plan.version,
        consent=plan.consent,
        rules=Rules(**{name: getattr(plan.rules, name) for name in Rules.__slots__}),
        signs={sign.id: sign for sign in plan.signs},
        background={one.id: one for one in plan.background},
        steps={
            step.id: Step(**{name: getattr(step, name) for name in Step.__slots__}) for step in plan.steps
        },
        standing=plan.standing,
        again=plan.again,
        main=plan.main,
        net=plan.net,
        asked=plan.asked,
        safe=plan.safe,
        one_more=plan.one_more,
    )


def _check_plan(folder: Folder, sheet: Sheet[PlanFile]) -> None:
    plan, document = sheet.value, sheet.document
    ids = [step.id for step in plan.steps]
    folder.problems += twice(document, ("steps",), ids)
    folder.problems += twice(document, ("signs",), [sign.id for sign in plan.signs])
    letters = [one.letter for one in plan.background]
    if len(set(letters)) < len(letters):
        folder.wrong(document, ("background",), "two ids begin with the same letter")
    for place, sign in enumerate(plan.signs):
        folder.problems += no_id(document, ("signs", place), sign.id, LONGEST_SIGN)
        if sign.id in WITHOUT_SIGN:
            folder.wrong(
                document, ("signs", place), f"`{sign.id}` is what is noted of an answer without a sign"
            )
    for place, step in enumerate(plan.steps):
        where = ("steps", place)
        if step.basis is not Basis.JUDGEMENT and not step.sources:
            folder.wrong(document, (*where, "basis"), f"`{step.basis}` needs sources")
        for change in sorted(frozenset(Felt) - set(step.branches)) if step.id != plan.safe else ():
            folder.wrong(document, (*where, "branches"), f"nothing is said to `{change}`")
        for change, branch in step.branches.items():
            if branch.next != CLOSE and branch.next not in ids:
                folder.wrong(document, (*where, "branches", change), f"`{branch.next}` is not a step")
    for place_, branch in plan.stands():
        if branch.next not in (CLOSE, BY_DAY, *ids):
            folder.wrong(document, ("standing", *place_), f"`{branch.next}` is not a step")
    for reason in Reason:
        for seen in frozenset(Seen) - set(plan.standing.get(reason, ())):
            folder.wrong(document, ("standing",), f"nothing is said to `{reason}` and `{seen}`")
    times = [step.after for step in plan.steps if step.counted_from is CountedFrom.ONSET]
    if times != sorted(set(times)):
        folder.wrong(document, ("steps",), "the steps counted from onset are not in the order of their times")


def _check_special_steps(folder: Folder, sheet: Sheet[PlanFile]) -> None:
    """The five steps with a part of their own exist, and are counted from what their part needs."""
    plan, document = sheet.value, sheet.document
    counted = {step.id: step.counted_from for step in plan.steps}
    for name in ("main", "net", "asked", "safe", "one_more"):
        step = getattr(plan, name)
        expected = CountedFrom.ONSET if name in ("main", "one_more") else CountedFrom.ANSWER
        if step not in counted:
            folder.wrong(document, (name,), f"`{step}` is not a step")
        elif counted[step] is not expected:
            folder.wrong(document, (name,), f"`{step}` must be counted from {expected}")


def _check_signs(folder: Folder, sheet: Sheet[PlanFile], flags: Mapping[str, RedFlag]) -> None:
    """Every answer to the safety question leads to a card: the first of its flags has its tier.

    One at least is an emergency: its card is shown when nobody knows any more which sign it was.
    """
    for place, one in enumerate(sheet.value.background):
        for flag in one.flags:
            if flag not in flags:
                folder.wrong(
                    sheet.document, ("background", place), f"`{flag}` is not a sign in redflags.yaml"
                )
    if all(sign.tier is not Tier.EMERGENCY for sign in sheet.value.signs):
        folder.wrong(sheet.document, ("signs",), "no sign is of tier E")
    for place, sign in enumerate(sheet.value.signs):
        where = ("signs", place)
        for flag in sign.flags:
            if flag not in flags:
                folder.wrong(sheet.document, where, f"`{flag}` is not a sign in redflags.yaml")
        if not sign.flags:
            folder.wrong(sheet.document, where, "`flags` must name at least one sign in redflags.yaml")
        elif sign.flags[0] in flags and flags[sign.flags[0]].tier is not sign.tier:
            folder.wrong(sheet.document, where, f"`{sign.flags[0]}` is not of tier {sign.tier}")


def _check_everything_is_said(folder: Folder, sheet: Sheet[FollowUpWords], plan: PlanFile) -> None:
    words, document = sheet.value, sheet.document
    for advice in sorted(set(plan.said()) - set(words.advice)):
        folder.wrong(document, ("advice",), f"`{advice}` is missing; {PLAN} says it")
    for sign in sorted({sign.id for sign in plan.signs} - set(words.signs)):
        folder.wrong(document, ("signs",), f"`{sign}` is missing; {PLAN} asks for it")
    for told in sorted({one.id for one in plan.background} - set(words.background)):
        folder.wrong(document, ("background",), f"`{told}` is missing; {PLAN} asks for it")


def _check_words(folder: Folder, sheet: Sheet[FollowUpWords]) -> None:
    words, document = sheet.value, sheet.document
    measure = measure_of(folder, sheet, "followup.yaml", WORDS_SHAPE)
    folder.problems += sentence_problems(document, ("words",), words.words, measure.words)
    for name, told in words.advice.items():
        names = names_in(told.text)
        if names is None or names - ADVICE_NAMES:
            known = ", ".join(f"{{{one}}}" for one in sorted(ADVICE_NAMES))
            folder.wrong(document, ("advice", name, "text"), f"advice may use {known} and no other braces")
        if told.basis is not Basis.JUDGEMENT and not told.sources:
            folder.wrong(document, ("advice", name), f"`{told.basis}` needs sources")
