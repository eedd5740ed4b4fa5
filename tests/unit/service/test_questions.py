from datetime import timedelta

import pytest

from tests.fakes.memory_store import MemoryStore
from tests.fakes.phone import FRAME, SCREENS, VOICE
from tgbot.chat.faq_handlers import FaqHandlers
from tgbot.chat.request import Request
from tgbot.clock import ManualClock
from tgbot.content import Tier
from tgbot.finder.finding import Found, Suggest, Unknown, Urgent
from tgbot.screens.buttons import ShowAnswer, Vote
from tgbot.service.episodes import Episodes
from tgbot.service.hints import Recent
from tgbot.service.preferences import EmergencyNumbers, Preferences
from tgbot.service.questions import QuestionService, Statistics


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def counted(store: MemoryStore, clock: ManualClock, kind: str) -> dict[str, int]:
    found = await store.operate(lambda tx: tx.operations.tallied(clock.now().date(), kind))
    return {subject: times for (_, subject), times in found.items()}


async def test_of_a_message_not_understood_only_its_shape_is_kept(clock: ManualClock) -> None:
    store, tally = MemoryStore(), Statistics()
    tally.found(Unknown(), "my name is Ada, 07700 900123, what about tape?")
    await tally.flush(store, clock)

    assert await counted(store, clock, "unknown") == {"8-20 words, a question": 1}
    assert await counted(store, clock, "unknown_words") == {}


async def test_its_words_are_kept_when_the_operator_asked_for_them_without_names_and_digits(
    clock: ManualClock,
) -> None:
    store, tally = MemoryStore(), Statistics(keep_words=True)
    tally.found(Unknown(), "my name is Ada, 07700 900123, what about tape?")
    await tally.flush(store, clock)

    assert await counted(store, clock, "unknown_words") == {"my name is … what about tape": 1}


async def test_every_finding_is_counted_once_and_flushed_once(clock: ManualClock) -> None:
    store, tally = MemoryStore(), Statistics()
    tally.found(Urgent(("E1", "U1"), Tier.EMERGENCY), "")
    tally.found(Found("q-sleep"), "")
    tally.found(Suggest(("q-work", "q-drive")), "")
    tally.voted("q-sleep", "y")
    tally.voted("q-sleep", "forged")
    await tally.flush(store, clock)
    await tally.flush(store, clock)

    assert await counted(store, clock, "urgent") == {"E1": 1, "U1": 1}
    assert await counted(store, clock, "shown") == {"q-sleep": 1}
    assert await counted(store, clock, "suggested") == {"q-drive": 1, "q-work": 1}
    assert await counted(store, clock, "helpful") == {"q-sleep": 1}
    assert await counted(store, clock, "not_helpful") == {}


async def test_after_a_restart_it_is_still_known_what_is_asked_most(clock: ManualClock) -> None:
    store, before, after = MemoryStore(), Statistics(), Statistics()
    for answer in ("q-work", "q-sleep", "q-sleep"):
        before.shown(answer)
    await before.flush(store, clock)
    clock.push(timedelta(days=7))
    await after.recall(store, clock)

    assert after.most_shown(1) == ("q-sleep",)


async def test_only_what_the_pack_holds_is_counted(clock: ManualClock) -> None:
    store, tally = MemoryStore(), Statistics()
    recent = Recent(clock)
    preferences = Preferences(store, clock, Episodes(store, clock, FRAME.protocol, recent))
    numbers = EmergencyNumbers(SCREENS.pack, store, preferences, recent)
    questions = QuestionService(VOICE, numbers, tally, recent)
    handlers = FaqHandlers(SCREENS, questions, tally, numbers, recent, "https://t.me/x")
    request = Request(1, 1, 1, True, clock.now())
    real = next(iter(SCREENS.pack.answers))
    for number in range(50):
        await handlers.answer(request, ShowAnswer(f"forged-{number}"))
        await handlers.vote(request, Vote(f"forged-{number}", "y"))
    await handlers.answer(request, ShowAnswer(real))
    await handlers.vote(request, Vote(real, "y"))
    await tally.flush(store, clock)

    assert await counted(store, clock, "shown") == {real: 1}
    assert await counted(store, clock, "helpful") == {real: 1}
    assert tally.most_shown(100) == (real,)
