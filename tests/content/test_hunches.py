"""What redflags.yaml says of a sign decides whether a hunch asks about it."""

from dataclasses import replace

from tests.content.finder import CONTENT, ask, pack
from tgbot.finder.finding import Finding, Unknown, Urgent, find
from tgbot.packs import finder_index


def ask_if(sign: str, text: str, *, asked: bool) -> Finding:
    """What is found when redflags.yaml lets a hunch ask about this sign, or not."""
    flags = {**pack().red_flags, sign: replace(pack().red_flags[sign], asked=asked)}
    return find(finder_index.load(CONTENT, replace(pack(), red_flags=flags)), text)


def test_a_hunch_asks_about_a_sign_unless_the_pack_forbids_it() -> None:
    feeling, film = "my face feels funny after the tablet", "that overdose documentary was sad"

    assert "allergy" in getattr(ask(feeling), "signs", ())
    assert "allergy" not in getattr(ask_if("allergy", feeling, asked=False), "signs", ())
    assert isinstance(ask(film), Unknown)
    assert "overdose" in getattr(ask_if("overdose", film, asked=True), "signs", ())
    assert not isinstance(ask_if("overdose", film, asked=True), Urgent)
