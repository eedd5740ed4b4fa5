"""The worker: one order on standard input, the picture on standard output, and gone.

It gives way to the bot: on a machine with one core a chart may take longer, a tap may not.
"""

import json
import os
import sys

if hasattr(os, "nice"):
    os.nice(10)

from pydantic import TypeAdapter

from tgbot.pictures.card import write
from tgbot.pictures.chart import draw
from tgbot.render.pictures import CardData, ChartData

order = json.load(sys.stdin)
if order["kind"] == "chart":
    picture = draw(TypeAdapter(ChartData).validate_python(order["data"]))
else:
    picture = write(TypeAdapter(CardData).validate_python(order["data"]))
sys.stdout.buffer.write(picture)
