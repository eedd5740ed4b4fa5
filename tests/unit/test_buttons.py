from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgbot.screens.buttons import (
    KINDS,
    LONGEST_DATA,
    Button,
    ShowAnswer,
    ShowMenu,
    UnknownButton,
    button,
    pack,
    unpack,
)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
def test_every_button_comes_back_as_it_went(kind: type) -> None:
    legal = {
        "page": "7",
        "where": "x+id000001",
        "whose": "+id000001",
        "iso": "GB",
        "signs": "E1.E3",
        "background": "-cb",
        "number": "7",
    }
    made = kind(*(legal.get(field.name, f"v{number}") for number, field in enumerate(fields(kind))))

    assert unpack(pack(made)) == made


@given(st.text(max_size=80))
def test_forged_data_is_a_value_and_never_an_exception(data: str) -> None:
    read = unpack(data)

    assert isinstance(read, UnknownButton) or pack(read) == data or len(data.encode()) > LONGEST_DATA


def test_no_two_buttons_share_a_prefix() -> None:
    with pytest.raises(ValueError, match="ShowMenu has the prefix 'm' already"):

        @button("m")
        class Another(Button):
            """Never made."""


def test_a_button_over_64_bytes_is_refused_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        pack(ShowAnswer("ä" * 40))


def test_a_separator_inside_a_field_is_refused() -> None:
    with pytest.raises(ValueError, match="holds a"):
        pack(ShowAnswer("a:b"))


def test_a_button_with_too_many_fields_is_none_of_ours() -> None:
    assert unpack(pack(ShowMenu()) + ":x") == UnknownButton("m:x")


@pytest.mark.parametrize(
    "data",
    [
        "eo::" + 60 * "w",
        "eo:exact:" + 55 * "w",
        "eb:t8abcd::::" + 50 * "w",
        "z::0:" + 55 * "w",
        "z::" + 58 * "9" + ":s",
    ],
)
def test_a_field_that_is_carried_on_holds_what_a_button_of_ours_can_hold(data: str) -> None:
    assert unpack(data) == UnknownButton(data)
