"""The door: who is let in, what it costs, and what is never dropped."""

from typing import Any

from telegram import Bot, User

from tgbot.chat.door import MOST_WAITING, Door
from tgbot.clock import ManualClock
from tgbot.service.flood import Passes

ADA, GROUP, US = 7, -100, 42
DANGER = "chest pain"


class NamedBot(Bot):
    """Knows its own name without having asked for it."""

    @property
    def bot(self) -> User:
        return User(US, "Backcheck", is_bot=True, username="backcheck_bot")


def a_door(clock: ManualClock) -> Door:
    return Door(NamedBot("1:x"), clock, lambda text: [DANGER] if DANGER in text else [])


def said(text: str, chat: int = ADA, **more: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": {"chat": {"id": chat}, "from": {"id": ADA}, "text": text, **more}}


def did(kind: str) -> dict[str, Any]:
    return {"update_id": 1, kind: {"id": "1", "from": {"id": ADA}, "data": "x", "query": "heat"}}


def passing(door: Door, raw: dict[str, Any], times: int, waiting: int = 0) -> int:
    return sum(door.lets_in(raw, waiting).now for _ in range(times))


def test_three_messages_at_once_and_typing_an_inline_query_costs_as_little_as_a_tap() -> None:
    clock = ManualClock()

    assert passing(a_door(clock), said("hello"), 20) == 3
    assert passing(a_door(clock), did("inline_query"), 30) == 24
    assert passing(a_door(clock), did("callback_query"), 30) == 24
    assert passing(a_door(clock), did("my_chat_member"), 20) == 20, "brings no reply"


async def test_no_reply_waits_long_for_its_turn_at_the_pace_that_people_are_let_in() -> None:
    """A reply takes 1.05 s, in a group 3.15 s: the last one let in is answered within about three seconds."""
    for chat, pace in ((ADA, 1.05), (GROUP, 3.15)):
        clock = ManualClock()
        door, free, longest = a_door(clock), 0.0, 0.0
        for _ in range(6_000):
            passes = door.lets_in(said("/help", chat), 0)
            if passes.now or (passes.tell and chat > 0):
                now = clock.monotonic()
                free = max(free, now)
                longest = max(longest, free - now) if passes.now else longest
                free += pace
            await clock.sleep(0.01)
        assert longest <= 3.2


def test_a_tap_that_would_wait_behind_many_is_dropped() -> None:
    door = a_door(ManualClock())

    assert door.lets_in(did("callback_query"), MOST_WAITING - 1).now
    assert not door.lets_in(did("callback_query"), MOST_WAITING).now


def test_a_group_among_itself_costs_nothing_and_has_its_own_measure() -> None:
    door = a_door(ManualClock())

    assert passing(door, said("nice weather", GROUP), 50) == 50
    assert passing(door, said("/help@other_bot", GROUP), 50) == 50
    assert door.lets_in(said("@Backcheck_Bot heat?", GROUP), 0).now
    assert door.lets_in(said("and cold?", GROUP, reply_to_message={"from": {"id": US}}), 0).now
    assert passing(door, said("/help", GROUP), 5) == 0
    assert passing(door, said("/help", GROUP - 1), 5) == 2, "another group"
    assert passing(door, said("hello"), 5) == 3, "and a person alone"


async def test_a_warning_sign_goes_in_although_nothing_is_left_and_its_card_is_enough_for_a_while() -> None:
    clock = ManualClock()
    door = a_door(clock)
    passing(door, said("hello"), 10)

    assert passing(door, said(f"I have {DANGER}"), 10) == 1
    await clock.sleep(5)
    passing(door, said("hello"), 10)
    assert passing(door, said(f"still {DANGER}"), 10) == 1


def test_nobody_else_waits_for_such_a_card_and_only_so_many_wait_in_one_lane() -> None:
    door = a_door(ManualClock())
    passing(door, said("hello"), 10)

    assert not door.lets_in(said(DANGER), MOST_WAITING).now, "six cards or answers are on their way"
    assert door.lets_in(said(DANGER), MOST_WAITING - 1) == Passes(now=True, held=False)


def test_reading_for_warning_signs_has_its_measure_too() -> None:
    read: list[str] = []

    def signs(text: str) -> list[str]:
        read.append(text)
        return []

    door = Door(NamedBot("1:x"), ManualClock(), signs)
    passing(door, said("a" * 4_000), 50)

    assert len(read) == 4


def test_what_is_no_update_that_we_know_is_let_in_for_the_quarantine() -> None:
    assert a_door(ManualClock()).lets_in({"update_id": 1, "message": "?"}, 0).now


def test_a_thousand_people_who_tap_at_once_are_all_let_in_twice_over() -> None:
    door = a_door(ManualClock())
    for person in 2 * [*range(1, 1_001)]:
        tap = {"id": "1", "from": {"id": person}, "data": "m", "message": {"chat": {"id": person}}}

        assert door.lets_in({"update_id": 1, "callback_query": tap}, 0) == Passes(now=True)
