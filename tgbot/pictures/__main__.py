"""The worker: one order on standard input, the picture on standard output, and gone.

It gives way to the bot: on a machine with one core a chart may take longer, a tap may not.
"""

import json
import os
import sys
from pathlib import Path

if hasattr(os, "nice"):
    os.nice(10)

from pydantic import TypeAdapter

from tgbot.pictures.card import write
from tgbot.pictures.chart import draw
from tgbot.screens.pictures import CardData, ChartData

order = json.load(sys.stdin)
own = Path(order["font"]) if order["font"] else None
if order["kind"] == "chart":
    picture = draw(TypeAdapter(ChartData).validate_python(order["data"]), own=own)
else:
    picture = write(TypeAdapter(CardData).validate_python(order["data"]), own)
sys.stdout.buffer.write(picture)
