"""Three whole journeys in a real browser, the clock pushed from one check-in to the next."""

from tests.browser.phone import Phone
from tests.browser.test_the_whole_job import phone, to_the_check_in

__all__ = ["phone"]


async def next_check_in(phone: Phone) -> None:
    await phone.push_clock("check-in")
    await phone.sees("Your check-in is ready")
    await phone.tap("Open")


async def still(phone: Phone, change: str, advice: str) -> None:
    """No warning sign, and how it is."""
    await phone.sees("Since we last spoke, any of these?")
    await phone.tap("None of these")
    await phone.tap(change)
    if change in ("Better", "About the same"):
        await phone.tap("Some things")
    await phone.sees(advice)


async def test_somebody_gets_better_and_is_let_go(phone: Phone) -> None:
    await to_the_check_in(phone)
    await still(phone, "Better", "Keep going, and keep moving")
    await phone.sees("I will ask again on")
    await next_check_in(phone)
    await still(phone, "Gone", "Good to hear")
    await phone.sees("I will not write again about this episode")

    await phone.send("/history")

    await phone.sees("closed, pain gone")


async def test_somebody_whose_pain_persists_is_sent_to_a_clinician_again_and_again_for_eight_weeks(
    phone: Phone,
) -> None:
    await to_the_check_in(phone)
    await still(phone, "About the same", "look at it this week")
    for advice in (
        "book a visit this week",
        "appointment this week",
        "See a doctor about it now",
        "See a doctor about it now",
        "Eight weeks is too long to wait",
    ):
        await phone.sees("I will ask again on")
        await next_check_in(phone)
        await still(phone, "About the same", advice)

    await phone.sees("This was my last message about this episode")
    await phone.send("/episode")
    await phone.sees("When did it start?")


async def test_an_emergency_at_72_hours_ends_the_follow_up_until_the_person_acts(phone: Phone) -> None:
    await to_the_check_in(phone)
    await phone.tap("One of these ›")
    await phone.tap("Weak legs")
    await phone.sees("This can be an emergency")
    await phone.sees("I have stopped the check-ins")

    await phone.tap("Ask me once tomorrow")
    await phone.sees("I will ask again on")
    await phone.push_clock("check-in")
    await phone.sees("Your check-in is ready")
    await phone.tap("Open")
    await phone.sees("Are you safe?")
    await phone.tap("Yes")

    await phone.sees("Thank you for telling me")
