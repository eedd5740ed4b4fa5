"""The Bot API over HTTP: reads a call, runs it, answers it – and does harm when a fault says so."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tgbot.simulator import api_schema
from tgbot.simulator.clock_port import JsonObject
from tgbot.simulator.faults import Fault
from tgbot.simulator.files import Upload, Uploads
from tgbot.simulator.methods import METHODS
from tgbot.simulator.methods.receiving import get_updates
from tgbot.simulator.refusals import (
    Refusal,
    bad_request,
    invalid_token,
    no_such_method,
    too_many_requests,
)
from tgbot.simulator.telegram import Telegram
from tgbot.simulator.world_events import Call

_NOT_IN_ANSWERS = {"setWebhook", "deleteWebhook", "close", "logOut"}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


async def read_call(request: Request) -> tuple[JsonObject, Uploads]:
    """The parameters from the query and the body – form, multipart or JSON – and the files."""
    raw: JsonObject = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return raw | _from_json(await request.body()), {}
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return raw, {}
    uploads: Uploads = {}
    async with request.form(max_files=100, max_fields=1000) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                mime = value.content_type or "application/octet-stream"
                uploads[name] = Upload(value.filename or name, mime, await value.read())
            else:
                raw[name] = value
    return raw, uploads


def _from_json(body: bytes) -> JsonObject:
    try:
        read = json.loads(body or b"{}")
    except ValueError:
        raise bad_request("can't parse the request's JSON object") from None
    if not isinstance(read, dict):
        raise bad_request("can't parse the request's JSON object")
    return read


class BotApi:
    """`/bot<token>/<method>` and `/file/bot<token>/<path>`."""

    def __init__(self, tg: Telegram, cut: Callable[[Request], None]) -> None:
        self._tg = tg
        self._cut = cut

    async def call(self, request: Request) -> Response:
        """One call."""
        tg = self._tg
        if tg.logged_out:
            return _refused(bad_request("Logged out"))
        method = api_schema.BY_LOWER_NAME.get(request.path_params["method"].lower())
        if request.path_params["token"] != tg.token:
            return _refused(invalid_token())
        if method is None:
            return _refused(no_such_method())
        try:
            raw, uploads = await read_call(request)
        except Refusal as refusal:
            return _refused(refusal)
        names = {name: upload.name for name, upload in uploads.items()}
        call = tg.journal.begin(tg.clock.now(), method, raw, names)
        fault = tg.faults.strike(method, str(raw.get("chat_id")))
        if fault is None:
            refusal_or_result = await self.run(method, raw, uploads)
            return _answer(tg, call, *refusal_or_result)
        call.fault = fault.kind
        tg.events.publish("faults", {"faults": tg.faults.as_json()})
        return await self._harmed(request, call, fault, raw, uploads)

    async def run(self, method: str, raw: JsonObject, uploads: Uploads) -> tuple[int, JsonObject]:
        """The status and the answer's JSON."""
        try:
            read = api_schema.read(method, raw, frozenset(uploads), strict=self._tg.strict)
            if method == "getUpdates":
                result: object = await get_updates(self._tg, read)
            else:
                result = METHODS[method](self._tg, read, uploads)
        except Refusal as refusal:
            return refusal.status, refusal.body()
        return 200, {"ok": True, "result": result}

    async def execute(self, answer: Request) -> None:
        """Run the call that a webhook's answer may carry; nobody learns its result, the journal does."""
        try:
            raw, uploads = await read_call(answer)
        except Refusal:
            return  # Telegram does not mind what else stands in the answer
        method = api_schema.BY_LOWER_NAME.get(str(raw.pop("method", "")).lower())
        if method is None or method.startswith("get") or method in _NOT_IN_ANSWERS:
            return
        names = {name: upload.name for name, upload in uploads.items()}
        call = self._tg.journal.begin(self._tg.clock.now(), method, raw, names)
        _note(self._tg, call, *await self.run(method, raw, uploads))

    async def _harmed(
        self, request: Request, call: Call, fault: Fault, raw: JsonObject, uploads: Uploads
    ) -> Response:
        tg = self._tg
        if fault.kind == "too_many":
            refusal = too_many_requests(round(fault.seconds))
            return _answer(tg, call, refusal.status, refusal.body())
        if fault.kind == "status":
            return _answer(tg, call, fault.status, _failure(fault.status))
        if fault.kind == "delay_before":
            await self._pass(fault.seconds)
        if fault.kind == "cut_before":
            return self._cut_off(request, call)
        status, answer = await self.run(call.method, raw, uploads)
        match fault.kind:
            case "delay_after":
                await self._pass(fault.seconds)
            case "cut_after":
                return self._cut_off(request, call)
            case "status_after":
                status, answer = fault.status, _failure(fault.status)
            case "malformed":
                _note(tg, call, status, answer)
                text = _encode(answer)
                return Response(text[: len(text) // 2], status, media_type="application/json")
            case "slow_body":
                _note(tg, call, status, answer)
                return StreamingResponse(self._dribble(answer, fault.seconds), status)
            case "duplicate" if answer["ok"]:
                answer = {**answer, "result": [u for u in answer["result"] for _ in range(2)]}
            case "reorder" if answer["ok"]:
                answer = {**answer, "result": answer["result"][::-1]}
        return _answer(tg, call, status, answer)

    async def _pass(self, seconds: float) -> None:
        await self._tg.clock.wait(self._tg.clock.now() + timedelta(seconds=seconds), self._tg.closing)

    async def _dribble(self, answer: JsonObject, seconds: float) -> AsyncIterator[bytes]:
        text = _encode(answer).encode()
        step = max(1, len(text) // 10)
        for start in range(0, len(text), step):
            await self._pass(seconds / 10)
            yield text[start : start + step]

    def _cut_off(self, request: Request, call: Call) -> Response:
        _note(self._tg, call, 0, {})
        self._cut(request)
        return Response(status_code=500)  # nobody hears it

    async def file(self, request: Request) -> Response:
        """A file that `getFile` told the path of."""
        if request.path_params["token"] != self._tg.token:
            return _refused(invalid_token())
        file = self._tg.files.by_path.get(request.path_params["path"])
        if file is None:
            return _refused(Refusal(404, "Not Found"))
        return Response(
            file.content,
            media_type="application/octet-stream",
            headers={"Content-Disposition": "attachment"},
        )


def _failure(status: int) -> JsonObject:
    words = {
        500: "Internal Server Error",
        502: "Bad Gateway",
        503: "Service Unavailable",
        504: "Gateway Timeout",
    }
    return Refusal(status, words.get(status, "Internal Server Error")).body()


def _note(tg: Telegram, call: Call, status: int, answer: JsonObject) -> None:
    tg.journal.end(call, status, answer)


def _answer(tg: Telegram, call: Call, status: int, answer: JsonObject) -> Response:
    _note(tg, call, status, answer)
    return _response(status, answer)


def _refused(refusal: Refusal) -> Response:
    return _response(refusal.status, refusal.body())


def _response(status: int, answer: JsonObject) -> Response:
    headers: dict[str, Any] = {}
    if status == 429:
        headers["Retry-After"] = str(answer["parameters"]["retry_after"])
    return Response(_encode(answer), status, headers, media_type="application/json")
