"""The book as a PDF, printed by a browser that is installed here.

The browser and not fpdf2: it prints the very page that is read on screen, with its tables and its
right-to-left text; a second layout would be a second book to look through.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tgbot.errors import BackcheckError

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "brave-browser",
    "chrome",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
LONGEST = 180  # seconds for a hundred pages, on a busy machine


class PrintError(BackcheckError):
    """The book could not be printed here; its HTML can be, by hand."""


def print_pdf(page: Path, pdf: Path, browsers: Sequence[str] = BROWSERS) -> None:
    """Print the HTML file `page` to `pdf` by the first of `browsers` that is here. Raises PrintError."""
    browser = next(filter(None, map(shutil.which, browsers)), None)
    if browser is None:
        said = "No Chromium, Chrome or Edge is installed here to make a PDF."
        raise PrintError(f"{said} Make the book as .html, open it in any browser and print it.")
    options = ("--headless", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={pdf.absolute()}")
    sandbox = ("--no-sandbox",) if _is_root() else ()
    command = [browser, *options, *sandbox, page.absolute().as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST, check=False)  # noqa: S603  ours
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PrintError(f"{browser} could not print the book ({error}).") from None
    if done.returncode or not pdf.exists():
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise PrintError(f"{browser} could not print the book: {last}")


def _is_root() -> bool:
    """Chromium refuses its sandbox to root, as in a container."""
    return hasattr(os, "getuid") and os.getuid() == 0
