"""`make mutate`: which faults it plants, and that it says so when its rooms have moved."""

import pytest

from tools.faults import faults_in
from tools.mutate import HARMLESS, ROOMS, TREE, Room, harmless

CODE = """\
def due(now, at, held=False):
    log.info("asked", at=at)
    if now >= at and not held:
        return plan(now, at=at + 1)
    return None
"""
SQL = """\
-- settle --
-- Comments, <= and AND in them, are left alone.
UPDATE follow_up SET state = :state, owner = NULL
WHERE id = :id AND state = 'planned and more' AND (fence <= :fence OR held = 0)
RETURNING id

-- listed --
SELECT * FROM entry WHERE person_id = :id ORDER BY at, id LIMIT :limit
"""


def changes(path: str, text: str) -> set[str]:
    return {fault.change.partition("  [")[2].rstrip("]") for fault in faults_in(path, text)}


def test_of_code_each_operator_constant_argument_and_statement_may_be_wrong() -> None:
    assert changes("x.py", CODE) == {
        "False → True",
        ">= → >",
        "now >= at and not held → (now >= at or not held)",
        "not held → ((held))",
        "plan(now, at=at + 1) → None",
        "plan(now, at=at + 1) → plan(now)",
        "+ → -",
        "1 → 2",
        "1 → 0",
    }


def test_of_sql_each_condition_order_and_limit_may_be_wrong() -> None:
    assert changes("x.sql", SQL) == {
        ", owner = NULL → nothing",
        "id = :id → 1 = 1",
        "person_id = :id → 1 = 1",
        "AND state = 'planned and more' → nothing",
        "AND (fence <= :fence OR held = 0) → nothing",
        "<= → <",
        "OR → AND",
        "= 0 → = 1",
        "nothing → DESC",
        "LIMIT :limit → nothing",
    }


def test_sql_inside_code_is_looked_at_too() -> None:
    assert "AND paused = 1 → nothing" in changes(
        "x.py", 'Q = "SELECT id FROM person WHERE id = 1 AND paused = 1"\n'
    )


def test_a_fault_that_python_cannot_read_or_does_not_notice_is_none() -> None:
    planted = [fault for fault in faults_in("x.py", CODE) if fault.matters(CODE)]

    assert len(planted) == 9
    assert len({fault.plant(CODE) for fault in planted}) == 9


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_file_and_every_test_of_a_room_is_there(room: Room) -> None:
    named = f"{room.files} {room.quick} {room.slow}".split()
    paths = [name for name in named if name.startswith(("tgbot/", "tests/"))]

    assert paths
    assert [path for path in paths if not list(TREE.glob(path))] == []


def test_what_is_called_harmless_can_still_be_planted_and_has_its_reason() -> None:
    """A line of the list whose fault is gone would hide the next one."""
    listed = harmless()
    lines = HARMLESS.read_text("utf-8").splitlines() if HARMLESS.exists() else []
    paths = {name.partition("  ")[0] for name in listed}
    there = {fault.name for path in paths for fault in faults_in(path, (TREE / path).read_text("utf-8"))}

    assert len(listed) == sum(1 for line in lines if line and not line.startswith("#"))
    assert [name for name in listed if name not in there] == []
    assert all(listed.values())
