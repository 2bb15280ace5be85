"""A client of the control API, for tests and for seeding: people who write, tap and look."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import orjson

if TYPE_CHECKING:
    from types import TracebackType

    from bot.sandbox.parameters import Json


class Refused(Exception):  # noqa: N818  the name says what happened
    """The sandbox could not play what was asked; the message is its own."""


class Client:
    """Speaks to a running sandbox: `async with Client("http://127.0.0.1:8081") as telegram`."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, name: str, **wish: object) -> Any:
        """Return what GET /_control/<name> answers. Raises Refused."""
        return await self._ask("GET", name, params={key: str(value) for key, value in wish.items()})

    async def post(self, name: str, **wish: object) -> Any:
        """Return what POST /_control/<name> answers. Raises Refused."""
        headers = {"Content-Type": "application/json"}
        return await self._ask("POST", name, data=orjson.dumps(wish), headers=headers)

    async def _ask(self, method: str, name: str, **how: Any) -> Any:
        if self._session is None:
            raise Refused("Use the client in `async with`.")
        async with self._session.request(method, f"{self._base}/_control/{name}", **how) as answer:
            result = orjson.loads(await answer.read())
        if answer.status != 200:
            raise Refused(result.get("error", f"{answer.status} {answer.reason}"))
        return result

    async def user(self, first_name: str, **fields: object) -> Played:
        """Return a person to play, by their first name; whoever is unknown comes to exist."""
        for known in await self.get("users"):
            if known["first_name"] == first_name and fields.get("id") in {None, known["id"]}:
                if fields:
                    known = await self.post("users", **{**known, **fields})  # noqa: PLW2901
                return Played(self, known)
        return Played(self, await self.post("users", first_name=first_name, **fields))

    async def requests(self, *, after: int = 0, method: str = "", timeout: float = 0) -> list[Json]:  # noqa: ASYNC109
        """Return the bot's recorded requests, of one method if named; with a timeout, wait for the first."""
        found = (await self.get("requests", after=after, timeout=timeout))["requests"]
        return [entry for entry in found if method.lower() in {"", entry["method"]}]

    async def acknowledged(self) -> Json:
        """Return the updates that are confirmed, waiting and lost."""
        result: Json = await self.get("acknowledged")
        return result

    async def all_confirmed(self, *, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Return as soon as no update waits. Raises AssertionError."""
        until = asyncio.get_running_loop().time() + timeout
        while (counts := await self.get("acknowledged", counts=1))["waiting"]:
            if asyncio.get_running_loop().time() > until:
                raise AssertionError(f"{counts['waiting']} updates still wait for the bot.")
            await asyncio.sleep(0.02)

    async def skip(self, **duration: float) -> None:
        """Move the clock: weeks, days, hours, minutes, seconds."""
        units = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
        await self.post("clock", skip_seconds=sum(units[unit] * count for unit, count in duration.items()))

    async def set_clock(self, moment: str) -> None:
        """Set the clock to an ISO time."""
        await self.post("clock", set=moment)

    async def faults(self, **settings: object) -> Json:
        """Change faults and limits and return all of them."""
        result: Json = await self.post("faults", **settings)
        return result

    async def reset(self) -> None:
        """Begin anew."""
        await self.post("reset")


class Played:
    """One person, played through the control API."""

    def __init__(self, telegram: Client, record: Json) -> None:
        self._telegram = telegram
        self.record = record
        self.id: int = record["id"]
        self.name: str = record["first_name"]

    async def start(self, payload: str = "") -> int:
        """Press Start and return the message's id."""
        return int((await self._telegram.post("start", user=self.id, payload=payload))["message_id"])

    async def says(self, text: str, **more: object) -> int:
        """Write a text and return its id; `reply_to`, `raw`, `at` and `hold` are passed on."""
        return int((await self._telegram.post("say", user=self.id, text=text, **more))["message_id"])

    async def sends(self, **message: object) -> int:
        """Send anything else, given raw: `photo=[]`, `sticker={}`, `voice={}`, `caption="…"`."""
        return int((await self._telegram.post("send", user=self.id, message=message))["message_id"])

    async def taps(self, button: str, *, overtake: bool | None = None, timeout: float = 5.0) -> str:  # noqa: ASYNC109
        """Press the newest button with this text, or whose data begins so; wait for it to appear."""
        message_id, data = await self._button(button, timeout)
        return await self.taps_stale(message_id, data, overtake=overtake)

    async def taps_stale(self, message_id: int, data: str, *, overtake: bool | None = None) -> str:
        """Press a button that may be gone, and return the tap's id."""
        wish = {"user": self.id, "message_id": message_id, "data": data, "overtake": overtake}
        return str((await self._telegram.post("tap", **wish))["callback_query_id"])

    async def _button(self, wanted: str, seconds: float) -> tuple[int, str]:
        until = asyncio.get_running_loop().time() + seconds
        revision = -1
        while (left := until - asyncio.get_running_loop().time()) > 0:
            chat = await self._telegram.get(f"chat/{self.id}", revision=revision, timeout=left)
            revision = chat["revision"]
            for message in reversed(chat["messages"]):
                if (data := _data_behind(wanted, message)) is not None:
                    return message["message_id"], data
        raise AssertionError(f"{self.name} sees no button {wanted!r}:\n{await self.transcript()}")

    async def edits(self, message_id: int, text: str) -> None:
        """Edit an own message."""
        await self._telegram.post("edit", user=self.id, message_id=message_id, text=text)

    async def deletes(self, message_id: int, *, for_both: bool = False) -> None:
        """Delete a message from the own screen; the bot hears nothing."""
        await self._telegram.post("delete", user=self.id, message_id=message_id, for_both=for_both)

    async def blocks(self) -> None:
        """Block the bot."""
        await self._telegram.post("block", user=self.id)

    async def unblocks(self) -> None:
        """Unblock the bot."""
        await self._telegram.post("unblock", user=self.id)

    async def chat(self) -> Json:
        """Return the chat as this person sees it."""
        result: Json = await self._telegram.get(f"chat/{self.id}")
        return result

    async def messages(self) -> list[Json]:
        """Return all messages, oldest first, deleted ones included and marked."""
        return list((await self.chat())["messages"])

    async def notices(self) -> list[Json]:
        """Return the answers to taps, oldest first."""
        return list((await self.chat())["notices"])

    async def sees(self, text: str, *, timeout: float = 5.0, after: int = 0) -> Json:  # noqa: ASYNC109
        """Return the bot's newest message that contains the text; wait for it. Raises AssertionError."""
        if (found := await self._awaited(text, timeout, after)) is not None:
            return found
        raise AssertionError(
            f"{self.name} does not see {text!r} within {timeout} s:\n{await self.transcript()}"
        )

    async def does_not_see(self, text: str, *, within: float = 0.3, after: int = 0) -> None:
        """Return once the time is over and no message of the bot contains the text. Raises AssertionError."""
        if await self._awaited(text, within, after) is not None:
            raise AssertionError(f"{self.name} sees {text!r}, and should not:\n{await self.transcript()}")

    async def _awaited(self, text: str, seconds: float, after: int) -> Json | None:
        until = asyncio.get_running_loop().time() + seconds
        revision = -1
        while True:
            left = max(0.0, until - asyncio.get_running_loop().time())
            chat = await self._telegram.get(f"chat/{self.id}", after=after, revision=revision, timeout=left)
            revision = chat["revision"]
            for message in reversed(chat["messages"]):
                shown = f"{message['text']}{message['caption']}"
                if message["from_bot"] and not message["deleted"] and text in shown:
                    found: Json = message
                    return found
            if not left:
                return None

    async def transcript(self) -> str:
        """Return the chat as lines of text, for an error message."""
        lines: list[str] = []
        for message in await self.messages():
            who = "bot" if message["from_bot"] else self.name
            marks = "".join(f" ({mark})" for mark in ("edited", "deleted") if message[mark])
            what = message["text"] or message["caption"] or f"<{message['kind']}>"
            buttons = " | ".join(button["text"] for row in message["keyboard"] for button in row)
            lines.append(
                f"  {message['message_id']} {who}{marks}: {what}{f'  [{buttons}]' if buttons else ''}"
            )
        return "\n".join(lines) or "  (the chat is empty)"


def _data_behind(wanted: str, message: Json) -> str | None:
    """Return the data of the button that is wanted, if the message shows one."""
    for row in [] if message["deleted"] else message["keyboard"]:
        for button in row:
            data = str(button.get("callback_data", ""))
            if data and (data.startswith(wanted) or button["text"] == wanted):
                return data
    return None
