"""Every branch of the plan as a conversation, over real HTTP: what was said, what comes next, and when."""

from datetime import timedelta

import pytest

from tests.fakes.languages import english
from tests.integration.test_episode_start import start
from tgbot.clock import TravelClock
from tgbot.content import Tier
from tgbot.followup.protocol import CLOSE, Felt, Reason, Sign, Step
from tgbot.followup.protocol import Seen as SeenBy
from tgbot.screens.markup import plain
from tgbot.simulator.simulated_people import SimulatedPerson
from tgbot.simulator.simulator_server import Simulator

FRAME = english()
PROTOCOL = FRAME.protocol
LABEL = {"gone": "Gone", "better": "Better", "same": "About the same", "worse": "Worse"}
LABEL["little"] = LABEL["same"]
READY = "Your check-in is ready"
# An onset from which a step of the ladder is asked at once. The main one and the net come by the courier.
ONSETS = {
    "d7": "1 week ago",
    "d14": "2 weeks",
    "d28": "4 weeks ago",
    "d42": "6 weeks ago",
    "d56": "8 weeks",
}
BRANCHES = [
    pytest.param(step, how, id=f"{step.id}-{how}")
    for step in PROTOCOL.steps.values()
    for how in step.branches
]


@pytest.fixture(autouse=True)
def morning(clock: TravelClock) -> None:
    """Ten in the morning, whenever the tests run: no check-in of theirs falls into quiet hours."""
    now = clock.now()
    ten = now.replace(hour=10, minute=0, second=0, microsecond=0)
    clock.push(ten - now + timedelta(days=now > ten))


def headline(advice: str) -> str:
    """The first line of what is said to an answer."""
    return plain(FRAME.pack.ui[f"advice.{advice}"]).partition("\n")[0]


async def begun(person: SimulatedPerson) -> None:
    """An episode that began just now, in London."""
    await start(person)
    await person.tap("Yes, check on me")
    await person.tap("London")


async def check_in(
    person: SimulatedPerson, clock: TravelClock, after: timedelta = timedelta(hours=72)
) -> None:
    """Time passes until the check-in comes, and it is opened."""
    clock.push(after)
    await person.waits_for(READY)
    await person.tap("Open")


async def say(person: SimulatedPerson, change: str) -> None:
    """An open check-in answered to its end."""
    if "Since we last spoke" in person.screen.text:
        await person.tap("None of these")
    if "able to get seen" in person.screen.text:
        await person.tap("A visit is booked")
    await person.tap(LABEL[change])
    if change in ("better", "same", "little"):
        await person.tap("Very little" if change == "little" else "Some things")


async def reach(person: SimulatedPerson, clock: TravelClock, step: Step) -> None:
    """The conversation up to the first question of a step."""
    if step.id in ONSETS:
        await person.send("/episode")
        await person.tap("Longer ago")
        await person.tap(ONSETS[step.id])
        await person.tap("None of these")
        await person.tap("Go on")
        await person.tap("6")
        await person.tap("Yes, check on me")
        return
    await begun(person)
    if step.id == PROTOCOL.asked:
        await person.send("/episode")
        await person.tap("How it is now")
        return
    await check_in(person, clock)
    if step.id == PROTOCOL.net:
        await say(person, "worse")
        await check_in(person, clock, timedelta(hours=24))


@pytest.mark.parametrize(("step", "how"), BRANCHES)
async def test_each_branch_says_its_own_and_plans_its_own(
    ada: SimulatedPerson, clock: TravelClock, step: Step, how: Felt
) -> None:
    """The net is reached by "worse", and a visit is booked then."""
    await reach(ada, clock, step)
    await say(ada, how)

    branch = step.branches[how]
    if step.id == PROTOCOL.net:
        branch = PROTOCOL.standing[Reason.WORSE][SeenBy.BOOKED].get(how, branch)
    assert headline(branch.advice) in ada.screen.text
    assert "no one reads this chat" in ada.screen.text
    if branch.next == CLOSE:
        assert "I will not write again about this episode." in ada.screen.text
    else:
        assert "I will ask again on" in ada.screen.text


@pytest.mark.parametrize("sign", PROTOCOL.signs.values(), ids=lambda sign: str(sign.id))
async def test_each_warning_sign_at_72_hours_comes_before_everything(
    ada: SimulatedPerson, clock: TravelClock, sign: Sign
) -> None:
    await begun(ada)
    await check_in(ada, clock)
    await ada.tap("One of these ›")
    if sign.more:
        await ada.tap("More signs")
    await ada.tap(FRAME.plain(f"button.sign.{sign.id}"))

    if sign.tier is Tier.EMERGENCY:
        assert "get help now" in ada.screen.text
        assert "stopped the check-ins" in ada.screen.text
        await ada.send("/cancel")
        assert "nothing to stop" in ada.screen.text
    else:
        assert headline("urgent") in ada.screen.text
        assert "I will ask again on" in ada.screen.text


async def test_somebody_who_cannot_sleep_is_sent_today_and_not_told_that_it_gets_worse(
    ada: SimulatedPerson, clock: TravelClock
) -> None:
    await begun(ada)
    await check_in(ada, clock)
    await ada.tap("None of these")
    await ada.tap("About the same")
    await ada.tap("Very little")

    assert headline("little") in ada.screen.text
    assert "getting worse" not in ada.screen.text


async def test_after_an_emergency_one_question_if_it_is_wanted(
    ada: SimulatedPerson, clock: TravelClock
) -> None:
    await begun(ada)
    await check_in(ada, clock)
    await ada.tap("One of these ›")
    await ada.tap("Chest, breathing")
    await ada.tap("Ask me once tomorrow")
    await check_in(ada, clock, timedelta(hours=24))
    assert "Are you safe?" in ada.screen.text
    question = ada.screen
    await ada.tap("Not yet", on=question)
    assert "get help now" in ada.screen.text
    await ada.tap("Yes", on=question)

    assert "Thank you for telling me." in ada.screen.text


async def test_one_reminder_and_then_silence(ada: SimulatedPerson, clock: TravelClock) -> None:
    await begun(ada)
    clock.push(timedelta(hours=72))
    await ada.waits_for(READY)
    clock.push(timedelta(hours=24))
    await ada.waits_for("Your check-in is still open")
    heard = len(ada.screens)
    clock.push(timedelta(days=60))
    await ada.send("/history")

    assert len(ada.screens) == heard + 1
    assert "a check-in without an answer" in ada.screen.text


async def test_a_wrong_tap_is_taken_back_and_the_question_asked_anew(
    ada: SimulatedPerson, clock: TravelClock
) -> None:
    await begun(ada)
    await check_in(ada, clock)
    await say(ada, "gone")
    await ada.tap("I tapped wrong")
    assert "Taken back" in ada.screen.text
    await say(ada, "worse")

    assert headline("worse") in ada.screen.text


async def test_a_snoozed_check_in_comes_again_at_the_hour_that_was_said(
    ada: SimulatedPerson, clock: TravelClock
) -> None:
    await begun(ada)
    clock.push(timedelta(hours=72))
    await ada.waits_for(READY)
    await ada.tap("Later")
    await ada.tap("Tomorrow")
    assert "I will write on" in ada.screen.text
    clock.push(timedelta(days=1, minutes=1))
    await ada.waits_for(READY)
    await ada.tap("Open")

    assert "Since we last spoke" in ada.screen.text


async def test_a_check_in_at_a_time_of_ones_own_comes_then_and_the_plan_s_at_its_hour(
    ada: SimulatedPerson, clock: TravelClock
) -> None:
    await begun(ada)
    await ada.send("could you check on me in 2 days please")
    assert "I will check on you on" in ada.screen.text
    clock.push(timedelta(days=2))
    await ada.waits_for(READY)
    await ada.tap("Open")
    await say(ada, "better")
    clock.push(timedelta(days=1))
    await ada.waits_for(READY)
    await ada.send("check on me in 2 days")
    await ada.tap("Not then")

    assert "not then" in ada.screen.text
    assert "As you asked" not in ada.screen.text


async def test_a_check_in_that_came_too_late_to_be_sent_is_asked_about_after_the_next_answer(
    ada: SimulatedPerson, clock: TravelClock
) -> None:
    await begun(ada)
    clock.push(timedelta(days=11))
    await ada.send("/episode")
    while "as soon as possible" in ada.screen.text:
        await ada.send("/episode")  # nothing is asked while it is on its way, nor over the episode's own keys
    await ada.send("can i drive?")
    await ada.waits_for("I could not check in with you on")
    await ada.tap("None of these")
    await say(ada, "better")
    await ada.send("heat or ice?")

    assert "could not check in" not in ada.screen.text


async def test_a_second_tap_on_an_answered_check_in_shows_the_same_advice(
    ada: SimulatedPerson, clock: TravelClock
) -> None:
    await begun(ada)
    await check_in(ada, clock)
    await ada.tap("None of these")
    question = ada.screen
    await ada.tap("Worse", on=question)
    await ada.tap("Gone", on=question)

    assert headline("worse") in ada.screen.text


async def test_answers_in_words_bring_the_check_in_each_time_and_record_nothing(
    ada: SimulatedPerson, clock: TravelClock
) -> None:
    await begun(ada)
    clock.push(timedelta(hours=72))
    await ada.waits_for(READY)
    for words in ("better", "same", "Worse!", "much better thanks 🙂", "it's gone", "No better", "no pain"):
        await ada.send(words)
        assert "I note only what you tap" in ada.screen.text, words
        assert "Since we last spoke, any of these?" in ada.screen.text, words

    await say(ada, "worse")
    assert headline("worse") in ada.screen.text
    await ada.send("/history")
    assert ada.screen.text.count("no warning sign") == 2, "at the start, and what was tapped"
    await ada.send("better")
    assert ada.screen.text.startswith("Your episode began"), "nothing waits any more"


async def test_are_you_safe_is_asked_again_too(ada: SimulatedPerson, clock: TravelClock) -> None:
    await begun(ada)
    await check_in(ada, clock)
    await ada.tap("One of these ›")
    await ada.tap("Chest, breathing")
    await ada.tap("Ask me once tomorrow")
    clock.push(timedelta(hours=24))
    await ada.waits_for(READY)
    await ada.send("yes, fine")

    assert "Are you safe?" in ada.screen.text
    await ada.tap("Yes")
    assert "Thank you for telling me." in ada.screen.text


async def test_while_a_check_in_waits_a_question_is_a_question_and_a_warning_sign_a_warning_sign(
    ada: SimulatedPerson, clock: TravelClock
) -> None:
    await begun(ada)
    await check_in(ada, clock)

    await ada.send("how can I get better sleep")
    assert "sleep" in ada.screen.text.lower()
    assert "any of these?" not in ada.screen.text
    await ada.send("will it get better?")
    assert "any of these?" not in ada.screen.text
    await ada.send("worse and my chest hurts")
    assert "This can be an emergency" in ada.screen.text


async def test_nobody_can_answer_for_somebody_else(
    ada: SimulatedPerson, clock: TravelClock, simulator: Simulator
) -> None:
    bob = simulator.person("Bob")
    await begun(ada)
    await check_in(ada, clock)
    await ada.tap("One of these ›")
    theirs = ada.screen.button("Chest, breathing").data
    await ada.tap("‹ Back")
    assert theirs is not None
    await bob.send("/start")
    await bob.tap_data(theirs, bob.screen.message_id)
    assert "get help now" in bob.screen.text, "a sign is a sign, whoever taps it"
    assert "stopped the check-ins" not in bob.screen.text, "and nothing of hers was touched"

    await say(ada, "better")

    assert headline("better") in ada.screen.text


async def test_who_blocked_the_bot_and_lets_it_in_again_is_written_to_again(
    ada: SimulatedPerson, clock: TravelClock
) -> None:
    await begun(ada)
    await ada.block()
    clock.push(timedelta(hours=72))
    clock.push(timedelta(days=2))
    await ada.unblock()
    clock.push(timedelta(days=2))

    await ada.waits_for(READY)
