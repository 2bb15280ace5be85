"""One HTTP server for the bot, the page and the control API."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

import orjson
from aiohttp import web

from bot.sandbox.bot_door import BotDoor, refuse
from bot.sandbox.failures import AnswerWithheld, PortTaken, Unplayable
from bot.sandbox.page_files import PageFiles

if TYPE_CHECKING:
    from bot.sandbox.control import Control
    from bot.sandbox.parameters import Json
    from bot.sandbox.world import World

CONTROL = "/_control/"
LARGEST_BODY = 50 * 1024 * 1024
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
HEARTBEAT_SECONDS = 15.0


class _Request(web.BaseRequest):
    """A request whose body may be as large as a file a bot may send."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given, client_max_size=LARGEST_BODY)  # type: ignore[arg-type]


class Server:
    """Listens on one port; who is not on this machine reaches the Bot API's side only."""

    def __init__(self, world: World, control: Control) -> None:
        self._world = world
        self._control = control
        self.door = BotDoor(world)
        self._page = PageFiles()
        self._prefix = f"/bot{world.profile.token}/"
        self._files = f"/file/bot{world.profile.token}/"
        self._runner: web.ServerRunner | None = None
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Listen from now on. Raises PortTaken."""
        self._world.changes.open()
        self.door.receiving.open()

        def request_factory(*parts: object) -> web.BaseRequest:
            return _Request(*parts, asyncio.get_running_loop())

        server = web.Server(self._handle, request_factory=request_factory, access_log=None)
        self._runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, backlog=1024)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            self._runner = None
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(port) from None
            raise
        self.port = self._runner.addresses[0][1]
        self.door.webhook.open()

    async def stop(self) -> None:
        """Answer who waits, deliver no more, and let go of the port."""
        self._control.close()
        self._world.changes.close()
        self.door.receiving.close()
        await self.door.webhook.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0]
        if "%" in path:
            path = unquote(path)
        try:
            if path.startswith(self._prefix):
                answer: web.StreamResponse = await self.door.handle(request, path[len(self._prefix) :])
            elif path.startswith(CONTROL):
                answer = await self._controlled(request, path[len(CONTROL) :])
            else:
                return self._other(request, path)
        except AnswerWithheld:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        self._world.journal.flush()  # what is answered is remembered
        return answer

    def _other(self, request: web.BaseRequest, path: str) -> web.Response:
        if path.startswith(self._files):
            return self.door.open_file(path[len(self._files) :])
        if path.startswith("/bot"):
            return refuse(401, "Unauthorized")
        if not _is_local(request):
            return refuse(403, "Forbidden")
        return self._page.open(path) or refuse(404, "Not Found")

    async def _controlled(self, request: web.BaseRequest, name: str) -> web.StreamResponse:
        if not _is_local(request):
            return _said(403, "The control API answers on this machine only.")
        if name == "events":
            return await self._events(request)
        is_change = request.method == "POST"
        if is_change and request.content_type != "application/json":
            return _said(415, "Send JSON, and say so in Content-Type.")
        try:
            wish = await self._wish(request, is_change=is_change)
            result = await self._control.perform(name, wish, is_change=is_change)
        except KeyError:
            return _said(404, f"There is no {request.method} {CONTROL}{name}.")
        except (Unplayable, ValueError) as error:
            return _said(400, str(error))
        return web.Response(body=orjson.dumps(result), content_type="application/json")

    @staticmethod
    async def _wish(request: web.BaseRequest, *, is_change: bool) -> Json:
        if not is_change:
            return dict(parse_qsl(request.raw_path.partition("?")[2]))
        body = await request.read()
        wish = orjson.loads(body) if body else {}
        if not isinstance(wish, dict):
            raise Unplayable("The body must be one JSON object.")
        return wish

    async def _events(self, request: web.BaseRequest) -> web.StreamResponse:
        """Tell the page which chats moved on, as they do, until it leaves."""
        stream = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        )
        await stream.prepare(request)
        queue = self._world.changes.listen()
        try:
            await stream.write(b"retry: 1000\n\n")
            while not self._world.changes.is_closed:
                await stream.write(await self._next_event(queue))
        except (ConnectionError, asyncio.CancelledError):
            return stream
        finally:
            self._world.changes.forget(queue)
        return stream

    @staticmethod
    async def _next_event(queue: asyncio.Queue[int]) -> bytes:
        try:
            topics = {await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)}
        except TimeoutError:
            return b": still here\n\n"
        while not queue.empty():
            topics.add(queue.get_nowait())
        return b"data: " + orjson.dumps({"chats": sorted(topics)}) + b"\n\n"


def _is_local(request: web.BaseRequest) -> bool:
    """Return whether the request comes from this machine, and was meant for it."""
    name = request.headers.get("Host", "localhost")
    name = name if name.endswith("]") else name.rpartition(":")[0] or name
    try:
        is_loopback = ipaddress.ip_address((request.remote or "").split("%")[0]).is_loopback
    except ValueError:
        is_loopback = False
    return is_loopback and name in OWN_NAMES


def _said(status: int, sentence: str) -> web.Response:
    return web.Response(
        body=orjson.dumps({"error": sentence}), status=status, content_type="application/json"
    )
