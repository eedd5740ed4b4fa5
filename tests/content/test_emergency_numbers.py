"""Every number that is shown is an emergency number in the phone-number metadata, or it says why not."""

import phonenumbers
import pytest
from phonenumbers.shortnumberinfo import is_emergency_number

from tests.content.finder import pack

COUNTRIES = pack().countries
NUMBERS = [(iso, number) for iso, country in COUNTRIES.items() for number in country.numbers]
# What the metadata does not have, and why it is shown all the same: as a number to check.
DIFFERENT = {
    ("LK", "1990"): "the ambulance service (memory); the metadata has 110, which is a fire brigade's",
    ("PE", "106"): "the medical number (memory); the metadata has police, fire and one more",
    ("MA", "141"): "the medical number (memory); the metadata has 15 and others",
    ("MA", "150"): "stands in Android's list only",
    ("NG", "112"): "the newer number for all services (memory); the metadata has 199",
    ("GH", "112"): "the newer number for all services (memory); the metadata has 193",
}


def test_what_differs_from_the_metadata_is_listed_with_a_reason_and_nothing_else_is() -> None:
    different = {(iso, number) for iso, number in NUMBERS if not is_emergency_number(number, iso)}
    assert different == set(DIFFERENT), phonenumbers.__version__


@pytest.mark.parametrize(("iso", "number"), DIFFERENT)
def test_a_number_that_differs_is_shown_as_one_to_check(iso: str, number: str) -> None:
    assert COUNTRIES[iso].confidence == "C"
    assert COUNTRIES[iso].note


@pytest.mark.parametrize(("iso", "shown"), [
    ("MA", "141, 150 or 15"),
    ("LK", "1990"),
    ("ZA", "112 (mobile) or 10177"),
    ("GH", "112 or 193"),
    ("PE", "106"),
])  # fmt: skip
def test_the_numbers_that_sources_disagree_about_are_these_and_doubted(iso: str, shown: str) -> None:
    assert (COUNTRIES[iso].shown, COUNTRIES[iso].confidence) == (shown, "C")


@pytest.mark.parametrize("iso", COUNTRIES)
def test_every_number_that_is_shown_is_one_of_the_checked_numbers_in_their_order(iso: str) -> None:
    country = COUNTRIES[iso]
    places = [country.shown.find(number) for number in country.numbers]
    assert -1 not in places
    assert places == sorted(places)
