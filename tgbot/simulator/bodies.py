"""What the control API takes: each body's fields, checked before anything moves."""

import json
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    with_config,
)
from starlette.requests import Request

from tgbot.simulator.faults import Fault
from tgbot.simulator.limits import Rates

LONGEST_PUSH = timedelta(days=3_660).total_seconds()
MAX_BODY = 80 * 1024 * 1024  # bytes: a file of 50 MB in base64

Checked = TypeVar("Checked")
Wait = Annotated[float | None, Field(ge=0, le=600)]  # seconds until the bot must have confirmed the update


class UnreadableError(Exception):
    """The body or a parameter cannot be read; the words say which and why. The control API answers 400."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Arrival(_Body):
    """Somebody new, or somebody of that name."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    language_code: str = "en"
    username: str | None = None


class Action(_Body):
    """What any action may say: in which chat, and how long to wait for the bot."""

    chat_id: int | None = None
    wait: Wait = None


class Posted(Action):
    """A message; what else it holds depends on `kind` (posts.py)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str = "text"
    text: str | None = None
    caption: str | None = None
    content: str | None = None
    name: str | None = None
    mime_type: str | None = None
    reply_to: int | None = None

    def given(self) -> dict[str, Any]:
        """Only what was said, as posts.py reads it."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class Edited(Action):
    message_id: int
    text: str


class Tapped(Action):
    message_id: int
    data: str


class RequestBody(Action):
    """An inline query."""

    query: str
    offset: str = ""


class Chosen(Action):
    """One of an inline query's results."""

    query_id: str
    result_id: str


class Founded(Action):
    """A group."""

    title: Annotated[str, Field(min_length=1, max_length=128)]
    members: list[int] = []
    supergroup: bool = False


class InGroup(Action):
    """What happens in a group that must be named."""

    chat_id: int


class BotStatus(InGroup):
    status: Literal["member", "administrator", "left", "kicked"]


class Push(_Body):
    """How far the clock moves."""

    push_seconds: Annotated[float, Field(ge=-LONGEST_PUSH, le=LONGEST_PUSH, allow_inf_nan=False)] = 0
    to_next_due: bool = False


class NextDueAt(_Body):
    at: Annotated[AwareDatetime | None, BeforeValidator(lambda at: at or None)]


class BodyLimits(_Body):
    """Telegram's own flood limits, or numbers of one's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    telegram: bool = False
    per_chat: Annotated[int | None, Field(ge=1)] = None
    overall: Annotated[int | None, Field(ge=1)] = None
    per_group_minute: Annotated[int | None, Field(ge=1)] = None
    paid: Annotated[int, Field(ge=1)] = 1000

    def rates(self) -> Rates:
        return Rates(self.per_chat, self.overall, self.per_group_minute, self.paid)


class ViewWanted(_Body):
    """The query of a view: wait `wait` seconds for anything newer than `after`."""

    chat_id: int | None = None
    after: int | None = None
    wait: Annotated[float, Field(ge=0, le=600)] = 5


class FaultNumber(_Body):
    number: int | None = None


class MessagesWanted(_Body):
    chat_id: str | None = None
    from_bot: bool | None = None


FAULT: TypeAdapter[Fault] = TypeAdapter(with_config(ConfigDict(extra="forbid"))(Fault))


async def read_body(request: Request, kind: type[Checked] | TypeAdapter[Checked]) -> Checked:
    """The JSON body as `kind`; no body counts as `{}`. Raises UnreadableError."""
    body = await request.body() or b"{}"
    try:
        given = json.loads(body)
        if rb"\u" in body:  # half of a surrogate pair is JSON, and no UTF-8 that a bot could be told
            json.dumps(given, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"the body is no JSON: {error}") from error
    return _checked(given, kind)


def read_query(request: Request, kind: type[Checked]) -> Checked:
    """The query's parameters as `kind`. Raises UnreadableError."""
    return _checked(dict(request.query_params), kind)


def _checked(given: object, kind: type[Checked] | TypeAdapter[Checked]) -> Checked:
    adapter = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
    try:
        return adapter.validate_python(given)
    except ValidationError as error:
        raise UnreadableError("; ".join(map(_sentence, error.errors()))) from error


def _sentence(problem: Any) -> str:
    where = ".".join(map(str, problem["loc"]))
    return f"{where}: {problem['msg']}" if where else str(problem["msg"])
