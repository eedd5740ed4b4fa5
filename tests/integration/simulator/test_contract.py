"""The table of the Bot API that the simulator reads calls by, walked from end to end."""

import json
from typing import Any

import pytest

from tests.integration.simulator.scene import Scene, scene
from tests.judge import MODELS, UnlikeTheBotApiError, judge
from tgbot.simulator import api_schema
from tgbot.simulator.api_schema import Parameter
from tgbot.simulator.methods import METHODS
from tgbot.simulator.refusals import Refusal

EVERY = sorted(api_schema.METHODS)
PARAMETERS = [(method, name) for method in EVERY for name in api_schema.METHODS[method]]


def sample(kind: str, depth: int = 0) -> Any:
    """Some value of that type, with every field it may have."""
    if kind.startswith("Array of "):
        return [sample(kind.removeprefix("Array of "), depth)]
    if kind.startswith("="):
        return kind[1:]
    match kind:
        case "String" | "InputFile":
            return "text"
        case "Integer":
            return 1
        case "Float":
            return 1.5
        case "Boolean" | "True":
            return True
    if kind in api_schema.UNIONS:
        return sample(api_schema.UNIONS[kind][0], depth)
    fields = api_schema.OBJECTS[kind].values()
    return {f.name: sample(f.kinds[0], depth + 1) for f in fields if f.required or depth < 2}


def whole(method: str) -> dict[str, Any]:
    """A call with every documented parameter."""
    return {name: sample(p.kinds[0]) for name, p in api_schema.METHODS[method].items()}


def test_every_method_of_the_table_is_served_and_no_other() -> None:
    assert {*METHODS, "getUpdates"} == set(api_schema.METHODS)


@pytest.mark.parametrize("method", EVERY)
def test_a_method_takes_every_documented_parameter(method: str) -> None:
    parameters = whole(method)
    assert api_schema.read(method, parameters) == parameters
    as_form = {k: v if isinstance(v, str) else json.dumps(v) for k, v in parameters.items()}
    assert api_schema.read(method, as_form) == parameters


@pytest.mark.parametrize("method", EVERY)
def test_a_method_takes_no_other_parameter_unless_the_simulator_is_lenient(method: str) -> None:
    parameters = {**whole(method), "no_such_parameter": "x"}
    with pytest.raises(Refusal, match=r"no_such_parameter"):
        api_schema.read(method, parameters)
    assert "no_such_parameter" not in api_schema.read(method, parameters, strict=False)


def _misfit(parameter: Parameter) -> Any:
    return 1.5 if "String" not in parameter.kinds and "Float" not in parameter.kinds else [None]


@pytest.mark.parametrize(("method", "name"), PARAMETERS)
def test_a_parameter_has_only_its_documented_type(method: str, name: str) -> None:
    with pytest.raises(Refusal, match=r"^Bad Request: "):
        api_schema.read(method, {**whole(method), name: _misfit(api_schema.METHODS[method][name])})


@pytest.mark.parametrize("method", EVERY)
def test_a_required_parameter_must_be_there(method: str) -> None:
    for name, parameter in api_schema.METHODS[method].items():
        if parameter.required:
            without = {k: v for k, v in whole(method).items() if k != name}
            with pytest.raises(Refusal, match=r"^Bad Request: "):
                api_schema.read(method, without)


def test_unknown_fields_deep_inside_are_refused() -> None:
    markup = {"inline_keyboard": [[{"text": "B", "callback_data": "d", "colour": "red"}]]}
    with pytest.raises(Refusal, match='unknown field "colour" of InlineKeyboardButton'):
        api_schema.read("sendMessage", {"chat_id": 1, "text": "t", "reply_markup": markup})


@pytest.mark.parametrize("method", EVERY)
def test_an_independent_reading_of_the_bot_api_knows_the_same_parameters(method: str) -> None:
    theirs = {field.alias or name for name, field in MODELS[method].model_fields.items()}
    assert set(api_schema.METHODS[method]) <= theirs


def test_the_judge_refuses_what_is_not_of_the_bot_api() -> None:
    judge("sendMessage", {"chat_id": "1", "text": "t"}, {})
    for wrong in ({"colour": "red"}, {"reply_markup": '{"inline_keyboard":[[{"text":"B","colour":"red"}]]}'}):
        with pytest.raises(UnlikeTheBotApiError, match="colour"):
            judge("sendMessage", {"chat_id": "1", "text": "t", **wrong}, {})
    with pytest.raises(UnlikeTheBotApiError, match="message_id"):
        judge("deleteMessage", {"chat_id": "1"}, {})


@pytest.mark.parametrize("method", [m for m in EVERY if m not in ("logOut", "getUpdates")])
async def test_every_method_answers_over_http_whatever_it_is_sent(method: str) -> None:
    async with scene() as telegram:
        for parameters in ({}, whole(method), {"chat_id": telegram.ada.id}):
            answer = await getattr(telegram.api, method)(**parameters)
            assert answer["ok"] or answer["error_code"] in (400, 403, 429), answer


async def test_a_lenient_simulator_ignores_what_telegram_would(telegram: Scene) -> None:
    strange = {"chat_id": telegram.ada.id, "text": "t", "no_such_parameter": 1}
    assert (await telegram.refused("sendMessage", **strange)).endswith("(simulator)")
    async with scene(strict=False) as lenient:
        await lenient.done("sendMessage", **{**strange, "chat_id": lenient.ada.id})
