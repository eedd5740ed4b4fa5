"""What is stored outlives the plan it was stored under: ids that the pack no longer has break nothing."""

from dataclasses import replace

from tests.fakes.courses import Told
from tests.fakes.phone import FRAME
from tgbot.domain.content import Tier
from tgbot.domain.course import OneMoreWanted, Started
from tgbot.domain.deciding import decide
from tgbot.domain.protocol import Change
from tgbot.render.check_screens import CheckScreens
from tgbot.render.course_lines import course_lines
from tgbot.render.frame import Frame

FIRST = next(sign.id for sign in FRAME.protocol.signs.values() if sign.tier is Tier.EMERGENCY)
WITHOUT = {name: sign for name, sign in FRAME.protocol.signs.items() if name != FIRST}
LATER = Frame(FRAME.pack, replace(FRAME.protocol, signs=WITHOUT))


def test_a_sign_that_is_asked_no_more_still_stands_in_the_history_as_a_sign() -> None:
    told = Told()
    told.happens(Started(None, 6))
    told.delivered()
    told.answers(sign=FIRST)

    assert "a warning sign" in [line.what for line in course_lines(LATER, told.course)]


def test_the_card_for_a_sign_that_is_asked_no_more_is_an_emergency_all_the_same() -> None:
    second = next(sign.id for sign in WITHOUT.values() if sign.tier is Tier.EMERGENCY)
    screens = CheckScreens(LATER)

    assert screens.not_yet(FIRST, None) == screens.not_yet(second, None)


def test_one_more_check_in_comes_at_the_step_that_the_plan_names() -> None:
    told = Told()
    told.happens(Started(None, 6))
    told.delivered()
    told.answers(Change.GONE)
    plan = replace(FRAME.protocol, one_more="d28")
    (planned,) = decide(plan, told.course, OneMoreWanted(), told.now).effects

    assert getattr(planned, "step", "") == "d28"
