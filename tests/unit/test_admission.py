"""Admission: who is let in, what it costs, and what is never dropped."""

from datetime import timedelta
from typing import Any

from tgbot.chat.admission import MOST_WAITING, Admission, AdmissionControl, FloodGate
from tgbot.chat.updates import Update, UpdateReader
from tgbot.clock import ManualClock
from tgbot.content import Tier
from tgbot.finder.finding import Finding, Unknown, Urgent

ADA, GROUP, US = 7, -100, 42
DANGER = "chest pain"


def finds(text: str) -> Finding:
    return Urgent((DANGER,), Tier.EMERGENCY) if DANGER in text else Unknown()


READER = UpdateReader(US, "backcheck_bot", ("help",), finds)


def read(raw: dict[str, Any]) -> Update:
    return READER.read(raw)


def said(text: str, chat: int = ADA, kind: str = "message", **more: Any) -> Update:
    where = {"id": chat, "type": "private" if chat > 0 else "group"}
    body = {"message_id": 1, "chat": where, "from": {"id": ADA}, "text": text, **more}
    return read({"update_id": 1, kind: body})


def did(kind: str) -> Update:
    member = {"status": "member"}
    body = {"id": "1", "from": {"id": ADA}, "data": "x", "query": "heat", "new_chat_member": member}
    return read({"update_id": 1, kind: {**body, **({"chat": {"id": ADA}} if "member" in kind else {})}})


def admitted(control: AdmissionControl, update: Update, times: int, waiting: int = 0) -> int:
    return sum(control.admit(update, waiting).allowed for _ in range(times))


def test_three_messages_at_once_and_typing_an_inline_query_costs_as_little_as_a_tap() -> None:
    clock = ManualClock()

    assert admitted(AdmissionControl(clock), said("hello"), 20) == 3
    assert admitted(AdmissionControl(clock), did("inline_query"), 30) == 24
    assert admitted(AdmissionControl(clock), did("callback_query"), 30) == 24
    assert admitted(AdmissionControl(clock), did("my_chat_member"), 20) == 20, "brings no reply"


async def test_no_reply_waits_long_for_its_turn_at_the_pace_that_people_are_let_in() -> None:
    """A reply takes 1.05 s, in a group 3.15 s: the last one let in is answered within about three seconds."""
    for chat, pace in ((ADA, 1.05), (GROUP, 3.15)):
        clock = ManualClock()
        control, free, longest = AdmissionControl(clock), 0.0, 0.0
        for _ in range(6_000):
            admission = control.admit(said("/help", chat), 0)
            if admission.allowed or (admission.notify and chat > 0):
                now = clock.monotonic()
                free = max(free, now)
                longest = max(longest, free - now) if admission.allowed else longest
                free += pace
            await clock.sleep(0.01)
        assert longest <= 3.2


def test_a_tap_that_would_wait_behind_many_is_dropped() -> None:
    control = AdmissionControl(ManualClock())

    assert control.admit(did("callback_query"), MOST_WAITING - 1).allowed
    assert not control.admit(did("callback_query"), MOST_WAITING).allowed


def test_a_group_among_itself_costs_nothing_and_has_its_own_measure() -> None:
    control = AdmissionControl(ManualClock())

    assert admitted(control, said("nice weather", GROUP), 50) == 50
    assert admitted(control, said("/help@other_bot", GROUP), 50) == 50
    assert control.admit(said("@Backcheck_Bot heat?", GROUP), 0).allowed
    assert control.admit(
        said("and cold?", GROUP, reply_to_message={"message_id": 9, "from": {"id": US}}), 0
    ).allowed
    assert admitted(control, said("/help", GROUP), 5) == 0
    assert admitted(control, said("/help", GROUP - 1), 5) == 2, "another group"
    assert admitted(control, said("hello"), 5) == 3, "and a person alone"


async def test_a_warning_sign_goes_in_although_nothing_is_left_and_its_card_is_enough_for_a_while() -> None:
    clock = ManualClock()
    control = AdmissionControl(clock)
    admitted(control, said("hello"), 10)

    assert admitted(control, said(f"I have {DANGER}"), 10) == 1
    await clock.sleep(5)
    admitted(control, said("hello"), 10)
    assert admitted(control, said(f"still {DANGER}"), 10) == 1


def test_nobody_else_waits_for_such_a_card_and_only_so_many_wait_in_one_lane() -> None:
    control = AdmissionControl(ManualClock())
    admitted(control, said("hello"), 10)

    assert not control.admit(said(DANGER), MOST_WAITING).allowed, "six cards or answers are on their way"
    assert control.admit(said(DANGER), MOST_WAITING - 1) == Admission(allowed=True, block_ack=False)


def test_reading_for_warning_signs_has_its_measure_too() -> None:
    texts: list[str] = []

    def noting(text: str) -> Finding:
        texts.append(text)
        return Unknown()

    control = AdmissionControl(ManualClock())
    for _ in range(50):
        where = {"chat": {"id": ADA, "type": "private"}, "from": {"id": ADA}}
        raw = {"update_id": 1, "message": {"message_id": 1, "text": "a" * 4_000, **where}}
        control.admit(UpdateReader(US, "us", (), noting).read(raw), 0)

    assert len(texts) == 4


def test_what_is_no_update_that_we_know_is_let_in_for_the_quarantine() -> None:
    assert AdmissionControl(ManualClock()).admit(read({"update_id": 1, "message": "?"}), 0).allowed


def test_a_thousand_people_who_tap_at_once_are_all_let_in_twice_over() -> None:
    control = AdmissionControl(ManualClock())
    for person in 2 * [*range(1, 1_001)]:
        chat = {"id": person, "type": "private"}
        tap = {"id": "1", "from": {"id": person}, "data": "m", "message": {"message_id": 1, "chat": chat}}

        assert control.admit(read({"update_id": 1, "callback_query": tap}), 0) == Admission(allowed=True)


def test_moves_of_a_live_location_and_changes_without_a_warning_sign_cost_nothing() -> None:
    control = AdmissionControl(ManualClock())
    move = {"message_id": 1, "chat": {"id": ADA, "type": "private"}, "from": {"id": ADA}, "location": {}}

    assert admitted(control, read({"update_id": 1, "edited_message": move}), 50) == 50
    assert admitted(control, said("heat or ice", kind="edited_message"), 50) == 50
    assert admitted(control, said(DANGER, GROUP, kind="edited_message"), 50) == 50, "answered in private only"
    assert admitted(control, said("hello"), 20) == 3, "nothing was spent"


def test_a_change_that_brings_a_warning_sign_costs_what_a_message_costs() -> None:
    control = AdmissionControl(ManualClock())

    assert admitted(control, said(DANGER, kind="edited_message"), 10) == 4, "three, and the card that is due"
    assert admitted(control, said("hello"), 5) == 0


def test_the_pictures_of_an_album_cost_one_message() -> None:
    control = AdmissionControl(ManualClock())
    picture = {"message_id": 1, "chat": {"id": ADA, "type": "private"}, "photo": [{}], "media_group_id": "13"}

    assert admitted(control, read({"update_id": 1, "message": picture}), 10) == 10
    assert admitted(control, said("hello"), 5) == 2, "one was spent"


def test_after_ten_thousand_chats_only_cards_that_are_on_their_way_are_remembered() -> None:
    clock = ManualClock()
    control = AdmissionControl(clock)
    for chat in range(1, 10_001):
        control._carded[chat, DANGER] = clock.monotonic()
    clock.push(timedelta(seconds=5))
    admitted(control, said("hello", 20_000), 10)
    assert control.admit(said(DANGER, 20_000), 0).allowed
    assert list(control._carded) == [(20_000, DANGER)]
    assert not control.admit(said(DANGER, 20_000), 0).allowed, "its card is still on its way"


def test_a_crowd_with_cards_on_their_way_is_not_looked_through_at_each_message() -> None:
    clock = ManualClock()
    control = AdmissionControl(clock)
    for chat in range(1, 10_001):
        control._carded[chat, DANGER] = clock.monotonic()
    for chat in (20_000, 20_001):
        admitted(control, said("hello", chat), 10)
        assert control.admit(said(DANGER, chat), 0).allowed

    assert len(control._carded) == 10_002, "none of them may be forgotten yet"
    assert control._most_carded == 20_002, "and it is looked again at twice as many"


def test_who_was_too_fast_stays_so_when_ten_thousand_others_come() -> None:
    clock = ManualClock()
    clock.push(timedelta(hours=1))
    gate = FloodGate(clock, burst=1.0, per_second=1.0)
    assert [gate.admit(ADA).allowed for _ in range(2)] == [True, False]
    for chat in range(20_000, 30_001):
        gate.admit(chat)
    assert not gate.admit(ADA).allowed


def test_of_albums_the_newest_ten_thousand_are_known() -> None:
    control = AdmissionControl(ManualClock())

    def picture(album: int, chat: int) -> Update:
        where = {"chat": {"id": chat, "type": "private"}, "photo": [{}], "media_group_id": str(album)}
        return read({"update_id": 1, "message": {"message_id": 1, **where}})

    for album in range(10_000):
        control.admit(picture(album, album + 1), 0)
    assert len(control._albums) == 10_000
    control.admit(picture(10_000, 10_001), 0)
    assert len(control._albums) == 10_000
    assert (1, "0") not in control._albums, "the oldest"
    assert (2, "1") in control._albums
