"""What makes a restored database safe: the erased stay erased, the stopped stay stopped, nothing is sent
before the operator decides. The same for every engine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tgbot.store.moving import Side, Values
from tgbot.store.sealing import mark_of


@dataclass(frozen=True, slots=True)
class Since:
    """What people did in the database that is replaced, which its backup may not know."""

    erasures: Sequence[Values] = field(default_factory=list)
    withdrawn: Sequence[Values] = field(default_factory=list)
    closed: Sequence[Values] = field(default_factory=list)
    people: Sequence[Values] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class MadeSafe:
    """How many were erased again and ended again, and how many follow-ups are held for the operator."""

    erased_again: int
    ended: int
    held: int


_PEOPLE = "SELECT id, consent_at FROM person"


def done_in(side: Side) -> Since:
    """What people did in a database."""
    return Since(
        erasures=[
            (bytes(person_hash), at) for person_hash, at in side.run("SELECT person_hash, at FROM erasure")
        ],
        withdrawn=side.run("SELECT consent_at, id FROM person WHERE consent_version = ''"),
        closed=side.run("SELECT outcome, closed_at, closed_because, id FROM episode WHERE state = 'closed'"),
        people=side.run(_PEOPLE),
    )


def make_safe(side: Side, since: Since) -> MadeSafe:
    """Repeat what people did since the backup; hold what is planned: nobody knows what was sent since."""
    erased = _erase_again(side, since)
    ended = _end_again(side, since)
    side.run("DELETE FROM owed_reply")  # nobody knows which replies were sent since
    held = side.run(
        "UPDATE follow_up SET held = 1, ready_at = NULL, owner = NULL, leased_until = NULL"
        " WHERE state = 'planned' RETURNING id"
    )
    return MadeSafe(erased, ended, len(held))


def _erase_again(side: Side, since: Since) -> int:
    """A mark is slow to make, so none is made for those who are still there as the backup knows them."""
    ((salt,),) = side.run("SELECT value FROM meta WHERE key = 'salt'")
    known = {(bytes(person_hash), at) for person_hash, at in side.run("SELECT person_hash, at FROM erasure")}
    missing = [erasure for erasure in since.erasures if tuple(erasure) not in known]
    side.write("erasure", ("person_hash", "at"), missing)
    latest: dict[Any, int] = dict(sorted((tuple(each) for each in since.erasures), key=lambda each: each[1]))
    people = {tuple(each) for each in side.run(_PEOPLE)} - {tuple(each) for each in since.people}
    gone = [person for person, agreed in people if latest and agreed <= latest.get(mark_of(salt, person), -1)]
    for person in gone:
        side.run("DELETE FROM person WHERE id = :id", id=person)
    return len(gone)


def _end_again(side: Side, since: Since) -> int:
    """Consent that was taken back and episodes that were closed; their contacts are cancelled with them."""
    ended = 0
    for at, person in since.withdrawn:
        ended += len(
            side.run(
                "UPDATE person SET consent_version = '', consent_at = :at"
                " WHERE id = :id AND consent_version <> '' RETURNING id",
                at=at,
                id=person,
            )
        )
    for outcome, closed_at, because, episode in since.closed:
        closed = side.run(
            "UPDATE episode SET state = 'closed', version = version + 1, outcome = :outcome,"
            " closed_at = :closed_at, closed_because = :because"
            " WHERE id = :id AND state = 'open' RETURNING id",
            outcome=outcome,
            closed_at=closed_at,
            because=because,
            id=episode,
        )
        if closed:
            side.run(
                "UPDATE follow_up SET state = 'cancelled', ready_at = NULL, owner = NULL, leased_until = NULL"
                " WHERE episode_id = :id AND state = 'planned'",
                id=episode,
            )
        ended += len(closed)
    return ended
