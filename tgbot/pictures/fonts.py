"""The letters of the chart and the card: DejaVu, which matplotlib brings, then the font of an operator."""

from pathlib import Path

import matplotlib
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.ft2font import FT2Font

from tgbot.errors import BackcheckError

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
