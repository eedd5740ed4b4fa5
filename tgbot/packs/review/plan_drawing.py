"""The follow-up plan as a drawing: steps from top to bottom, an arrow for each answer.

The words stand beside it in the book, so whoever cannot see it misses nothing.
"""

from dataclasses import dataclass
from datetime import timedelta

from tgbot.followup.protocol import CLOSE, CountedFrom, Felt, Protocol, Step

WIDTH, STEP_WIDTH, STEP_HEIGHT, GAP = 760, 250, 50, 30  # of the drawing, in its own units
LEFT = (WIDTH - STEP_WIDTH) // 2


@dataclass(frozen=True, slots=True)
class Box:
    """A step, or the end."""

    id: str
    title: str
    y: int


@dataclass(frozen=True, slots=True)
class Arrow:
    """Where one or more answers lead. Those that go on bend to the right, those that go back to the left."""

    path: str
    label: str
    x: int
    y: int
    back: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    left: int
    step_width: int
    step_height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(protocol: Protocol) -> Drawing:
    """The drawing of every step and branch; an answer that ends the episode has no arrow."""
    boxes = {
        step.id: Box(step.id, f"{step.id}: {when(step)}", 10 + place * (STEP_HEIGHT + GAP))
        for place, step in enumerate(protocol.steps.values())
    }
    arrows: list[Arrow] = []
    for step in protocol.steps.values():
        start, leaving = boxes[step.id], {False: 0, True: 0}
        for target, label in _targets(step):
            end = boxes[target]
            back = end.y <= start.y
            arrows.append(_arrow(start, end, label, leaving[back], back))
            leaving[back] += 1
    height = max(box.y for box in boxes.values()) + STEP_HEIGHT + 10
    return Drawing(WIDTH, height, LEFT, STEP_WIDTH, STEP_HEIGHT, tuple(boxes.values()), tuple(arrows))


def when(step: Step) -> str:
    """The time of a step in words."""
    hours = step.after // timedelta(hours=1)
    time = f"{hours} hours" if hours <= 72 else f"{hours // 24} days"
    if step.counted_from is CountedFrom.ANSWER:
        return f"{time} after the answer" if hours else "when the person asks"
    return f"{time} after it began"


def _targets(step: Step) -> list[tuple[str, str]]:
    """Each next step with the answers that lead there; ends are left out."""
    found: dict[str, list[str]] = {}
    for felt in Felt:
        branch = step.branches.get(felt)
        if branch and branch.next != CLOSE:
            found.setdefault(branch.next, []).append(felt.value)
    return [(target, ", ".join(changes)) for target, changes in found.items()]


def _arrow(start: Box, end: Box, label: str, place: int, back: bool) -> Arrow:
    """A bend beside the boxes, further out for a longer way; `place` counts those that leave one side."""
    side = LEFT if back else LEFT + STEP_WIDTH
    out = 80 + abs(end.y - start.y) // 5 if back else 40 + abs(end.y - start.y) // 3
    x = side - out if back else side + out
    y1 = start.y + 26 + 18 * place
    y2 = end.y + 7  # above the labels of what leaves there
    path = f"M{side},{y1} C{x},{y1} {x},{y1} {x},{(y1 + y2) // 2} C{x},{y2} {x},{y2} {side},{y2}"
    return Arrow(path, label, side - 6 if back else side + 6, y1 - 4, back)
