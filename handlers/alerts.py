"""Alerts out of band: a content-free line to ALERT_URL, and the heartbeat that says all is well."""

from __future__ import annotations

import aiohttp
import structlog

from bot.configuration import Configuration

_log = structlog.get_logger("alerts")
_SECONDS = 10


class AlertNotTakenError(OSError):
    """The alert's address did not take it; it is tried again."""


class Alerts:
    """Posts the key of an alarm as JSON; where no address is configured it is a line in the log."""

    def __init__(self, *, alert_url: str | None, heartbeat_url: str | None, rules: Configuration) -> None:
        self._alert_url, self._heartbeat_url, self._rules = alert_url, heartbeat_url, rules

    async def send(self, key: str) -> None:
        """Have the operator's alert address take the alarm; raises AlertNotTakenError."""
        _log.warning("alert", key=key)
        if self._alert_url is None:
            return
        name = self._rules.hotline.name[self._rules.hotline.languages[0]]
        try:
            async with (
                _session() as session,
                session.post(self._alert_url, json={"alarm": key, "hotline": name}) as response,
            ):
                if response.status >= 300:
                    raise AlertNotTakenError
        except (aiohttp.ClientError, TimeoutError) as error:
            raise AlertNotTakenError from error

    async def beat(self) -> None:
        """Tell the heartbeat address that the hotline is alive; a miss is only logged."""
        if self._heartbeat_url is None:
            return
        try:
            async with _session() as session, session.get(self._heartbeat_url) as response:
                if response.status >= 300:
                    _log.warning("heartbeat_refused", status=response.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            _log.warning("heartbeat_failed", error=type(error).__name__)


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS))
