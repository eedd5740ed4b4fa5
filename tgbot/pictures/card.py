"""The clinician's card as a PDF of exactly one A4 page. Text is shaped, so Arabic and Hebrew join and run."""

import re
from io import BytesIO
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, TextDirection

from tgbot.pictures.chart import BOLD, REGULAR, draw, letters
from tgbot.screens.pictures import CardData

MARGIN, WIDTH, BOTTOM = 16.0, 178.0, 279.0  # millimetres of an A4 page
LINE, WHEN, SMALL = 4.9, 40.0, 8.6
_GAP = "\0"  # stands in nobody's words
_GAPS = re.compile("\0(?:[\\s\0\u200d\ufe0f]*\0)?[\u200d\ufe0f]*")  # with what joins or separates them
Rows = tuple[tuple[str, str], ...]
INK, SOFT, RULE = (28, 39, 51), (91, 107, 123), (210, 217, 224)
CHART = (178.0, 80.0)  # millimetres


class CardPage:
    """One page, written from top to bottom; what does not fit is left out and said so by the data."""

    def __init__(self, rtl: bool, own: Path | None) -> None:
        self.pdf = FPDF(format="A4")
        self._rtl = rtl
        self._align = Align.R if rtl else Align.L
        self._letters = letters(own)
        self.pdf.add_font("DejaVu", "", REGULAR)
        self.pdf.add_font("DejaVu", "B", BOLD)
        if own:
            self.pdf.add_font("Own", "", own)
            self.pdf.set_fallback_fonts(["Own"], exact_match=False)  # it has one weight
        self.pdf.set_auto_page_break(False)
        self.pdf.set_margin(MARGIN)
        self.pdf.add_page()
        self.pdf.set_text_shaping(True, direction=TextDirection.RTL if rtl else TextDirection.LTR)

    def text(
        self, words: str, size: float, *, bold: bool = False, soft: bool = False, gap: float = 0
    ) -> None:
        self._style(size, bold, soft)
        self.pdf.set_x(MARGIN)
        self.pdf.multi_cell(WIDTH, size * 0.5, words, align=self._align, new_x="LMARGIN", new_y="NEXT")
        self.pdf.ln(gap)

    def row(self, first: str, rest: str, *, bold: bool = False) -> None:
        """A label or an hour, and words beside it: to its right, or to its left."""
        top = self.pdf.get_y()
        near, far = (MARGIN + WIDTH - WHEN, MARGIN) if self._rtl else (MARGIN, MARGIN + WHEN)
        self._style(SMALL, bold, not bold)
        self.pdf.set_xy(near, top)
        self.pdf.multi_cell(WHEN, LINE, first, align=self._align, new_x="LMARGIN", new_y="NEXT")
        below = self.pdf.get_y()
        self._style(SMALL, False, False)
        self.pdf.set_xy(far, top)
        self.pdf.multi_cell(WIDTH - WHEN, LINE, rest, align=self._align, new_x="LMARGIN", new_y="NEXT")
        self.pdf.set_y(max(below, self.pdf.get_y()))

    def height(self, row: tuple[str, str]) -> float:
        """How much of the page a row takes."""
        self._style(SMALL, False, False)
        lines = 1
        for words, width in zip(row, (WHEN, WIDTH - WHEN), strict=True):
            wrapped = self.pdf.multi_cell(width, LINE, words, dry_run=True, output=MethodReturnValue.LINES)
            assert isinstance(wrapped, list)
            lines = max(lines, len(wrapped))
        return lines * LINE

    def newest(self, rows: Rows, cut: str, room: float) -> Rows:
        """As many of the newest rows as fit into `room` millimetres, headed by how many that is."""
        fitting: list[tuple[str, str]] = []
        room -= LINE
        for row in reversed(rows):
            room -= self.height(row)
            if room < 0:
                return (("", cut.format(count=len(fitting), all=len(rows))), *reversed(fitting))
            fitting.append(row)
        return rows

    def printable(self, words: str, instead: str) -> str:
        """The words, with `instead` in the place of what no font here has."""
        marked = "".join(letter if ord(letter) in self._letters else _GAP for letter in words)
        return _GAPS.sub(instead, marked)

    def rule(self) -> None:
        self.pdf.set_draw_color(*RULE)
        self.pdf.line(MARGIN, self.pdf.get_y() + 1, MARGIN + WIDTH, self.pdf.get_y() + 1)
        self.pdf.ln(3.5)

    def picture(self, png: bytes) -> None:
        self.pdf.image(BytesIO(png), x=MARGIN, w=CHART[0], h=CHART[1])
        self.pdf.ln(2)

    @property
    def room(self) -> float:
        """Millimetres left above the last line of the page."""
        return BOTTOM - self.pdf.get_y()

    def foot(self, words: str) -> None:
        self.pdf.set_y(BOTTOM + 2)
        self.text(words, 8, soft=True)

    def _style(self, size: float, bold: bool, soft: bool) -> None:
        self.pdf.set_font("DejaVu", "B" if bold else "", size)
        self.pdf.set_text_color(*(SOFT if soft else INK))


def write(data: CardData, own: Path | None = None) -> bytes:
    """The card as a PDF, with the letters of the operator's `own` font too."""
    page = CardPage(data.rtl, own)
    page.text(data.title, 15, bold=True, gap=1)
    page.text(data.recorded, 8.5, soft=True, gap=1)
    page.rule()
    for label, value in data.facts:
        page.row(label, value, bold=True)
    page.pdf.ln(2)
    if data.chart is not None:
        page.picture(draw(data.chart, (CHART[0] / 25.4, CHART[1] / 25.4), own))
    for place, (title, rows) in enumerate(data.sections, start=1):
        page.text(title, 10.5, bold=True, gap=0.8)
        rows = tuple((when, page.printable(what, data.unprintable)) for when, what in rows)
        share = page.room / 3 if place < len(data.sections) else page.room
        for when, what in page.newest(rows, data.cut, share):
            page.row(when, what)
        page.pdf.ln(2.5)
    page.foot(data.recorded)
    return bytes(page.pdf.output())
