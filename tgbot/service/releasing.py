"""The operator's decision about what a restored backup holds back."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from tgbot.errors import BackcheckError
from tgbot.followup.episode import FollowUpState
from tgbot.service.episodes import Episodes
from tgbot.service.follow_up import plan_on
from tgbot.service.store_port import Store, Transaction


class UndecidedError(BackcheckError):
    """Something is held, and the operator has not said what is to become of it."""

    def __init__(self, due: int, to_come: int) -> None:
        super().__init__(
            f"Held follow-ups: {due + to_come}. Of these fell due since: {due}. Still to come: {to_come}. "
            "None is sent before you decide.",
            "`backcheck release --send` sends those that fell due, at most seven days late and saying so. "
            "Some people may get one twice.",
            "`backcheck release --cancel` gives those up; each plan goes on with its next step.",
            "Those still to come are sent at their time either way.",
        )


@dataclass(frozen=True, slots=True)
class Released:
    """How many will be sent, at once or at their time; and how many were given up."""

    to_send: int
    given_up: int


async def release(store: Store, episodes: Episodes, now: datetime, *, send: bool) -> Released:
    """Let go what is held, one person after the other: interrupted, it goes on with the rest.

    Unless `send`, what is due by now counts as lost: the plan goes on with its next step. What is not due
    yet is sent at its time either way: nobody can have had it.
    """

    total = Released(0, 0)
    for person_id in await store.operate(lambda tx: tx.queue.holding()):
        done = await store.transact(person_id, partial(_let_go, person_id, episodes, now, send))
        total = Released(total.to_send + done.to_send, total.given_up + done.given_up)
    return total


async def _let_go(person_id: int, episodes: Episodes, now: datetime, send: bool, tx: Transaction) -> Released:
    released = await tx.queue.release(person_id)
    let_go = [each for each in released if each.state is FollowUpState.PLANNED]
    if send:
        return Released(len(let_go), 0)
    lost = [replace(each, state=FollowUpState.EXPIRED) for each in let_go if each.send_at <= now]
    for each in lost:
        await tx.people.save_follow_up(each)
    for each in lost:  # when all are lost, so that none counts as still to come
        await plan_on(episodes, tx, each, now)
    return Released(len(let_go) - len(lost), len(lost))
