"""Posts one outbox row: sends, edits or deletes, in the words and the language of its reader."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from telegram.error import BadRequest

from bot import own_data
from bot.catalogue import words
from bot.incoming import File
from bot.turn import DIGEST
from bot.writing import file_of
from handlers.alerts import Alerts
from handlers.telegram.render import MOST_IN_CAPTION, Renderer, split
from handlers.telegram.transport import BotApi
from storage.models import Posting
from storage.outbox import Claimed, Mark
from storage.queries.delivery import Background, read_address, read_message
from storage.store import Store

_ADDRESSES_REMEMBERED = 20_000
_DELETED_AT_ONCE = 100
_NOT_MODIFIED = "not modified"
_GONE = ("not found", "can't be edited", "no text in the message")
_OF_A_CASE = ("copy", "head", "alarm")  # protected for every reader but its enquirer
_WRITTEN = ("copy", "echo")  # what somebody wrote
_TOO_OLD = timedelta(hours=48)  # Telegram lets no bot delete what is older
_MEDIA = {"photo": "sendPhoto", "document": "sendDocument"}
_COPIED = "invite.made"  # a link that is there to be copied and sent on


class NothingToDoError(Exception):
    """What the row speaks of is gone: there is nothing left to do."""


def _is_protected(row: Claimed, known: Background) -> bool:
    """Whether it must not be passed on: all that staff read, whoever is staff by now, but for an invite."""
    if row.chat_id is None or row.key == _COPIED:
        return False
    is_of_a_case = row.purpose in _OF_A_CASE and not known.is_for_enquirer(row)
    return is_of_a_case or known.readers[row.chat_id].is_staff


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
        if row.action in ("send", "edit") and not known.may_be_shown(row):
            raise NothingToDoError
        if row.action == "menu":
            return await self._menu(row, known, address)
        if row.action == "send":
            return await self._send(row, known, address)
        if row.action == "edit":
            return await self._edit(row, known, address)
        return await self._delete(row, known, address)

    async def _menu(self, row: Claimed, known: Background, address: int) -> Mark:
        """Have Telegram's menu in the chat show the commands; without any, those of everybody."""
        assert row.chat_id is not None
        language = known.readers[row.chat_id].language or self._renderer.first_language
        scope = {"type": "chat", "chat_id": address}
        shown = [
            {"command": name, "description": words(f"menu.{name}", language)}
            for name in row.params["commands"]
        ]
        if shown:
            await self._api.call("setMyCommands", commands=shown, scope=scope)
        else:
            await self._api.call("deleteMyCommands", scope=scope)
        return Mark(row)

    async def _send(self, row: Claimed, known: Background, address: int) -> Mark:
        row = await self._with_secret(row)
        body = await self._body(row, known)
        parts = self._parts(row, known, body)
        part = min(row.part, len(parts) - 1)
        return await self._send_part(row, known, address, body=body, parts=parts, part=part)

    async def _send_part(
        self,
        row: Claimed,
        known: Background,
        address: int,
        *,
        body: dict[str, Any] | None,
        parts: list[str],
        part: int,
    ) -> Mark:
        is_last = part == len(parts) - 1
        content: dict[str, Any] = {"chat_id": address, "link_preview_options": {"is_disabled": True}}
        if _is_protected(row, known):
            content["protect_content"] = True
        if row.priority >= DIGEST:
            content["disable_notification"] = True
        keyboard = self._keyboard(row, known)
        if is_last and keyboard is not None:
            content["reply_markup"] = keyboard
        replied = known.postings.get(row.seq)
        if replied:
            content["reply_parameters"] = {
                "message_id": replied[0].telegram_id,
                "allow_sending_without_reply": True,
            }
        file = file_of(body) if body is not None and part == 0 else None
        sent = await self._call_send(file, parts[part], content)
        return Mark(
            row,
            telegram_id=int(sent["message_id"]),
            enquiry_id=known.enquiry_of(row),
            is_last_part=is_last,
        )

    async def _call_send(self, file: File | None, text: str, content: dict[str, Any]) -> Any:
        if file is None:
            return await self._api.call("sendMessage", text=text, **content)
        content.pop("link_preview_options")
        content |= {file.kind: file.file_id, "caption": text}
        return await self._api.call(_MEDIA[file.kind], **content)

    async def _edit(self, row: Claimed, known: Background, address: int) -> Mark:
        """Have what stands say something else: a card its newest posting, a copy all its parts."""
        standing = known.postings.get(row.seq, [])
        if not standing:
            return await self._send_instead(row, known, address)
        if row.purpose in _WRITTEN and row.message_id is not None:
            return await self._edit_copy(row, known, address, standing[::-1])
        text = self._parts(row, known, None)[0]
        keyboard = self._keyboard(row, known)
        changed: dict[str, Any] = {"text": text} | ({} if keyboard is None else {"reply_markup": keyboard})
        is_changed = await self._change(address, standing[0], changed)
        surplus = [] if row.purpose != "copy" else standing[1 if is_changed else 0 :]
        gone = await self._delete_standing(address, surplus)
        if is_changed:
            return Mark(row, gone=gone)
        if row.purpose == "copy":  # a picture: it is gone, and words stand in its place
            return replace(await self._send(row, known, address), gone=gone)
        return await self._send_instead(row, known, address)

    async def _edit_copy(
        self, row: Claimed, known: Background, address: int, standing: list[Posting]
    ) -> Mark:
        body = await self._body(row, known)
        parts = self._parts(row, known, body)
        for place, (posting, text) in enumerate(zip(standing, parts, strict=False)):
            is_caption = place == 0 and body is not None and file_of(body) is not None
            await self._change(address, posting, {"caption" if is_caption else "text": text})
        surplus = standing[len(parts) :]
        gone = await self._delete_standing(address, surplus)
        if len(parts) > len(standing):  # it has grown: each round adds one part, until all stand
            return await self._send_part(row, known, address, body=body, parts=parts, part=len(standing))
        return Mark(row, gone=gone)

    async def _change(self, address: int, posting: Posting, changed: dict[str, Any]) -> bool:
        """Change what stands there; False where it is gone, or is a picture that cannot become words."""
        method = "editMessageCaption" if "caption" in changed else "editMessageText"
        preview: dict[str, Any] = (
            {} if "caption" in changed else {"link_preview_options": {"is_disabled": True}}
        )
        try:
            await self._api.call(
                method, chat_id=address, message_id=posting.telegram_id, **preview, **changed
            )
        except BadRequest as error:
            said = str(error).lower()
            if _NOT_MODIFIED in said:
                return True
            if any(gone in said for gone in _GONE):
                return False
            raise
        return True

    async def _send_instead(self, row: Claimed, known: Background, address: int) -> Mark:
        """A card that is gone is posted anew; a copy that is gone stays gone."""
        if row.purpose in ("intake", "offer"):
            return await self._send(row, known, address)
        raise NothingToDoError

    async def _delete(self, row: Claimed, known: Background, address: int) -> Mark:
        standing = known.postings.get(row.seq, [])
        if row.action == "delete_earlier":
            standing = standing[1:]
        return Mark(row, gone=await self._delete_standing(address, standing))

    async def _delete_standing(self, address: int, standing: list[Posting]) -> tuple[UUID, ...]:
        """Delete what Telegram still lets the bot delete, and return it: one too old fails a batch."""
        oldest = self._store.clock.now() - _TOO_OLD
        young = [posting for posting in standing if posting.posted_at > oldest]
        for at in range(0, len(young), _DELETED_AT_ONCE):
            ids = [posting.telegram_id for posting in young[at : at + _DELETED_AT_ONCE]]
            if len(ids) == 1 or not await self._delete_together(address, ids):
                for telegram_id in ids:
                    await self._call_quietly("deleteMessage", chat_id=address, message_id=telegram_id)
        return tuple(posting.id for posting in young)

    async def _delete_together(self, address: int, ids: list[int]) -> bool:
        try:
            await self._api.call("deleteMessages", chat_id=address, message_ids=ids)
        except BadRequest as error:
            said = str(error).lower()
            if "can't be deleted" in said or "not found" in said:
                return False
            raise
        return True

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

    def _parts(self, row: Claimed, known: Background, body: dict[str, Any] | None) -> list[str]:
        has_file = body is not None and file_of(body) is not None
        text = self._text(row, known, body)
        return split(text, first=MOST_IN_CAPTION) if has_file else split(text)

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

    async def _with_secret(self, row: Claimed) -> Claimed:
        """Return the row with the secret of the contact card's link it carries: no table holds that."""
        link = row.params.get("link")
        if not isinstance(link, dict) or "card" not in link:
            return row
        path = await own_data.path(self._store.keys, link["card"], now=self._store.clock.now())
        return replace(row, params={**row.params, "link": {"card": path}})

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
