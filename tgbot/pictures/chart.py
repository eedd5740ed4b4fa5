"""The pain chart as a PNG, drawn for a phone: light background, large type, one idea.

Its letters are the card's too: DejaVu, which matplotlib brings, then the font of an operator.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patheffects import withStroke

from tgbot.errors import BackcheckError
from tgbot.screens.pictures import ChartData, ChartMark

_SHIPPED = Path(matplotlib.get_data_path()) / "fonts/ttf"
REGULAR, BOLD = _SHIPPED / "DejaVuSans.ttf", _SHIPPED / "DejaVuSans-Bold.ttf"


class FontError(BackcheckError):
    """The operator's font cannot be used."""

    def __init__(self, path: Path, error: Exception) -> None:
        super().__init__(f"BACKCHECK_FONT: {path} cannot be read as a font ({error}).")


def letters(own: Path | None = None) -> frozenset[int]:
    """The code points that can be shown in either weight. Raises FontError."""
    return (_letters(REGULAR) & _letters(BOLD)) | (_letters(own) if own else frozenset())


def families(own: Path | None) -> list[str]:
    """What matplotlib looks a letter up in, one after the other."""
    if own is None:
        return ["DejaVu Sans"]
    name = f"own {own}"  # by its own name another file of its family might be taken
    fontManager.ttflist += [FontEntry(fname=str(own), name=name, weight=weight) for weight in (400, 700)]
    return ["DejaVu Sans", name]


def _letters(path: Path) -> frozenset[int]:
    try:
        return frozenset(FT2Font(path).get_charmap())
    except (RuntimeError, OSError) as error:
        raise FontError(path, error) from error


INK, SOFT, GRID, PAIN, CHECK = "#1c2733", "#5b6b7b", "#dfe5ea", "#0b6aa2", "#b4541a"
PHONE = (6.4, 4.4)  # inches; at this density 1280 × 880 pixels
DPI = 200
DAY = 86_400.0
MOST_NAMED = 12  # scores; with more of them numbers would hide the line
NEAR = 0.03  # of the axis: about a dot and a half
ABOVE, BELOW, BESIDE = (0, 1), (0, -1), (1, 0)


def draw(data: ChartData, size: tuple[float, float] = PHONE, own: Path | None = None) -> bytes:
    """The chart as a PNG, `size` in inches, with the letters of the operator's `own` font too."""
    buffer = BytesIO()
    painted(data, size, own).savefig(buffer, format="png")
    return buffer.getvalue()


def painted(data: ChartData, size: tuple[float, float] = PHONE, own: Path | None = None) -> Figure:
    """The chart before it is a file."""
    layout = ConstrainedLayoutEngine(w_pad=0.14, h_pad=0.12)
    figure = Figure(figsize=size, dpi=DPI, facecolor="white", layout=layout)
    with matplotlib.rc_context({"font.family": families(own)}):
        paint(figure.add_subplot(), data)
    return figure


def paint(axes: Axes, data: ChartData) -> None:
    """The chart on some axes. A right-to-left language reads time from right to left too."""
    times = [mark.at for mark in data.pains]
    _frame(axes, data)
    axes.plot(times, [mark.value for mark in data.pains], color=PAIN, linewidth=2.4, zorder=3)
    _mark_scores(axes, data)
    axes.axvline(data.onset, color=SOFT, linewidth=1.2, linestyle=(0, (2, 3)), label=data.onset_label)
    for place, mark in enumerate(data.checks):
        axes.axvline(mark.at, color=CHECK, linewidth=1.2, linestyle=(0, (5, 3)), zorder=2,
                     label=data.check_label if place == 0 else None)  # fmt: skip
    _name_checks(axes, data)
    figure = axes.get_figure(root=True)
    assert figure is not None, "axes are made on a figure"
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=12, labelcolor=INK)


def _frame(axes: Axes, data: ChartData) -> None:
    start = min([data.onset, *(mark.at for mark in data.pains)])
    end = max([*(mark.at for mark in (*data.pains, *data.checks)), start + DAY / 6])
    room = (end - start) * 0.06
    axes.set_xlim(start - room, end + room)
    axes.set_ylim(-0.4, 11.6)
    axes.set_yticks(range(0, 11, 2))
    ticks = [tick for tick in data.ticks if start - room <= tick.at <= end + room]
    axes.set_xticks([tick.at for tick in ticks], [tick.text for tick in ticks])
    axes.set_xlabel(data.time_label, fontsize=12, color=SOFT, labelpad=6)
    axes.tick_params(length=0, labelsize=12, labelcolor=INK)
    axes.grid(axis="y", color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    axes.set_title(
        data.title, loc="right" if data.rtl else "left", fontsize=16, color=INK, pad=14, fontweight="bold"
    )
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(SOFT)
    if data.rtl:
        axes.invert_xaxis()
        axes.yaxis.tick_right()


def _mark_scores(axes: Axes, data: ChartData) -> None:
    """A dot for each score, and its number while they are few.

    Of scores noted close together the newest stands out, and no number covers another.
    """
    named = len(data.pains) <= MOST_NAMED
    width = abs(axes.get_xlim()[1] - axes.get_xlim()[0])
    groups = together(data.pains, width * NEAR if named else 0)
    newest, earlier = [group[-1] for group in groups], [mark for group in groups for mark in group[:-1]]
    for marks, size, label in ((newest, 52, data.pain_label), (earlier, 14, None)):
        axes.scatter(
            [mark.at for mark in marks],
            [mark.value for mark in marks],
            s=size,
            color=PAIN,
            zorder=4,
            label=label,
        )
    later = -1 if data.rtl else 1
    for group in groups if named else ():
        for mark, (right, up) in places(group):
            stands_out = mark is group[-1]
            axes.annotate(
                mark.text, (mark.at, mark.value), (right * later * 12, up * 13), textcoords="offset points",
                ha="center", va="center", fontsize=12 if stands_out else 10, color=PAIN, zorder=6,
                fontweight="bold" if stands_out else "normal",
                path_effects=[withStroke(linewidth=3.5, foreground="white")],
            )  # fmt: skip


def together(pains: Sequence[ChartMark], near: float) -> list[list[ChartMark]]:
    """The scores in order of time, in groups that are at most `near` seconds long."""
    groups: list[list[ChartMark]] = []
    for mark in sorted(pains, key=lambda mark: mark.at):
        if groups and mark.at - groups[-1][0].at < near:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return groups


def places(group: Sequence[ChartMark]) -> list[tuple[ChartMark, tuple[int, int]]]:
    """The scores of a group whose numbers are shown – highest, lowest, newest – and where: steps to the later
    side, and up."""
    newest_first = group[::-1]
    high, low = (choose(newest_first, key=lambda mark: mark.value) for choose in (max, min))
    found = [(high, ABOVE)]
    if low.value < high.value:
        found.append((low, BELOW if low.value else BESIDE))  # below 0 is the axis
    if group[-1] not in (high, low):
        found.append((group[-1], BESIDE))
    return found


def _name_checks(axes: Axes, data: ChartData) -> None:
    """Answers stand at the top of their lines, in two heights so that neighbours do not touch."""
    width = abs(axes.get_xlim()[1] - axes.get_xlim()[0])
    last_at, low = None, False
    for mark in data.checks:
        near = last_at is not None and mark.at - last_at < width * 0.2
        low = near and not low
        axes.text(
            mark.at, 10.75 if low else 11.35, mark.text, fontsize=11, color=CHECK, ha="center", va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5}, zorder=5,
        )  # fmt: skip
        last_at = mark.at
