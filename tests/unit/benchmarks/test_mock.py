"""The mock that bots are compared on: it hands out and counts by Telegram's rules, whatever the encoding."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from benchmarks.mock.queue import Queue
from benchmarks.mock.scenario import Report, Scenario
from benchmarks.mock.screens import FIRST_PERSON, Shown, shown
from benchmarks.mock.telegram import Mock

Json = dict[str, Any]

ANSWER: Json = {
    "text": "the <b>shoulders</b>",
    "rows": [[{"text": "Back", "callback_data": "t:x"}]],
}
TOPIC: Json = {"text": "a topic with questions", "rows": [[{"text": "One", "callback_data": "a:y"}]]}
SCREENS: dict[str, Shown] = shown({"a:y": ANSWER, "t:x": TOPIC})
PATIENT = 30.0


async def call(mock: Mock, method: str, body: bytes = b"") -> Json:
    answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    mock.call(f"/bot1:x/{method}".encode(), body, answer.set_result)
    read: Json = json.loads(await answer)
    return read


async def fetch(mock: Mock, offset: int = 0, **more: int) -> list[Json]:
    answer = await call(mock, "getUpdates", urlencode({"offset": offset, "timeout": 5, **more}).encode())
    updates: list[Json] = answer["result"]
    return updates


async def reply(mock: Mock, update: Json, text: str | None = None) -> None:
    """Answer and edit, as a form."""
    query = update["callback_query"]
    await call(mock, "answerCallbackQuery", urlencode({"callback_query_id": query["id"]}).encode())
    said = text or {"a:y": ANSWER, "t:x": TOPIC}[query["data"]]["text"]
    await call(mock, "editMessageText", urlencode({"chat_id": query["from"]["id"], "text": said}).encode())


async def played(scenario: Scenario, times: int = 1, text: str | None = None) -> Report:
    """A bot that answers everything it gets, so many times."""
    mock = Mock(SCREENS)
    mock.begin(scenario)
    for update in await fetch(mock):
        for _ in range(times):
            await reply(mock, update, text)
    return await mock.report()


async def test_no_more_than_a_hundred_come_at_once_and_an_offset_confirms_what_is_below_it() -> None:
    mock = Mock(SCREENS)
    mock.begin(Scenario(waiting=150, patience=PATIENT))

    first = await fetch(mock)
    middle = await fetch(mock, offset=first[49]["update_id"] + 1)
    last = await fetch(mock, offset=first[99]["update_id"] + 1)

    assert len(first) == 100
    assert middle[:50] == first[50:]
    assert len(last) == 50
    assert middle[50:] == last


def test_what_is_not_confirmed_comes_again_but_whoever_asks_again_at_once_gets_one() -> None:
    now = 0.0
    queue = Queue(lambda: now)
    answers: list[bytes] = []
    for number in (1, 2, 3):
        queue.add(number, b"%d" % number)

    queue.poll(1, 100, 0, answers.append)
    now = 0.4
    queue.poll(1, 100, 0, answers.append)
    now = 1.0
    queue.poll(1, 100, 0, answers.append)

    assert [json.loads(answer)["result"] for answer in answers] == [[1, 2, 3], [1], [1, 2, 3]]


async def test_a_second_poll_ends_the_first() -> None:
    mock = Mock(SCREENS)
    first = asyncio.ensure_future(call(mock, "getUpdates", b"timeout=20"))
    waiting = asyncio.ensure_future(call(mock, "getUpdates", b"timeout=20&offset=1"))

    assert (await first)["error_code"] == 409

    mock.begin(Scenario(patience=0))
    assert len((await waiting)["result"]) == 1


async def test_a_tap_answered_and_edited_once_is_no_mistake() -> None:
    report = await played(Scenario(waiting=40, patience=PATIENT))

    assert (report.taps, report.unanswered, report.mistakes) == (40, 0, {})


async def test_what_a_bot_does_twice_is_counted() -> None:
    report = await played(Scenario(waiting=3, patience=PATIENT), times=2)

    # The last tap's second answers may come after the end.
    assert set(report.mistakes) == {"answered twice", "edited twice"}
    assert report.mistakes["answered twice"] >= 2


async def test_another_screen_than_the_one_tapped_is_counted() -> None:
    report = await played(Scenario(waiting=2, patience=PATIENT), text="something else")

    assert report.mistakes == {"another screen": 2}


def test_people_at_random_instants_are_as_many_as_their_rate_says_and_the_same_for_every_bot() -> None:
    crowd = Scenario(per_second=1_000, scattered=True, seconds=1.0)

    instants = crowd.instants()

    assert len(instants) == 1_000
    assert instants == sorted(instants) == crowd.instants()
    assert 0 <= instants[0] < instants[-1] <= 1.0
    assert Scenario(per_second=4, seconds=1.0).instants() == [0.0, 0.25, 0.5, 0.75]


async def test_what_nobody_answers_is_counted() -> None:
    mock = Mock(SCREENS)
    mock.begin(Scenario(waiting=7, patience=0))

    report = await mock.report()

    assert (report.taps, report.unanswered) == (7, 7)


async def test_whoever_is_answered_makes_room_for_the_next_until_all_have_tapped() -> None:
    mock, offset = Mock(SCREENS), 0
    seen: list[tuple[int, str]] = []
    mock.begin(Scenario(waiting=4, again=True, total=25, seconds=PATIENT, people=10))

    while len(seen) < 25:
        for update in await fetch(mock, offset):
            offset = update["update_id"] + 1
            seen.append((update["callback_query"]["from"]["id"], update["callback_query"]["data"]))
            await reply(mock, update)
    report = await mock.report()

    assert (report.taps, report.in_time, report.unanswered) == (25, 25, 0)
    assert [person for person, _ in seen] == [FIRST_PERSON + number % 10 for number in range(25)]
    assert seen[0][1] != seen[10][1], "the same person's next tap asks for the other screen"


@pytest.mark.parametrize(
    "body",
    [
        b"callback_query_id=%d&chat_id=%d&text=shoulders",
        b'{"callback_query_id":"%d","chat_id":%d,"text":"shoulders"}',
        b'{"callback_query_id": "%d", "chat_id": %d, "text": "shoulders"}',
        b'--x\r\nContent-Disposition: form-data; name="callback_query_id"\r\n\r\n%d\r\n'
        b'--x\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n%d\r\n--x\r\n\r\nshoulders\r\n--x--',
    ],
    ids=["form", "json", "spaced json", "parts"],
)
async def test_every_encoding_of_a_library_is_understood(body: bytes) -> None:
    mock = Mock(SCREENS)
    mock.begin(Scenario(patience=PATIENT))
    (update,) = await fetch(mock)
    asked = body % (update["update_id"], update["callback_query"]["from"]["id"])

    await call(mock, "answerCallbackQuery", asked)
    await call(mock, "editMessageText", asked)

    report = await mock.report()
    assert (report.unanswered, report.mistakes) == (0, {})


@pytest.mark.parametrize("body", [b"offset=101&limit=7&timeout=5", b'{"offset":101,"limit":7,"timeout":5}'])
async def test_get_updates_may_be_asked_as_a_form_or_as_json(body: bytes) -> None:
    mock = Mock(SCREENS)
    mock.begin(Scenario(waiting=150, patience=PATIENT))
    await fetch(mock)

    updates = (await call(mock, "getUpdates", body))["result"]

    assert [update["update_id"] for update in updates] == list(range(101, 108))


async def test_messages_to_one_chat_twice_are_counted() -> None:
    mock = Mock(SCREENS)
    mock.begin(Scenario(sends=3, seconds=PATIENT))
    for chat in (1, 2, 1):
        await call(mock, "sendMessage", b"chat_id=%d&text=x" % chat)

    report = await mock.report()

    assert (report.sent, report.mistakes) == (3, {"sent twice": 1})
