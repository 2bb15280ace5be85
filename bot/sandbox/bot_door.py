"""The Bot API's side of the stand-in: one request in, one answer out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from bot.sandbox.failures import AnswerWithheld, BotApiFailure, bad_request
from bot.sandbox.methods import METHODS
from bot.sandbox.parameters import Parameters
from bot.sandbox.receiving import Receiving
from bot.sandbox.webhook import Webhook

if TYPE_CHECKING:
    from bot.sandbox.parameters import Json
    from bot.sandbox.world import World

NO_METHOD = "Not Found: method not found"
OPENED_FILE = b"\x00 an invented file of the sandbox"


async def read_parameters(request: web.BaseRequest) -> Parameters:
    """Return what the request carries in its address, as JSON, as a form or in parts."""
    values: Json = dict(parse_qsl(request.raw_path.partition("?")[2], keep_blank_values=True))
    if request.method != "POST" or not request.can_read_body:
        return Parameters(values)
    if request.content_type == "application/json":
        body = await request.read()
        try:
            values.update(orjson.loads(body) if body else {})
        except (orjson.JSONDecodeError, TypeError, ValueError):
            raise bad_request("can't parse request body as JSON object") from None
        return Parameters(values)
    for name, value in (await request.post()).items():
        values[name] = f"attach://{value.filename}" if isinstance(value, web.FileField) else value
    return Parameters(_uploads_named(values))


def _uploads_named(values: Json) -> Json:
    """Let a value that points at an uploaded part stand for that upload."""
    return {name: value for name, value in values.items() if not isinstance(value, bytes)}


class BotDoor:
    """Carries out the bot's requests; faults are played here, and every request is recorded."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.webhook = Webhook(world, self.call)
        self.receiving = Receiving(world, self.webhook)

    def call(self, method: str, given: Parameters) -> object:
        """Carry out one method that answers at once. Raises BotApiFailure."""
        action = METHODS.get(method)
        if action is None:
            raise BotApiFailure(404, NO_METHOD)
        return action(self.world, given)

    async def _answer(self, method: str, given: Parameters) -> Json:
        match method:
            case "getupdates":
                return {"ok": True, "result": await self.receiving.get_updates(given)}
            case "setwebhook":
                return {"ok": True, "result": True, "description": await self.receiving.set_webhook(given)}
            case "deletewebhook":
                return {"ok": True, "result": True, "description": await self.receiving.delete_webhook(given)}
            case "getwebhookinfo":
                return {"ok": True, "result": self.webhook.as_info()}
        return {"ok": True, "result": self.call(method, given)}

    async def handle(self, request: web.BaseRequest, method: str) -> web.Response:
        """Answer one request as the Bot API would. Raises AnswerWithheld when the line is to be cut."""
        given = Parameters({})
        is_answer_lost = False
        method = method.lower()
        try:
            given = await read_parameters(request)
            is_answer_lost = await self.world.faults.before(method, given.text("chat_id"))
            answer = await self._answer(method, given)
            status = 200
        except BotApiFailure as failure:
            answer, status = _refusal(failure), failure.code
        except AnswerWithheld:
            self.world.record.note(method, given.values, {"ok": False, "answer": "withheld, not carried out"})
            raise
        self._record(method, given.values, answer, is_answer_lost=is_answer_lost)
        if is_answer_lost:
            raise AnswerWithheld
        headers = {"Retry-After": str(answer["parameters"]["retry_after"])} if status == 429 else None
        body = orjson.dumps(answer)
        return web.Response(body=body, status=status, content_type="application/json", headers=headers)

    def _record(self, method: str, payload: Json, answer: Json, *, is_answer_lost: bool) -> None:
        outcome: Json = answer
        if method == "getupdates" and answer["ok"]:
            outcome = {"ok": True, "count": len(answer["result"])}
        elif answer["ok"] and isinstance(answer.get("result"), dict):
            outcome = {"ok": True, "message_id": answer["result"].get("message_id")}
        self.world.record.note(method, payload, {**outcome, "answer": "lost"} if is_answer_lost else outcome)

    def open_file(self, path: str) -> web.Response:
        """Return an invented file for a path getFile has told, else 404."""
        unique_id = path.rpartition("file_")[2]
        is_known = any(file["file_unique_id"] == unique_id for file in self.world.files.values())
        return web.Response(body=OPENED_FILE) if is_known else refuse(404, "Not Found")


def _refusal(failure: BotApiFailure) -> Json:
    answer: Json = {"ok": False, "error_code": failure.code, "description": failure.description}
    if failure.parameters:
        answer["parameters"] = failure.parameters
    return answer


def refuse(code: int, description: str) -> web.Response:
    """Return a refusal in the Bot API's form."""
    body = orjson.dumps({"ok": False, "error_code": code, "description": description})
    return web.Response(body=body, status=code, content_type="application/json")
