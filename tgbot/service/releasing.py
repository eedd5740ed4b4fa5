"""The operator's decision about what a restored backup holds back."""

from dataclasses import dataclass, replace
from datetime import datetime

from tgbot.errors import BackcheckError
from tgbot.followup.episode import FollowUpState
from tgbot.service.episodes import Episodes
from tgbot.service.follow_up import plan_on
from tgbot.service.ports import Store, Transaction


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
    """Let go what is held.

    Unless `send`, what is due by now counts as lost: the plan goes on with its next step. What is not due
    yet is sent at its time either way: nobody can have had it.
    """

    async def work(tx: Transaction) -> Released:
        let_go = [one for one in await tx.release() if one.state is FollowUpState.PLANNED]
        if send:
            return Released(len(let_go), 0)
        lost = [replace(one, state=FollowUpState.EXPIRED) for one in let_go if one.send_at <= now]
        for one in lost:
            await tx.save_follow_up(one)
        for one in lost:  # when all are lost, so that none counts as still to come
            await plan_on(episodes, tx, one, now)
        return Released(len(let_go) - len(lost), len(lost))

    return await store.transact(work)
