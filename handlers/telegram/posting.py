"""Posts one outbox row: sends, edits or deletes, in the words and the language of its reader."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any
from uuid import UUID

from telegram.error import BadRequest

from bot.writing import file_of
from handlers.alerts import Alerts
from handlers.telegram.render import Renderer, split
from handlers.telegram.transport import BotApi
from storage.outbox import Claimed, Mark
from storage.queries.delivery import Background, read_address, read_message
from storage.store import Store

_ADDRESSES_REMEMBERED = 20_000
_DELETED_AT_ONCE = 100
_NOT_MODIFIED = "not modified"
_MEDIA = {"photo": "sendPhoto", "document": "sendDocument"}


class NothingToDoError(Exception):
    """What the row speaks of is gone: there is nothing left to do."""


class Postman:
    """Posts rows through the Bot API; raises python-telegram-bot's errors for the deliverer to judge."""

    def __init__(self, *, store: Store, api: BotApi, renderer: Renderer, alerts: Alerts) -> None:
        self._store, self._api, self._renderer, self._alerts = store, api, renderer, alerts
        self._addresses: OrderedDict[UUID, int] = OrderedDict()

    async def post(self, row: Claimed, known: Background) -> Mark:
        """Do what the row asks for, and return its mark."""
        if row.chat_id is None:
            await self._alerts.send(row.key or "")
            return Mark(row)
        if row.chat_id not in known.readers:
            raise NothingToDoError
        address = await self._address(row.chat_id, known)
        if row.action == "send":
            return await self._send(row, known, address)
        if row.action == "edit":
            return await self._edit(row, known, address)
        return await self._delete(row, known, address)

    async def _send(self, row: Claimed, known: Background, address: int) -> Mark:
        body = await self._body(row, known)
        parts = split(self._text(row, known, body))
        part = min(row.part, len(parts) - 1)
        is_last = part == len(parts) - 1
        content: dict[str, Any] = {"chat_id": address, "link_preview_options": {"is_disabled": True}}
        if known.readers[row.chat_id].is_staff:  # type: ignore[index]  # post() has looked it up
            content["protect_content"] = True
        keyboard = self._keyboard(row, known)
        if is_last and keyboard is not None:
            content["reply_markup"] = keyboard
        replied = known.postings.get(row.seq)
        if replied:
            content["reply_parameters"] = {
                "message_id": replied[0].telegram_id,
                "allow_sending_without_reply": True,
            }
        sent = await self._call_send(body, parts[part], content)
        return Mark(
            row,
            telegram_id=int(sent["message_id"]),
            enquiry_id=known.enquiry_of(row),
            is_last_part=is_last,
        )

    async def _call_send(self, body: dict[str, Any] | None, text: str, content: dict[str, Any]) -> Any:
        file = None if body is None else file_of(body)
        if file is None:
            return await self._api.call("sendMessage", text=text, **content)
        content.pop("link_preview_options")
        content |= {file.kind: file.file_id, "caption": text[:1024]}
        return await self._api.call(_MEDIA[file.kind], **content)

    async def _edit(self, row: Claimed, known: Background, address: int) -> Mark:
        standing = known.postings.get(row.seq, [])
        if not standing:
            return await self._send_instead(row, known, address)
        text = split(self._text(row, known, await self._body(row, known)))[0]
        changed: dict[str, Any] = {"chat_id": address, "message_id": standing[0].telegram_id, "text": text}
        keyboard = self._keyboard(row, known)
        if keyboard is not None:
            changed["reply_markup"] = keyboard
        try:
            await self._api.call("editMessageText", link_preview_options={"is_disabled": True}, **changed)
        except BadRequest as error:
            if _NOT_MODIFIED in str(error).lower():
                return Mark(row)
            if "not found" in str(error).lower() or "can't be edited" in str(error).lower():
                return await self._send_instead(row, known, address)
            raise
        return Mark(row)

    async def _send_instead(self, row: Claimed, known: Background, address: int) -> Mark:
        """A card that is gone is posted anew; a copy that is gone stays gone."""
        if row.purpose in ("intake", "offer"):
            return await self._send(row, known, address)
        raise NothingToDoError

    async def _delete(self, row: Claimed, known: Background, address: int) -> Mark:
        standing = known.postings.get(row.seq, [])
        if row.action == "delete_earlier":
            standing = standing[1:]
        for at in range(0, len(standing), _DELETED_AT_ONCE):
            ids = [posting.telegram_id for posting in standing[at : at + _DELETED_AT_ONCE]]
            if len(ids) == 1:
                await self._call_quietly("deleteMessage", chat_id=address, message_id=ids[0])
            else:
                await self._call_quietly("deleteMessages", chat_id=address, message_ids=ids)
        return Mark(row, gone=tuple(posting.id for posting in standing))

    async def _call_quietly(self, method: str, **parameters: Any) -> None:
        """Call it; that the message is gone, too old or unchanged is as good as done."""
        try:
            await self._api.call(method, **parameters)
        except BadRequest as error:
            said = str(error).lower()
            if not any(
                fine in said for fine in (_NOT_MODIFIED, "not found", "can't be deleted", "can't be edited")
            ):
                raise

    def _text(self, row: Claimed, known: Background, body: dict[str, Any] | None) -> str:
        written = None if body is None else str(body.get("text", ""))
        return self._renderer.text(
            row.key or "",
            row.params,
            language=self._language(row, known),
            now=self._store.clock.now(),
            written=written,
        )

    def _keyboard(self, row: Claimed, known: Background) -> dict[str, Any] | None:
        language = self._language(row, known)
        return self._renderer.keyboard(row.buttons, language=language, now=self._store.clock.now())

    def _language(self, row: Claimed, known: Background) -> str:
        reader = known.readers[row.chat_id]  # type: ignore[index]  # post() has looked it up
        return reader.language or self._renderer.first_language

    async def _body(self, row: Claimed, known: Background) -> dict[str, Any] | None:
        if row.message_id is None:
            return None
        message = known.messages.get(row.message_id)
        if message is None or (message.withdrawn_at is not None):
            raise NothingToDoError
        body = await read_message(self._store, message)
        if body is None:
            raise NothingToDoError
        return body

    async def _address(self, chat_id: UUID, known: Background) -> int:
        if chat_id not in self._addresses:
            self._addresses[chat_id] = await read_address(self._store, chat_id, known.readers[chat_id])
            if len(self._addresses) > _ADDRESSES_REMEMBERED:
                self._addresses.popitem(last=False)
        return self._addresses[chat_id]
