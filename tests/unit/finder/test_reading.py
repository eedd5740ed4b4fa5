"""A message is read the same whole and in parts, and numbers as they are written."""

import pytest

from tests.content.finder import index


def test_one_part_that_is_the_whole_message_has_the_features_of_the_whole() -> None:
    reader = index().reader
    reading = reader.read("Hi, my upper back hurts for 3 days when I breathe. Is it my heart or a muscle?")
    whole = reader.features(reading)
    table = reader.features_of_parts(reading, [(0, len(reading.words))], [])

    assert set(table.checksums.tolist()) == set(whole.checksums.tolist())
    assert table.words == whole.words
    assert table.held.all()


@pytest.mark.parametrize(("text", "value"), [("temperature 38.05", 38.05), ("temp of 37,9 C", 37.9)])
def test_a_decimal_is_what_is_written(text: str, value: float) -> None:
    temperatures = [q for q in index().read(text).quantities if q.kind == "temperature"]

    assert [quantity.value for quantity in temperatures] == [value]


def test_letters_that_changed_places_and_one_that_is_missing_are_likelier_slips_than_a_wrong_one() -> None:
    assert index().reader.words("chst pian") == ("chest", "pain")
