"""The review book: everything is in it, as it is, in one file that needs nothing else."""

import json
import re
import shutil
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from tests.content.finder import thinned
from tests.content.test_checks import PACK, plant
from tests.content.test_signatures import SIGNER, every
from tgbot.packs.book import PrintError, SinceError, book, changes, earlier, print_pdf
from tgbot.packs.book_entries import safety_file
from tgbot.packs.signatures import sign
from tgbot.packs.whole import load_whole
from tgbot.screens.markup import plain

TODAY = date(2026, 12, 2)


@pytest.fixture(scope="module")
def page() -> str:
    return book(PACK, "en", TODAY)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(PACK, tmp_path / "content")


def read_of(page: str) -> str:
    """What a reader reads, spaces aside."""
    body = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_every_item_is_in_the_book_once_with_the_digest_that_is_signed(page: str) -> None:
    found = re.findall(r'data-item="([^"]*)" data-digest="([^"]*)"', page)
    assert found == [(key, item.digest) for key, item in every(PACK).items()]


def test_every_sentence_that_the_bot_can_say_is_in_the_book(page: str) -> None:
    pack, read = load_whole(PACK).pack, read_of(page).replace(" ", "")

    def said(text: str) -> bool:
        return "".join(plain(text).split()) in read

    assert [key for key, text in pack.ui.items() if not said(text)] == []
    answers = [part for answer in pack.answers.values() for part in (answer.short, answer.body)]
    assert [text for text in answers if not said(text)] == []
    assert [sign.id for sign in pack.red_flags.values() if not said(sign.wording)] == []
    assert [country.iso for country in pack.countries.values() if not said(country.shown)] == []
    foreign = [words for language in pack.foreign.values() for words in (language.card, language.urgent)]
    assert [words for words in foreign if not said(words)] == []
    assert [
        source for answer in pack.answers.values() for source in answer.sources if source not in page
    ] == []


def test_purpose_open_questions_and_hazards_of_the_safety_file_are_in_the_book(page: str) -> None:
    safety, read = safety_file(PACK), read_of(page)
    for heading in ("Intended purpose", "What is evidence", "What a clinician must decide", "Hazard log"):
        section = read_of(safety.section(heading))
        assert section
        assert section[:200] in read
    assert "H1 " in read
    assert "tests/" not in safety.section("Hazard log")
    assert safety.claims["C01"].claimed


def test_the_book_loads_nothing_and_its_script_may_reach_nothing(page: str) -> None:
    assert "default-src 'none'" in page
    assert not re.search(r"<(?:img|link|iframe|object|embed)\b|\bsrc=|@import|url\((?!#)", page)


def test_what_a_pack_says_cannot_become_markup_of_the_book(tmp_path: Path) -> None:
    copy = thinned(PACK, tmp_path / "content")
    plant(copy, "en/topics.yaml", "title: ", "title: <img src=x onerror=alert(1)>")
    plant(copy, "en/redflags.yaml", "label: ", "label: </script><script>alert(1)</script>")
    written = book(copy, "en", TODAY)
    assert "<img" not in written
    assert "<script>alert" not in written


def test_signs_show_what_the_finder_does_with_real_messages(page: str) -> None:
    sign = page.partition('data-item="sign/E1"')[2].partition("</article>")[0]
    assert "Messages that show its card" in sign
    assert "warning card for E1" in sign
    assert "Ordinary messages with some of its words that do not raise it" in sign
    assert "heart_hurts" in sign


def test_the_book_of_changes_holds_only_what_changed_old_beside_new(copy: Path) -> None:
    sign(copy, SIGNER, list(every(copy).values()))
    plant(copy, "en/answers/q-sleep.yaml", "pillow", "feather pillow")
    now = every(copy)
    written = changes(copy, "en", TODAY, earlier(copy, "signatures.yaml", "en", now), "signatures.yaml")
    assert re.findall(r'data-item="([^"]*)"', written) == ["answer/q-sleep"]
    assert "<ins>" in written
    assert "feather pillow" in written
    assert "changed since it was signed" in written
    assert earlier(copy, str(copy / "signatures.yaml"), "en", now) == earlier(
        copy, "signatures.yaml", "en", now
    )
    assert set(earlier(copy, "2026-11-30", "en", now).values()) == {None}  # nothing was signed by then
    against = earlier(copy, str(PACK), "en", now)
    assert [key for key, item in now.items() if against[key] != item.parts and key == "answer/q-sleep"]
    with pytest.raises(SinceError):
        earlier(copy, "last tuesday", "en", now)


def test_without_a_browser_the_book_says_how_to_print_it(tmp_path: Path) -> None:
    with pytest.raises(PrintError, match="open it in any browser and print it"):
        print_pdf(tmp_path / "book.html", tmp_path / "book.pdf", ("no-such-browser",))


def test_the_book_says_about_itself_what_a_saved_review_names(page: str) -> None:
    about = json.loads(page.partition('id="about">')[2].partition("</script>")[0])
    assert about == {"pack": "Upper-back spasm", "locale": "en", "made": "2026-12-02"}
