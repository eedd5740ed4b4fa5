"""An independent judge of what our bot sends: aiogram's generated models of the Bot API, with nothing extra.

Our own simulator may misread the Bot API in the same way as the code it tests. aiogram reads it separately.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, ValidationError

from tgbot.simulator.api_schema import METHODS
from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.simulator_server import Simulator

with pytest.MonkeyPatch.context() as patch:
    # aiogram builds a validator for each of its 650 models at import, which takes eight seconds of a core.
    # Here each is built when it judges its first call, from the same names.
    patch.setattr(BaseModel, "model_rebuild", classmethod(lambda *_, **__: None))
    from aiogram import methods, types
    from aiogram.client.default import Default
    from aiogram.methods import TelegramMethod

MODELS: dict[str, type[TelegramMethod[Any]]] = {
    model.__api_method__: model
    for model in vars(methods).values()
    if isinstance(model, type) and issubclass(model, TelegramMethod) and hasattr(model, "__api_method__")
}
_NAMES = {name: getattr(types, name) for name in types.__all__} | {"Default": Default}
_PLAIN = {"String", "Integer", "Float", "Boolean", "InputFile"}


class UnlikeTheBotApiError(AssertionError):
    """aiogram would not have sent this call; the words say which field is wrong."""


@cache
def whole_aiogram() -> None:
    """Build every model, for aiogram's own bots: they read answers, which the judge never does."""
    for model in _NAMES.values():
        if hasattr(model, "model_rebuild"):
            model.model_rebuild(_types_namespace=_NAMES)


def judge(method: str, parameters: JsonObject, files: dict[str, str]) -> None:
    """Raises `UnlikeTheBotApiError` when the call is not one of the Bot API's."""
    model = MODELS[method]
    model.model_rebuild(_types_namespace=_NAMES)
    try:
        read = model.model_validate(
            _decoded(method, parameters) | {name: f"attach://{name}" for name in files}
        )
    except ValidationError as error:
        raise UnlikeTheBotApiError(f"{method}: {error}") from error
    extra = list(_extra(read, method))
    if extra:
        raise UnlikeTheBotApiError(f"unknown to the Bot API: {', '.join(extra)}")


def judge_every_call(simulator: Simulator) -> int:
    """Judge whatever was sent to this simulator and accepted; how many calls that were."""
    accepted = [call for call in simulator.tg.journal.calls if call.status == 200]
    for call in accepted:
        judge(call.method, call.parameters, call.files)
    return len(accepted)


async def judge_everything_at(url: str) -> int:
    """Judge whatever was sent to the simulator at this address and accepted; how many calls that were."""
    async with httpx.AsyncClient(base_url=url) as http:
        calls = (await http.get("/control/calls")).json()
    accepted = [call for call in calls if call["status"] == 200]
    for call in accepted:
        judge(call["method"], call["parameters"], call["files"])
    return len(accepted)


def _decoded(method: str, parameters: JsonObject) -> JsonObject:
    """Forms carry objects and lists as JSON in text."""
    table = METHODS[method]
    return {
        name: json.loads(value)
        if isinstance(value, str) and name in table and not _PLAIN & set(table[name].kinds)
        else value
        for name, value in parameters.items()
    }


def _extra(model: BaseModel, path: str) -> Iterator[str]:
    for name in model.model_extra or {}:
        yield f"{path}.{name}"
    for name in type(model).model_fields:
        yield from _extra_within(getattr(model, name), f"{path}.{name}")


def _extra_within(value: object, path: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from _extra(value, path)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _extra_within(item, f"{path}[{i}]")
