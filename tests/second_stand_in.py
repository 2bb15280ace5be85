"""A second, independent stand-in for the Telegram Bot API, written from its public documentation alone."""

import asyncio
import contextlib
import copy
import html
import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, Self, TypeVar

import aiohttp
from aiohttp import web

Fields = dict[str, Any]
T = TypeVar("T")

CONFIGURATION = """
    setMyCommands deleteMyCommands setMyName setMyDescription setMyShortDescription setChatMenuButton
    setMyDefaultAdministratorRights setChatTitle setChatDescription setChatPhoto deleteChatPhoto
    setChatPermissions setChatStickerSet deleteChatStickerSet setMessageReaction sendChatAction
""".lower().split()  # answered with true, and without effect
NOT_BY_DEFAULT = ("chat_member", "message_reaction", "message_reaction_count")
STRUCTURED = ("reply_markup", "allowed_updates", "message_ids", "reply_parameters", "media")
TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del"}
TAGS |= {"code", "pre", "a", "blockquote", "tg-spoiler"}
NOT_COPIED = ("message_id", "date", "edit_date", "chat", "from", "reply_markup", "reply_to_message")
OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ON = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
SAME = "specified new message content and reply markup are exactly the same as a current content"


class ApiError(Exception):
    """A refusal in the words of the Bot API."""

    def __init__(self, description: str, code: int = 400) -> None:
        kind = {400: "Bad Request: ", 403: "Forbidden: ", 409: "Conflict: "}.get(code, "")
        self.answer = {"ok": False, "error_code": code, "description": kind + description}
        self.code = code


class Person:
    """Somebody with a private chat with the bot."""

    def __init__(self, telegram: "SecondStandIn", user: Fields) -> None:
        self.telegram, self.user = telegram, user
        self.id: int = user["id"]
        self.blocked = False  # True: what the bot sends is answered with 403

    def writes(self, text: str, **fields: Any) -> int:
        """Queue a text message, a command at its start marked as one; the message id comes back."""
        if command := re.match(r"/\w{1,32}(@\w+)?", text, re.ASCII):
            fields["entities"] = [{"type": "bot_command", "offset": 0, "length": len(command[0])}]
        return self.sends(text=text, **fields)

    def sends(self, **content: Any) -> int:
        """Queue a message with any content: contact, voice, photo, reply_to_message."""
        message = self.telegram.add_message(self.id, self.user, content)
        self.telegram.queue("message", message)
        return int(message["message_id"])

    def presses(self, label: str) -> str:
        """Press the newest button whose text or data starts so; the id of the callback query comes back."""
        for message in reversed(self.telegram.messages[self.id].values()):
            for button in _buttons(message.get("reply_markup")):
                data = button.get("callback_data")
                if data and (button["text"].startswith(label) or data.startswith(label)):
                    query_id = str(next(self.telegram.ids))
                    self.telegram.answers[query_id] = None
                    query = {"id": query_id, "from": self.user, "message": message, "data": data}
                    self.telegram.queue("callback_query", query | {"chat_instance": str(self.id)})
                    return query_id
        raise AssertionError(f"no button starts with {label!r} in\n{self.transcript()}")

    async def reads(self, substring: str, timeout: float = 5, *, after: int = 0) -> Fields:  # noqa: ASYNC109
        """Wait until a message of the bot, with an id over `after`, contains this; the newest comes back."""

        def found() -> Fields | None:
            for message in reversed(self.telegram.messages[self.id].values()):
                text = str(message.get("text") or message.get("caption", ""))
                if message["from"]["is_bot"] and message["message_id"] > after and substring in text:
                    return copy.deepcopy(message)
            return None

        message = await self.telegram.until(found, timeout)
        assert message, f"nothing with {substring!r} within {timeout} s in\n{self.transcript()}"
        return message

    def transcript(self) -> str:
        """The chat as it stands: a line for a message, its buttons in brackets."""
        lines = [f"chat {self.id}:"]
        for number, message in self.telegram.messages[self.id].items():
            content = message.get("text", message.get("caption")) or sorted(message.keys() - {*NOT_COPIED})
            marks = [
                f"[{b['text']} | {b.get('callback_data')}]" for b in _buttons(message.get("reply_markup"))
            ]
            lines.append(f"  {number} {message['from']['first_name']}: {content!r} {' '.join(marks)}")
        return "\n".join(lines)


class SecondStandIn:
    """The server, its chats and what the bot did there; an asynchronous context manager."""

    def __init__(self, token: str = "1:TEST", retry_delay: float = 0.05) -> None:
        self.token, self.retry_delay, self.url = token, retry_delay, ""
        bot_id = int(token.partition(":")[0])
        self.bot: Fields = {"id": bot_id, "is_bot": True, "first_name": "Bot", "username": "test_bot"}
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Fields] = {}
        self.messages: dict[int, dict[int, Fields]] = {}  # chat id, message id
        self.files: dict[str, tuple[str, str, bytes]] = {}  # file id: name, type, content
        self.answers: dict[str, Fields | None] = {}  # callback query id: how the bot answered it
        self.calls: list[tuple[str, Fields]] = []  # all the bot asked for, but for getUpdates
        self.confirmed: list[int] = []
        self.webhook: Fields = {}
        self.allowed: list[str] = []
        self.ids, self._update_ids = itertools.count(1), itertools.count(700_000_001)
        self._queue: dict[int, Fields] = {}
        self._poll = 0
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_route("*", "/{rest:.*}", self._serve)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._delivery = asyncio.create_task(self._deliver())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._delivery.cancel()
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await self._delivery
        finally:
            await self._runner.cleanup()

    def person(self, user_id: int, first_name: str = "Person", **user: Any) -> Person:
        """Somebody the bot may write to; the same id is the same person."""
        if user_id not in self.people:
            whole = {"id": user_id, "is_bot": False, "first_name": first_name, **user}
            self.people[user_id] = Person(self, whole)
            names = {k: v for k, v in whole.items() if k in ("first_name", "last_name", "username")}
            self.chats[user_id] = {"id": user_id, "type": "private", **names}
            self.messages[user_id] = {}
        return self.people[user_id]

    def group(self, chat_id: int, title: str = "Group") -> Fields:
        """A group the bot is a member of."""
        self.messages.setdefault(chat_id, {})
        return self.chats.setdefault(chat_id, {"id": chat_id, "type": "supergroup", "title": title})

    def queue(self, kind: str, body: Fields) -> None:
        """Queue an update of any kind, unless allowed_updates leaves that kind out."""
        if kind in self.allowed or (not self.allowed and kind not in NOT_BY_DEFAULT):
            update_id = next(self._update_ids)
            self._queue[update_id] = {"update_id": update_id, kind: copy.deepcopy(body)}
            self._touch()

    def add_message(self, chat_id: int, sender: Fields, content: Fields) -> Fields:
        """Put a message into a chat, without an update."""
        number = next(self.ids)
        head = {"message_id": number, "date": int(time.time()), "chat": self.chats[chat_id], "from": sender}
        self.messages[chat_id][number] = head | content
        return self.messages[chat_id][number]

    async def until(self, ready: Callable[[], T], seconds: float | None = None) -> T:
        """Wait until something is so, at most so long; what it was last comes back."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not ready():
                    await self._changed.wait()
        return ready()

    def _touch(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _serve(self, request: web.Request) -> web.Response:
        try:
            return web.json_response({"ok": True, "result": await self._call(request)})
        except ApiError as error:
            return web.json_response(error.answer, status=error.code)

    async def _call(self, request: web.Request) -> Any:
        token, method = (request.match_info.get(name, "") for name in ("token", "method"))
        if token and token != self.token:
            raise ApiError("Unauthorized", 401)
        p = await _parameters(request)
        if method.lower() == "getupdates":
            return await self._get_updates(p)
        known = getattr(self, f"do_{method.lower()}", None)
        if known is None and method.lower() not in CONFIGURATION:
            raise ApiError("Not Found", 404)
        self.calls.append((method, p))
        result = known(p) if known else True
        self._touch()
        return result

    async def _get_updates(self, p: Fields) -> list[Fields]:
        if self.webhook:
            raise ApiError(WEBHOOK_ON, 409)
        self._poll = mine = self._poll + 1  # a poll already waiting is the one to be turned away
        self._touch()
        self.allowed = p.get("allowed_updates", self.allowed)
        offset = _number(p, "offset")
        for update_id in list(self._queue)[: offset if offset < 0 else None]:
            if offset < 0:
                del self._queue[update_id]  # forgotten rather than confirmed
            elif update_id < offset:
                self._confirm(update_id)
        await self.until(lambda: self._queue or self._poll != mine, min(_number(p, "timeout"), 50))
        if self._poll != mine:
            raise ApiError("terminated by setWebhook request" if self.webhook else OTHER_POLL, 409)
        return list(self._queue.values())[: min(max(_number(p, "limit", 100), 1), 100)]

    async def _deliver(self) -> None:
        connector, timeout = aiohttp.TCPConnector(limit=1), aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            while True:
                await self.until(lambda: self.webhook and self._queue)
                hook, (update_id, update) = self.webhook, next(iter(self._queue.items()))
                try:
                    async with session.post(
                        hook["url"], json=update, headers=hook["headers"], allow_redirects=False
                    ) as answer:
                        problem = f"Wrong response from the webhook: {answer.status} {answer.reason}"
                        taken = 200 <= answer.status < 300
                        await answer.read()
                except (aiohttp.ClientError, TimeoutError) as error:
                    problem, taken = str(error) or "Read timeout expired", False
                if taken:
                    self._confirm(update_id)
                else:
                    hook["error"] = {"last_error_date": int(time.time()), "last_error_message": problem}
                    await asyncio.sleep(self.retry_delay)

    def _confirm(self, update_id: int) -> None:
        if self._queue.pop(update_id, None):
            self.confirmed.append(update_id)
            self._touch()

    def do_getme(self, _: Fields) -> Fields:
        return self.bot | {"can_join_groups": True, "can_read_all_group_messages": False}

    def do_setwebhook(self, p: Fields) -> bool:
        url, secret = p.get("url", ""), p.get("secret_token", "")
        if url and not url.startswith(("https://", "http://")):
            raise ApiError("bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise ApiError("secret token contains unallowed characters")
        if _flag(p, "drop_pending_updates"):
            self._queue.clear()
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        self.webhook = {"url": url, "headers": headers, "error": {}} if url else {}
        if url:
            self.allowed = p.get("allowed_updates", self.allowed)
            self._poll += 1
        return True

    def do_deletewebhook(self, p: Fields) -> bool:
        return self.do_setwebhook(p | {"url": ""})

    def do_getwebhookinfo(self, _: Fields) -> Fields:
        info = {"has_custom_certificate": False, "pending_update_count": len(self._queue)}
        info |= {"url": self.webhook.get("url", "")} | self.webhook.get("error", {})
        return info | ({"allowed_updates": self.allowed} if self.allowed else {})

    def do_getchat(self, p: Fields) -> Fields:
        gifts = (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        )
        more = {"accent_color_id": 0, "max_reaction_count": 11}
        return self._chat(p) | more | {"accepted_gift_types": dict.fromkeys(gifts, False)}

    def do_leavechat(self, p: Fields) -> bool:
        if self._chat(p)["type"] == "private":
            raise ApiError("chat member status can't be changed in private chats")
        del self.chats[self._chat(p)["id"]]
        return True

    def do_answercallbackquery(self, p: Fields) -> bool:
        if p.get("callback_query_id") not in self.answers:
            raise ApiError("query is too old and response timeout expired or query ID is invalid")
        if len(p.get("text", "")) > 200:
            raise ApiError("MESSAGE_TOO_LONG")
        self.answers[p["callback_query_id"]] = p
        return True

    def do_sendmessage(self, p: Fields) -> Fields:
        return self._send(p, _text(p))

    def do_sendphoto(self, p: Fields) -> Fields:
        return self._send(p, self._media(p, "photo", p.get("photo")) | _caption(p))

    def do_senddocument(self, p: Fields) -> Fields:
        return self._send(p, self._media(p, "document", p.get("document")) | _caption(p))

    def do_sendmediagroup(self, p: Fields) -> list[Fields]:
        media, group = p.get("media", []), {"media_group_id": str(next(self.ids))}
        if not 2 <= len(media) <= 10:
            raise ApiError("media must include 2-10 items")
        if {item["type"] for item in media} not in ({"photo"}, {"document"}):
            raise ApiError("document can't be mixed with other media types")  # and others are not known here
        album = [self._media(p, item["type"], item.get("media")) | _caption(item) | group for item in media]
        return [self._send(p, content) for content in album]

    def do_copymessage(self, p: Fields) -> Fields:
        source = self._message(p, "copy", "from_chat_id")
        content = {k: copy.deepcopy(v) for k, v in source.items() if k not in (*NOT_COPIED, "media_group_id")}
        if "caption" in p and "text" not in content:
            content = {k: v for k, v in content.items() if not k.startswith("caption")} | _caption(p)
        return {"message_id": self._send(p, content)["message_id"]}

    def do_editmessagetext(self, p: Fields) -> Fields:
        return self._edit(p, {"entities": None} | _text(p))

    def do_editmessagereplymarkup(self, p: Fields) -> Fields:
        return self._edit(p, {})

    def do_deletemessage(self, p: Fields) -> bool:
        message = self._message(p, "delete")
        del self.messages[message["chat"]["id"]][message["message_id"]]
        return True

    def do_deletemessages(self, p: Fields) -> bool:
        chat, numbers = self._chat(p), p.get("message_ids", [])
        if not 1 <= len(numbers) <= 100:
            raise ApiError("there must be 1-100 message identifiers")
        for number in numbers:
            self.messages[chat["id"]].pop(number, None)
        return True

    def _chat(self, p: Fields, key: str = "chat_id") -> Fields:
        if not p.get(key):
            raise ApiError(f"{key} is empty")
        if _number(p, key) not in self.chats:
            raise ApiError("chat not found")
        return self.chats[_number(p, key)]

    def _message(self, p: Fields, purpose: str, key: str = "chat_id") -> Fields:
        message = self.messages[self._chat(p, key)["id"]].get(_number(p, "message_id"))
        if message is None:
            raise ApiError(f"message to {purpose} not found")
        return message

    def _send(self, p: Fields, content: Fields) -> Fields:
        markup, chat_id, reply = _markup(p), self._chat(p)["id"], p.get("reply_parameters", {})
        if chat_id in self.people and self.people[chat_id].blocked:
            raise ApiError("bot was blocked by the user", 403)
        answered = self.messages[chat_id].get(_number(reply, "message_id"))
        if reply and not answered and not reply.get("allow_sending_without_reply"):
            raise ApiError("message to be replied not found")
        content |= {"reply_markup": markup} if markup else {}
        if answered:
            content["reply_to_message"] = {k: v for k, v in answered.items() if k != "reply_to_message"}
        return self.add_message(chat_id, self.bot, content)

    def _edit(self, p: Fields, changes: Fields) -> Fields:
        message = self._message(p, "edit")
        if message["from"] != self.bot:
            raise ApiError("message can't be edited")
        if "text" in changes and "text" not in message:
            raise ApiError("there is no text in the message to edit")
        changes["reply_markup"] = _markup(p)  # none given: the keyboard goes
        if all(message.get(k) == v for k, v in changes.items()):
            raise ApiError(f"message is not modified: {SAME} and reply markup of the message")
        whole = message | changes | {"edit_date": int(time.time())}
        message.clear()
        message.update({k: v for k, v in whole.items() if v is not None})
        return message

    def _media(self, p: Fields, kind: str, value: Any) -> Fields:
        if isinstance(value, str) and value.startswith("attach://"):
            value = p.get(value.removeprefix("attach://"))
        if not value:
            raise ApiError(f"there is no {kind} in the request")
        if isinstance(value, tuple) and not value[2]:
            raise ApiError("file must be non-empty")
        file_id = f"file-{next(self.ids)}" if isinstance(value, tuple) else value
        if isinstance(value, tuple):
            self.files[file_id] = value
        elif file_id not in self.files:  # addresses are not fetched
            raise ApiError("wrong file identifier/HTTP URL specified")
        name, mime, data = self.files[file_id]
        file = {"file_id": file_id, "file_unique_id": f"unique-{file_id}", "file_size": len(data)}
        if kind == "photo":
            return {"photo": [file | {"width": 90, "height": 90}]}
        return {"document": file | {"file_name": name, "mime_type": mime}}


async def _parameters(request: web.Request) -> Fields:
    found: Fields = dict(request.query)
    name = ""
    try:
        if request.content_type == "application/json":
            found |= json.loads(await request.text() or "{}")
        for key, value in (await request.post()).items():
            found[key] = value
            if isinstance(value, web.FileField):
                found[key] = (value.filename, value.content_type, value.file.read())
        for name in STRUCTURED:
            if isinstance(found.get(name), str):
                found[name] = json.loads(found[name] or "null")
    except (ValueError, TypeError):
        raise ApiError(f"can't parse {name} JSON object") from None
    return {key: value for key, value in found.items() if value is not None}


def _number(p: Fields, key: str, default: int = 0) -> int:
    try:
        return int(p.get(key, default))
    except (TypeError, ValueError):
        return default


def _flag(p: Fields, key: str) -> bool:
    return str(p.get(key, "")).lower() in ("true", "1")


def _buttons(markup: Fields | None) -> Iterator[Fields]:
    return itertools.chain.from_iterable((markup or {}).get("inline_keyboard", []))


def _markup(p: Fields) -> Fields | None:
    """The inline keyboard, checked; other kinds of markup do not come back with a message."""
    for button in _buttons(p.get("reply_markup")):
        if not button.get("text") or len(button) < 2:
            raise ApiError(
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
            )
        if not 1 <= len(button.get("callback_data", "-").encode()) <= 64:
            raise ApiError("BUTTON_DATA_INVALID")
    return p["reply_markup"] if any(_buttons(p.get("reply_markup"))) else None


def _text(p: Fields, key: str = "text", limit: int = 4096) -> Fields:
    text, mode = str(p.get(key, "")), p.get("parse_mode", "").lower()
    if mode not in ("", "html"):
        raise ApiError("unsupported parse_mode")
    text = (_without_tags(text) if mode else text).strip()
    if not text:
        raise ApiError("message text is empty")
    if len(text) > limit:
        raise ApiError("message is too long" if key == "text" else "message caption is too long")
    return {key: text}


def _caption(p: Fields) -> Fields:
    return _text(p, "caption", 1024) if p.get("caption") else {}


def _without_tags(source: str) -> str:
    """What a reader sees of HTML; which part was bold is not kept."""
    unclosed: list[str] = []
    for end, name in re.findall(r"<(/?)([^\s>]*)", source):
        if name.lower() not in TAGS:
            raise ApiError(f'can\'t parse entities: Unsupported start tag "{name}"')
        if end and (not unclosed or unclosed.pop() != name):
            raise ApiError(f'can\'t parse entities: Unexpected end tag "{name}"')
        unclosed += [] if end else [name]
    if unclosed:
        raise ApiError(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{unclosed[-1]}\""
        )
    return html.unescape(re.sub(r"<[^>]*>", "", source))
