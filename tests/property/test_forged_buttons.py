"""Any data that a button may bring, pressed by somebody with an episode: always a screen that can be sent."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.phone import FRAME, Phone, begun
from tgbot.chat.sending import message_of
from tgbot.screens.buttons import KINDS, SHAPES, UnknownButton, unpack
from tgbot.screens.zones import FIRST, OTHERS

WHOLE = settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
LONG_ID = "_-" * 8
REAL = st.sampled_from(
    [
        *("", "-", "+", "s", "e", "x", "n", "y", "exact", "today", "longer", "d3", "w2", "st8abcd", "t8abcd"),
        *("0", "3", "9999", "739578", "700000", "worse", "same", "off", "2100-0800", "GB", "heat"),
        *("id000001", "id000003", "+id000002", LONG_ID, f"+{LONG_ID}", f"x+{LONG_ID}"),
        *(FRAME.protocol.signs),
        *(sorted(FIRST + OTHERS, key=len)[-6:]),
        *("Factory", "localtime"),
    ]
)
ANY = st.one_of(
    REAL, REAL, st.text(max_size=60), st.integers(1, 60).map("w".__mul__), st.integers(1, 60).map("9".__mul__)
)


@st.composite
def forged(draw: st.DrawFn) -> str:
    """Data with a prefix of ours and the right number of fields; up to the 64 bytes that Telegram carries."""
    prefix = draw(st.sampled_from(sorted(KINDS)))
    values = []
    for name in KINDS[prefix].__match_args__:  # type: ignore[attr-defined]  # a dataclass has it
        shape = SHAPES.get(name)
        legal = st.from_regex(shape, fullmatch=True) if shape else ANY
        values.append(draw(st.one_of(REAL, ANY, legal)))
    return ":".join([prefix, *values]).encode()[:64].decode(errors="ignore")


def test_no_button_breaks_anything() -> None:
    loop = asyncio.new_event_loop()
    phone: Phone = loop.run_until_complete(begun())

    @WHOLE
    @given(data=forged())
    def pressed(data: str) -> None:
        button = unpack(data)
        if not isinstance(button, UnknownButton):
            loop.run_until_complete(phone.presses(button, max(phone.chat)))
            screen = phone.last_reply.screen
            assert screen is None or message_of(screen)

    pressed()
    loop.close()
