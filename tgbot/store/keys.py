"""Which key a database is sealed with, and how everything is sealed with another."""

from functools import partial

from tgbot.service.store_port import SharedTransaction, Store, Transaction
from tgbot.store.sealing import PLAIN, Seal, seal_of
from tgbot.store.sql import SqlOperations, SqlPeople

_PROOF = "backcheck"  # what every database with a key holds sealed


async def must_fit(store: Store, seal: Seal, *, write: bool) -> None:
    """A wrong or a missing key is said at the start, not by the first tap. Raises DatabaseError."""
    proof = await store.operate(lambda tx: _operations(tx).proof())
    if proof is not None:
        seal.open(proof)
    elif write and seal is not PLAIN:
        await store.operate(lambda tx: _operations(tx).save_proof(seal.close(_PROOF)))


async def rotate(store: Store) -> int:
    """Seal everything with the first of the keys; how many people that were. Nobody else may write to it."""
    people = await store.operate(lambda tx: _operations(tx).everybody())
    for person_id in people:
        await store.transact(person_id, partial(_reseal, person_id))
    return len(people)


async def prove(store: Store, keys: str) -> None:
    """Remember that the first of the keys is the database's: what is older may leave the key file."""
    await store.operate(lambda tx: _operations(tx).save_proof(seal_of(keys).close(_PROOF)))


async def _reseal(person_id: int, tx: Transaction) -> None:
    assert isinstance(tx.people, SqlPeople)
    await tx.people.reseal(person_id)


def _operations(tx: SharedTransaction) -> SqlOperations:
    """What only a database has: a key."""
    assert isinstance(tx.operations, SqlOperations)
    return tx.operations
