"""The running hotline: its loops started in order, and stopped so that nothing under way is lost."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import InvalidToken, TelegramError

from bot import alarms, duty, expectation, privacy, returning, rota, service_level, signing_in, undelivered
from bot.catalogue import LANGUAGES, words
from bot.configuration import Configuration, ConfigurationError
from bot.settings import Settings
from bot.turn import Turn
from handlers import metrics
from handlers.alerts import Alerts
from handlers.card.door import CardDoor
from handlers.console.door import Console
from handlers.feeds import Feeds
from handlers.health import Health
from handlers.telegram.delivery import Delivery
from handlers.telegram.limiter import Limiter
from handlers.telegram.poller import Poller
from handlers.telegram.posting import Postman
from handlers.telegram.projection import ALLOWED_UPDATES
from handlers.telegram.reception import Reception
from handlers.telegram.render import Renderer
from handlers.telegram.transport import BotApi, Transport
from handlers.telegram.webhook import Webhook
from handlers.telegram.worker import Worker
from handlers.words import Words
from scheduling.clockwork import Clockwork
from scheduling.instant import Instant
from storage import alive, audit, inbox, outbox
from storage.orphans import destroy_orphans
from storage.outbox import Claimed
from storage.store import Store

_log = structlog.get_logger("hotline")
_WEBHOOK_PATH = "/telegram"
_MENU = ("help", "status", "new", "emergency", "privacy", "language", "withdraw", "close", "delete")


class TokenNotAcceptedError(Exception):
    """Telegram does not know this token."""


class TelegramUnreachableError(Exception):
    """The Bot API does not answer."""


class Hotline:
    """One hotline: opened, run until it is told to stop, and closed."""

    def __init__(self, *, settings: Settings, rules: Configuration, store: Store) -> None:
        self.settings, self.rules, self.store = settings, rules, store
        self.api = BotApi(url=settings.telegram_api_url, token=settings.token, transport=Transport())
        self.alerts = Alerts(alert_url=settings.alert_url, heartbeat_url=settings.heartbeat_url, rules=rules)
        self.worker = Worker(store=store, rules=rules)
        self.reception = Reception(store=store, rules=rules, api=self.api)
        self.clockwork = Clockwork()
        self.bot_name = ""
        self.port = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._runner: web.AppRunner | None = None
        self._delivery: Delivery | None = None

    async def start(self) -> None:
        """Check the token, catch up with what fell due, and begin to listen."""
        await self.store.check_keys()
        await self.api.open()
        self.bot_name = await self._own_name()
        if self.store.is_sqlite:  # the one process on the file: whoever held a lease is gone
            await inbox.let_go(self.store)
            await outbox.let_go(self.store)
        await self._know_days()
        await self._return()
        await self._settle_duty()
        await self._start_http()
        await self._start_loops()
        await self._guarded(self._measure_waiting)
        self._start_clockwork()
        _log.info("started", mode="webhook" if self.settings.webhook_url else "polling", port=self.port)

    async def stop(self) -> None:
        """Take nothing new in, let what is under way finish, and close everything."""
        self.clockwork.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._delivery is not None:
            with contextlib.suppress(SQLAlchemyError, OSError):
                await self._delivery.finish()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.reception.settle()
        await self.api.close()
        await self.store.close()
        _log.info("stopped")

    async def sweep(self) -> None:
        """Do what has fallen due."""
        await self._guarded(self.worker.sweep)

    async def _return(self) -> None:
        """Send buttons again where the hotline was away for longer than Telegram keeps taps."""
        away = await alive.note(self.store)
        if away is None or away <= returning.TAPS_WAIT:
            return
        async with self.store.unit() as unit:
            await returning.send_buttons_again(Turn(unit, self.rules))
            await unit.commit()
        _log.info("buttons_sent_again", away_seconds=int(away.total_seconds()))

    async def _settle_duty(self) -> None:
        """Begin with what fell due, and everybody's duty as rota and word have it now."""
        await self._guarded(self.worker.sweep)
        async with self.store.unit() as unit:
            await duty.settle_all(Turn(unit, self.rules))
            await unit.commit()

    async def _own_name(self) -> str:
        for attempt in range(5):
            try:
                return str((await self.api.call("getMe"))["username"])
            except InvalidToken as error:
                raise TokenNotAcceptedError from error
            except TelegramError:
                await asyncio.sleep(0.2 * 2**attempt)
        raise TelegramUnreachableError

    async def _start_http(self) -> None:
        app = web.Application(client_max_size=1024 * 1024)
        Health(self.store).add_to(app)
        Feeds(self.store, self.rules).add_to(app)
        public_url = self.settings.public_url
        words = Words(self.rules, bot_name=self.bot_name, public_url=public_url)
        Console(store=self.store, rules=self.rules, words=words, public_url=public_url).add_to(app)
        CardDoor(store=self.store, rules=self.rules, words=words, public_url=public_url).add_to(app)
        if self.settings.webhook_url is not None:
            secret = self.settings.webhook_secret
            assert secret is not None
            webhook = Webhook(reception=self.reception, secret=secret.get_secret_value())
            app.router.add_post(_WEBHOOK_PATH, webhook.handle)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.settings.http_host, self.settings.http_port)
        try:
            await site.start()
        except OSError as error:
            where = f"{self.settings.http_host}:{self.settings.http_port}"
            raise ConfigurationError([f"HTTP_PORT: cannot listen on {where}: {error.strerror}"]) from error
        self.port = self._runner.addresses[0][1]

    async def _start_loops(self) -> None:
        limits = self.rules.delivery
        public_url = self.settings.public_url.rstrip("/")
        renderer = Renderer(self.rules, bot_name=self.bot_name, public_url=public_url)
        postman = Postman(store=self.store, api=self.api, renderer=renderer, alerts=self.alerts)
        limiter = Limiter(
            per_second=limits.per_second, per_chat=limits.per_chat_per_second, chat_burst=limits.chat_burst
        )
        self._delivery = Delivery(
            store=self.store, postman=postman, limiter=limiter, failed=self._not_delivered
        )
        loops = [self.worker.run(), self._delivery.run()]
        if self.settings.webhook_url is None:
            with contextlib.suppress(TelegramError):
                await self.api.call("deleteWebhook")
            loops.append(Poller(api=self.api, reception=self.reception).run())
        else:
            loops.append(self._keep_webhook_set())
        loops.append(self._publish_commands())
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def _keep_webhook_set(self) -> None:
        assert self.settings.webhook_secret is not None
        while True:
            try:
                await self.api.call(
                    "setWebhook",
                    url=f"{self.settings.webhook_url}{_WEBHOOK_PATH}",
                    secret_token=self.settings.webhook_secret.get_secret_value(),
                    allowed_updates=list(ALLOWED_UPDATES),
                    max_connections=40,
                )
            except TelegramError as error:
                _log.warning("webhook_not_set", error=type(error).__name__)
                await asyncio.sleep(5)
            else:
                return

    async def _publish_commands(self) -> None:
        """Put the enquirer's commands into Telegram's menu; a failure is of no consequence."""
        for language in LANGUAGES:
            menu = [{"command": name, "description": words(f"menu.{name}", language)} for name in _MENU]
            with contextlib.suppress(TelegramError):
                await self.api.call("setMyCommands", commands=menu, language_code=language)
                if language == self.rules.hotline.languages[0]:
                    await self.api.call("setMyCommands", commands=menu)

    def _start_clockwork(self) -> None:
        beats: list[tuple[str, float, Callable[[], Awaitable[object]]]] = [
            ("sweep", 1, self.worker.sweep),
            ("seal", 5, lambda: audit.seal(self.store)),
            ("alive", 20, lambda: alive.note(self.store)),
            ("copies", 60, self._clear_copies),
            ("days", 60, self._know_days),
            ("prune", 3600, self._prune),
            ("waiting", 3600, self._measure_waiting),
            ("heartbeat", 60, self.alerts.beat),
        ]
        for name, seconds, work in beats:
            self.clockwork.every(seconds, self._beat(work), name=name)
        self.clockwork.start()

    def _beat(self, work: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
        async def beat() -> None:
            await self._guarded(work)

        return beat

    async def _guarded(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - the edge: the clockwork goes on beating
            _log.error("beat_failed", error=type(error).__name__)

    async def _clear_copies(self) -> None:
        async with self.store.unit() as unit:
            if await privacy.clear_panel_copies(Turn(unit, self.rules)):
                await unit.commit()

    async def _know_days(self) -> None:
        async with self.store.unit() as unit:
            await rota.know_days(Turn(unit, self.rules))

    async def _prune(self) -> None:
        await inbox.prune(self.store)
        await outbox.prune(self.store)
        await inbox.destroy_old_keys(self.store)
        await destroy_orphans(self.store)
        kept = timedelta(days=self.rules.retention.audit)
        await audit.prune(self.store, before=Instant.of(self.store.clock.now() - kept))
        async with self.store.unit() as unit:
            await signing_in.forget_old(Turn(unit, self.rules))
            await rota.forget_past(Turn(unit, self.rules))
            await unit.commit()

    async def _measure_waiting(self) -> None:
        """Work out the usual wait that enquirers are told, and the figures of waiting for the operator."""
        await expectation.refresh(self.store, self.rules)
        now = self.store.clock.now()
        since = Instant.of(now - timedelta(days=self.rules.expectation.days))
        metrics.show_waiting(await service_level.waiting(self.store, self.rules, since=since, until=now))

    async def _not_delivered(self, row: Claimed, failure: str) -> None:
        if row.chat_id is None:
            return
        async with self.store.unit() as unit:
            await undelivered.not_delivered(
                Turn(unit, self.rules),
                chat_id=row.chat_id,
                message_id=row.message_id if row.purpose == "copy" else None,
                is_unreachable=failure == "unreachable",
            )
            if failure == "fault":
                await _tell_of_fault(Turn(unit, self.rules), row)
            await unit.commit()


async def _tell_of_fault(turn: Turn, row: Claimed) -> None:
    """Alarm the coordinators; a failing alarm goes out of band alone, or it would beget itself."""
    key = "alarm.outbox_failed"
    if row.key == key:
        outbox.queue(turn.unit, None, key, action="alert")
    else:
        await alarms.alert(turn, key, urgent=True)


async def until_told_to_stop() -> None:
    """Return at SIGTERM or SIGINT."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    await told.wait()
