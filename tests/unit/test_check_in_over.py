"""A check-in that cannot be answered any more says so before it asks anything, and says nothing else."""

from datetime import timedelta

from tests.fakes.phone import FRAME, Phone, begun
from tgbot.chat.diary_handlers import PictureHandlers
from tgbot.chat.request import Request
from tgbot.followup.episode import FollowUpState
from tgbot.followup.events import Reopened, Stopped
from tgbot.screens.buttons import AnswerCheckIn, CheckNow, Reopen
from tgbot.screens.diary_screens import DiaryScreens
from tgbot.screens.pictures import CardData, ChartData
from tgbot.screens.screen import Key

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OVER = "This check-in is over."


async def put_off(phone: Phone) -> AnswerCheckIn:
    """The first check-in, put off by a day; its button in the older message."""
    await phone.time_passes(72 * HOUR)
    (one,) = [one for one in (await phone.course()).follow_ups if one.step == "h72" and not one.reminder]
    await phone.taps("Later ›")
    await phone.taps("Tomorrow")
    return AnswerCheckIn(one.id)


async def test_one_that_was_withdrawn_is_over_and_its_open_episode_is_not_called_closed() -> None:
    phone = await begun()
    check = await put_off(phone)
    await phone.presses(CheckNow((await phone.course()).episode.id), max(phone.chat))
    for label in ("None of these", "About the same", "Some things"):
        await phone.taps(label)

    screen = await phone.presses(check, max(phone.chat))

    assert OVER in screen.text
    assert "closed" not in screen.text
    assert not [
        key for row in screen.rows for key in row if isinstance(key, Key) and isinstance(key.press, Reopen)
    ]


async def test_one_that_did_not_reach_somebody_again_asks_nothing_that_it_cannot_take() -> None:
    phone = await begun()
    check = await put_off(phone)
    phone.blocked = True
    await phone.time_passes(DAY)
    phone.blocked = False
    (one,) = [one for one in (await phone.course()).follow_ups if one.id == check.follow_up]
    assert one.state is FollowUpState.UNREACHABLE

    assert OVER in (await phone.presses(check, max(phone.chat))).text


class Reader:
    """Keeps what it was to draw."""

    def __init__(self) -> None:
        self.cards: list[CardData] = []

    async def chart(self, data: ChartData) -> bytes:
        return b"chart"

    async def card(self, data: CardData) -> bytes:
        self.cards.append(data)
        return b"card"


async def test_the_card_is_of_the_open_episode_though_a_newer_one_is_closed() -> None:
    phone = await begun()
    first = (await phone.course()).episode
    await phone.time_passes(HOUR)
    await phone.types("episode")
    for label in ("A new one", "Just now", "None of these", "Go on ›", "4"):
        await phone.taps(label)
    second = (await phone.course()).episode
    await phone.episodes.act(9_001, phone.person_id, Stopped(), second.id)
    await phone.episodes.act(9_002, phone.person_id, Reopened(), first.id)

    reader = Reader()
    pictures = PictureHandlers(phone.episodes, FRAME, DiaryScreens(FRAME), reader, phone.clock)
    reply = await pictures.card(Request(9_003, phone.person_id, phone.person_id, True, phone.clock.now()))

    assert reply.drawing is not None
    await reply.drawing.draw()
    (card,) = reader.cards
    assert FRAME.when.full(first.onset, "Europe/London") in dict(card.facts).values()
