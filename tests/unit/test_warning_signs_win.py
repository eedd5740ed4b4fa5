"""A warning sign that is tapped gets its card, whatever became of the message it was tapped on."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import pytest

from tests.fakes.phone import FRAME, Phone, begun
from tests.fakes.stores import broken_store
from tgbot.chat.check_handlers import CheckHandlers
from tgbot.chat.episode_handlers import EpisodeHandlers
from tgbot.chat.request import Request
from tgbot.chat.start_handlers import StartHandlers
from tgbot.clock import ManualClock
from tgbot.content import Tier
from tgbot.followup.episode import ClosedBecause, EpisodeState
from tgbot.screens.buttons import AnswerCheckIn, Begin
from tgbot.screens.check_screens import CheckScreens
from tgbot.screens.episode_screens import EpisodeScreens
from tgbot.screens.faq_screens import Screens
from tgbot.screens.markup import plain
from tgbot.screens.screen import Key
from tgbot.screens.start_screens import StartScreens
from tgbot.service.episodes import Episodes
from tgbot.service.hints import Recent
from tgbot.service.preferences import EmergencyNumbers, Preferences
from tgbot.service.store_port import StoreError

T = TypeVar("T")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIGNS = [pytest.param(sign.id, id=sign.id) for sign in FRAME.protocol.signs.values()]
CARD = {Tier.EMERGENCY: "get help now", Tier.SAME_DAY: "Get medical help today."}


async def answered_already(phone: Phone) -> None:
    await phone.time_passes(73 * HOUR)
    for label in ("Open", "None of these", "Gone"):
        await phone.taps(label)


async def closed_by_cancel(phone: Phone) -> None:
    await phone.time_passes(73 * HOUR)
    await phone.types("cancel")


async def erased(phone: Phone) -> None:
    await phone.time_passes(73 * HOUR)
    await phone.store.transact(
        phone.person_id, lambda tx: tx.people.forget(phone.person_id, phone.clock.now())
    )


async def consent_withdrawn(phone: Phone) -> None:
    await phone.types("settings")
    await phone.taps("Withdraw consent")


async def superseded(phone: Phone) -> None:
    await phone.types("episode")
    for label in ("A new one", "Just now", "None of these", "Go on ›", "4"):
        await phone.taps(label)


async def expired(phone: Phone) -> None:
    phone.clock.push(11 * DAY)
    await phone.delivers()


async def after_an_emergency(phone: Phone) -> None:
    await phone.time_passes(73 * HOUR)
    for label in ("Open", "One of these ›", "Weak legs"):
        await phone.taps(label)


async def not_due_yet(phone: Phone) -> None:
    """Only a forged button comes so early."""


FATES = [
    answered_already,
    closed_by_cancel,
    erased,
    consent_withdrawn,
    superseded,
    expired,
    after_an_emergency,
    not_due_yet,
]


def shown(phone: Phone) -> str:
    assert phone.last_reply.screen is not None
    return plain(phone.last_reply.screen.text)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("fate", FATES)
async def test_a_sign_on_a_check_in_gets_its_card(
    fate: Callable[[Phone], Awaitable[None]], sign: str
) -> None:
    phone = await begun()
    (one,) = [one for one in (await phone.course()).follow_ups if one.step == "h72"]
    await fate(phone)

    await phone.presses(AnswerCheckIn(one.id, sign), max(phone.chat))

    assert CARD[FRAME.protocol.signs[sign].tier] in shown(phone)


@pytest.mark.parametrize("sign", SIGNS)
async def test_a_sign_on_a_forged_check_in_gets_its_card(sign: str) -> None:
    phone = Phone()
    await phone.types("episode")

    await phone.presses(AnswerCheckIn("nobody", sign), max(phone.chat))

    assert CARD[FRAME.protocol.signs[sign].tier] in shown(phone)
    assert await phone.stored() == (None, ())


@pytest.mark.parametrize("onset", ["1", "zzzzzz", "!"], ids=["of 1970", "of 2038", "none"])
async def test_a_sign_on_an_old_form_gets_its_card(onset: str) -> None:
    phone = Phone()
    await phone.types("episode")

    await phone.presses(Begin(onset, "chest"), max(phone.chat))

    assert "get help now" in shown(phone)


async def test_an_emergency_on_an_answered_check_in_ends_the_check_ins_until_it_is_taken_back() -> None:
    phone = await begun()
    await phone.time_passes(73 * HOUR)
    await phone.taps("Open")
    await phone.taps("One of these ›")
    chest = phone.screen.rows[0][0]
    for label in ("‹ Back", "None of these", "Better", "Most things"):
        await phone.taps(label)
    assert isinstance(chest, Key)

    await phone.presses(chest.press, max(phone.chat))

    assert "stopped the check-ins" in shown(phone)
    course = await phone.course()
    assert course.episode.closed_because == ClosedBecause.EMERGENCY
    assert course.planned == ()
    await phone.taps("↩︎ I tapped wrong")
    again = await phone.course()
    assert again.episode.state is EpisodeState.OPEN
    assert again.waiting is not None


async def test_a_same_day_sign_on_an_answered_check_in_changes_nothing_that_is_stored() -> None:
    phone = await begun()
    await answered_already(phone)
    before = await phone.stored()
    (one,) = [one for one in before[1][0].follow_ups if one.step == "h72" and not one.reminder]

    await phone.presses(AnswerCheckIn(one.id, "fever"), max(phone.chat))

    assert await phone.stored() == before


async def test_a_sign_tapped_while_the_store_fails_gets_its_card_all_the_same() -> None:
    clock = ManualClock()
    store, recent, screens = broken_store(StoreError("disk I/O error")), Recent(clock), CheckScreens(FRAME)
    episodes = Episodes(store, clock, FRAME.protocol, recent)
    numbers = EmergencyNumbers(FRAME.pack, store, Preferences(store, clock, episodes), recent)
    request = Request(1, 7, 7, True, clock.now())
    checks = CheckHandlers(episodes, screens, numbers, clock)
    episode = EpisodeScreens(FRAME)
    opened = EpisodeHandlers(episodes, screens, episode, clock, recent)
    starts = StartHandlers(
        *(episodes, StartScreens(FRAME), screens, episode, opened, numbers, clock, recent),
        Screens(FRAME.pack).privacy,
    )

    for reply in (
        await checks.check(request, AnswerCheckIn("f1", "chest")),
        await starts.begin(request, Begin("t0", "chest")),
    ):
        assert reply.screen is not None
        assert "get help now" in plain(reply.screen.text)
