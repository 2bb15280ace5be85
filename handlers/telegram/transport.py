"""python-telegram-bot's network seam over aiohttp with JSON bodies; an error never names the token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aiohttp
import orjson
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

if TYPE_CHECKING:
    from telegram._utils.types import ODVInput

_SECONDS = 20.0
_CONNECTIONS = 128


class _Parameters:
    """A request's parameters where no file is uploaded; what the seam needs of a RequestData."""

    contains_files = False

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters


class Transport(BaseRequest):
    """Sends a method's parameters as JSON over kept-alive connections."""

    def __init__(self, *, connections: int = _CONNECTIONS) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds a call may take unless it says otherwise."""
        return _SECONDS

    async def initialize(self) -> None:
        """Open the connections' pool."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector)

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the answer; raises TelegramError for one that is no JSON, without repeating it."""
        try:
            return cast("dict[str, Any]", orjson.loads(payload))
        except orjson.JSONDecodeError:
            message = "Invalid server response"
            raise TelegramError(message) from None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Return status and body; a connection that breaks is a NetworkError, silence a TimedOut."""
        assert self._session is not None, "initialize() comes first"
        seconds = read_timeout if isinstance(read_timeout, int | float) else _SECONDS
        body = orjson.dumps(request_data.parameters) if request_data is not None else b"{}"
        try:
            async with self._session.request(
                method,
                url,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=seconds),
            ) as response:
                return response.status, await response.read()
        except TimeoutError:
            raise TimedOut from None
        except aiohttp.ClientError as error:
            raise NetworkError(type(error).__name__) from None


class BotApi:
    """Calls methods of the Bot API by name; raises python-telegram-bot's errors."""

    def __init__(self, *, url: str, token: str, transport: Transport) -> None:
        self._base = f"{url}/bot{token}"
        self._transport = transport

    async def call(self, method: str, *, seconds: float = _SECONDS, **parameters: Any) -> Any:
        """Return what the method answers."""
        data = cast("RequestData", _Parameters(parameters))
        return await self._transport.post(f"{self._base}/{method}", data, read_timeout=seconds)

    async def open(self) -> None:
        """Open the connections."""
        await self._transport.initialize()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.shutdown()
