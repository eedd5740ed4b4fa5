"""Reads a call's parameters by the table of the Bot API (botapi.json) and refuses what does not fit.

Every parameter may come as text (forms, queries) or as JSON. Telegram ignores parameters it does not know; a
strict simulator refuses them, because they are a caller's mistake that Telegram would hide.
"""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.refusals import bad_request

_TABLE = json.loads(files("tgbot.simulator").joinpath("botapi.json").read_text("utf-8"))
_TYPES: dict[str, Any] = _TABLE["types"]
VERSION: str = _TABLE["version"]


@dataclass(frozen=True)
class Parameter:
    """One parameter or field: its name, the types it may have, whether it must be there."""

    name: str
    kinds: tuple[str, ...]
    required: bool


def _parameters(described: dict[str, str]) -> dict[str, Parameter]:
    return {
        name: Parameter(name, tuple(kind.removesuffix("!").split("|")), kind.endswith("!"))
        for name, kind in described.items()
    }


METHODS: dict[str, dict[str, Parameter]] = {n: _parameters(d) for n, d in _TABLE["methods"].items()}
BY_LOWER_NAME = {name.lower(): name for name in METHODS}
OBJECTS = {name: _parameters(fields) for name, fields in _TYPES.items() if isinstance(fields, dict)}
UNIONS: dict[str, list[str]] = {name: kinds for name, kinds in _TYPES.items() if isinstance(kinds, list)}

MARKUPS = {"InlineKeyboardMarkup", "ReplyKeyboardMarkup", "ReplyKeyboardRemove", "ForceReply"}


class Misfit(Exception):  # noqa: N818 – it becomes a Refusal
    """A value does not fit its type; the words say where and why."""


def read(
    method: str, raw: JsonObject, uploads: frozenset[str] = frozenset(), *, strict: bool = True
) -> JsonObject:
    """The call's parameters as typed values; absent and empty ones are left out, as Telegram does.

    `uploads` are the names of the files that came with the call. Raises `Refusal`.
    """
    table = METHODS[method]
    for name in raw:
        if strict and name not in table:
            raise bad_request(f'unknown parameter "{name}" of {method} (simulator)')
    read: JsonObject = {}
    missing: list[str] = []
    for name, parameter in table.items():
        value = raw.get(name)
        if name in uploads and "InputFile" in parameter.kinds:
            read[name] = f"attach://{name}"
        elif value is not None and (value != "" or name in _MAY_BE_EMPTY):
            try:
                read[name] = _any_of(parameter.kinds, value, name, strict=strict)
            except Misfit as misfit:
                raise bad_request(_words(parameter, value, misfit)) from None
        elif parameter.required:
            missing.append(name)
    if missing:  # Telegram looks for the chat last: a text that is wrong is wrong wherever it goes
        first = min(missing, key=lambda name: name.endswith("chat_id"))
        raise bad_request(_MISSING.get(first, f'parameter "{first}" is required'))
    return read


_MISSING = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "user_id": "invalid user_id specified",
    "file_id": "file_id not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "action": "wrong parameter action in request",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "inline_query_id": "query is too old and response timeout expired or query ID is invalid",
}

_MAY_BE_EMPTY = {"text", "caption", "url", "name", "description", "short_description", "next_offset"}
_BARE = {"String", "Integer", "Float", "Boolean", "True", "InputFile"}


def _words(parameter: Parameter, value: object, misfit: Misfit) -> str:
    if MARKUPS & set(parameter.kinds):
        if str(misfit).startswith(("can't parse", "object expected")):
            return str(misfit)
        what = "inline keyboard" if "inline_keyboard" in str(value) else "reply keyboard markup JSON object"
        return f"can't parse {what}: {misfit}"
    if parameter.kinds == ("Integer",) or parameter.kinds == ("Boolean",):
        return f'invalid {parameter.name} specified: "{value}" is not {parameter.kinds[0]}'
    return f"can't parse {parameter.name}: {misfit}"


def _any_of(kinds: tuple[str, ...], value: object, path: str, *, strict: bool) -> Any:
    if isinstance(value, str) and not any(kind in _BARE or kind.startswith("=") for kind in kinds):
        value = _from_text(value, kinds, path)
    if len(kinds) > 1 and isinstance(value, dict):
        kinds = (_closest(kinds, value),)
    misfit = Misfit(f"{path} does not fit")
    for kind in sorted(kinds, key=lambda kind: kind == "String"):  # the text is the last resort
        try:
            return _one(kind, value, path, strict=strict)
        except Misfit as why:
            misfit = why
    raise misfit


def _from_text(value: str, kinds: tuple[str, ...], path: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        raise Misfit(f"can't parse {_NOUNS.get(path, path)} JSON object") from None


_NOUNS = {"reply_markup": "reply keyboard markup"}


def _closest(kinds: tuple[str, ...], value: dict[str, Any]) -> str:
    """The object type that shares most of its fields with the value and whose constants fit it."""

    def likeness(kind: str) -> tuple[bool, int, int]:
        fields = OBJECTS.get(kind, {})
        fits = all(value.get(f.name) == f.kinds[0][1:] for f in fields.values() if f.kinds[0].startswith("="))
        missing = sum(f.required and f.name not in value for f in fields.values())
        return fits, -missing, len(set(fields) & set(value))

    return max(kinds, key=likeness)


def _one(kind: str, value: object, path: str, *, strict: bool) -> Any:
    if kind.startswith("="):
        if value != kind[1:]:
            raise Misfit(f'{path} must be "{kind[1:]}"')
        return value
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            raise Misfit(f"{path} must be an array")
        inner = (kind.removeprefix("Array of "),)
        return [_any_of(inner, item, f"{path}[{i}]", strict=strict) for i, item in enumerate(value)]
    if kind in _BARE:
        return _bare(kind, value, path)
    if kind in UNIONS:
        return _any_of(tuple(_flat(kind)), value, path, strict=strict)
    return _object(kind, value, path, strict=strict)


def _flat(union: str) -> list[str]:
    return [leaf for kind in UNIONS[union] for leaf in (_flat(kind) if kind in UNIONS else [kind])]


def _object(kind: str, value: object, path: str, *, strict: bool) -> JsonObject:
    if not isinstance(value, dict):
        raise Misfit(f"{path} must be of type Object")
    fields = OBJECTS[kind]
    for name in value:
        if strict and name not in fields:
            raise Misfit(f'unknown field "{name}" of {kind} (simulator)')
    known: JsonObject = {}
    for name, field in fields.items():
        if value.get(name) is not None:
            known[name] = _any_of(field.kinds, value[name], f"{path}.{name}", strict=strict)
        elif field.required:
            raise Misfit(f'can\'t find field "{name}"')
    return known


def _bare(kind: str, value: object, path: str) -> str | int | float | bool:
    match kind, value:
        case "InputFile" | "String", str():
            return value
        case "String", int() | float() if not isinstance(value, bool):
            return str(value)
        case "Boolean" | "True", bool():
            return value
        case "Boolean" | "True", str() if value.lower() in ("true", "yes", "1"):
            return True
        case "Boolean" | "True", str() if value.lower() in ("false", "no", "0"):
            return False
        case "Integer", int() if not isinstance(value, bool):
            return value
        case "Integer" | "Float", str():
            try:
                return int(value) if kind == "Integer" else float(value)
            except ValueError:
                raise Misfit(f"{path} must be of type Number") from None
        case "Float", int() | float() if not isinstance(value, bool):
            return float(value)
    raise Misfit(f"{path} must be of type {kind}")
