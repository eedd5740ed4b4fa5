"""A copy of a service message on somebody's phone: by the rules of check-ins, and beside them."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from tests.fakes.phone import Phone, begun
from tgbot.followup.episode import FollowUp, FollowUpState
from tgbot.followup.times import QuietHours
from tgbot.service.service_messages import (
    LATEST,
    OVER,
    ServiceMessageResults,
    ServiceMessages,
    result_text,
)
from tgbot.service.store_port import ServiceMessage, Transaction

WORDS = "<b>I am back.</b>"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
NIGHT = timedelta(hours=13)


class Service:
    """An operator beside somebody's phone; the clock begins at 9:10, in London's winter."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.messages = ServiceMessages(phone.store, phone.clock, per_second=25.0)
        self.told: list[str] = []
        self.results = ServiceMessageResults(self.messages, {1}, self._tell)

    async def _tell(self, _: int, sentence: str) -> None:
        self.told.append(sentence)

    async def copies(self, number: int = 1) -> dict[str, int]:
        return dict(await self.phone.store.operate(lambda tx: tx.operations.service_copies(number)))

    def arrived(self) -> int:
        return sum(sent.follow_up.service is not None for sent in self.phone.outbox)


@pytest.fixture
async def service() -> Service:
    return Service(await begun())


async def test_it_arrives_as_it_was_seen_and_changes_nothing_of_the_plan(service: Service) -> None:
    before = await service.phone.course()
    assert await service.messages.begin(1, WORDS) == 1
    await service.phone.time_passes(MINUTE)

    assert service.phone.screen.text == WORDS
    assert service.phone.screen.rows, "no screen is a dead end"
    assert await service.phone.course() == before
    assert await service.copies() == {"sent": 1}
    await service.phone.time_passes(timedelta(hours=72))
    assert "check-in is ready" in service.phone.screen.text


async def test_in_quiet_hours_it_waits_until_they_end(service: Service) -> None:
    await service.phone.time_passes(NIGHT)
    await service.messages.begin(1, WORDS)
    await service.phone.time_passes(timedelta(hours=9))
    assert service.arrived() == 0
    await service.phone.time_passes(timedelta(hours=3))

    (sent,) = [one for one in service.phone.outbox if one.follow_up.service]
    assert not sent.quiet
    assert await service.copies() == {"sent": 1}


@pytest.mark.parametrize("quiet", [QuietHours(), QuietHours(time(9, 30), time(8, 0))])
async def test_one_far_back_in_the_queue_is_put_off_by_one_night_and_not_by_its_whole_place(
    service: Service, quiet: QuietHours
) -> None:
    phone = service.phone
    await service.messages.begin(1, WORDS)
    course, person = await phone.course(), (await phone.stored())[0]
    assert person
    due = phone.clock.now() + timedelta(hours=15, minutes=50)  # at one in the night
    copy = FollowUp(f"s1-{course.episode.id}", course.episode.id, person.id, "service", due, due, service=1)

    async def far_back(tx: Transaction) -> None:
        await tx.people.save_person(replace(person, quiet=quiet))
        await tx.people.save_follow_up(copy)

    await phone.store.transact(person.id, far_back)
    await phone.time_passes(timedelta(hours=23, minutes=10))
    assert service.arrived() == (quiet != QuietHours()), "four hours of the night were over"
    await phone.time_passes(timedelta(hours=4))

    assert await service.copies() == {"sent": 1}


async def test_what_is_a_day_late_is_not_sent_and_counted(service: Service) -> None:
    await service.messages.begin(1, WORDS)
    service.phone.clock.push(LATEST + MINUTE)
    await service.phone.delivers()

    assert service.arrived() == 0
    assert await service.copies() == {"expired": 1}
    assert (await service.phone.course()).planned, "the check-in still comes"


async def test_whoever_stops_the_episode_meanwhile_hears_nothing_more(service: Service) -> None:
    await service.phone.time_passes(NIGHT)
    await service.messages.begin(1, WORDS)
    await service.phone.types("cancel")
    await service.phone.time_passes(DAY)

    assert service.arrived() == 0
    assert await service.copies() == {"cancelled": 1}


async def test_broken_off_in_the_middle_it_is_tried_twice_and_no_more(service: Service) -> None:
    service.phone.cut = True
    await service.messages.begin(1, WORDS)
    await service.phone.time_passes(timedelta(hours=1))
    service.phone.cut = False
    await service.phone.time_passes(timedelta(hours=1))

    assert service.arrived() == 0
    assert await service.copies() == {"unconfirmed": 1}
    assert (await service.phone.course()).planned, "nothing of the plan was lost by it"


async def test_a_stopped_one_goes_to_nobody_who_has_not_had_it(service: Service) -> None:
    await service.phone.time_passes(NIGHT)
    await service.messages.begin(1, WORDS)
    assert await service.messages.stop(1)
    await service.phone.time_passes(DAY)

    assert service.arrived() == 0
    assert await service.copies() == {"cancelled": 1}


async def test_admins_are_told_once_what_became_of_it(service: Service) -> None:
    await service.messages.begin(1, WORDS)
    await service.results.look_once()
    assert service.told == []
    await service.phone.time_passes(MINUTE)
    await service.results.look_once()
    await service.results.look_once()

    assert service.told == ["Service message 1 has ended.\n1 sent"]


async def test_a_block_meanwhile_does_not_keep_it_open_for_ever(service: Service) -> None:
    service.phone.blocked = True
    await service.phone.time_passes(timedelta(hours=72))
    service.phone.blocked = False
    person, _ = await service.phone.stored()
    assert person is not None
    assert person.paused
    assert await service.messages.begin(1, WORDS) == 0, "nobody can be reached"
    await service.results.look_once()
    assert "nobody" in service.told[0]


async def test_what_cannot_be_sent_at_all_is_given_up_after_days(service: Service) -> None:
    await service.messages.begin(1, WORDS)
    service.phone.clock.push(OVER)
    await service.results.look_once()

    assert await service.copies() == {"cancelled": 1}
    assert "not sent" in service.told[0]


def test_every_state_a_copy_can_end_in_has_its_words() -> None:
    message = ServiceMessage(1, WORDS, Phone().clock.now())
    for state in FollowUpState:
        if state is not FollowUpState.ANSWERED:  # it asks nothing
            assert "3 " in result_text(message, {state.value: 3})
