"""The console's routes, in one place, mounted on the hotline's own server."""

from __future__ import annotations

from pathlib import Path

import aiohttp_jinja2
from aiohttp import web
from jinja2 import FileSystemLoader, StrictUndefined

from bot.configuration import Configuration
from handlers.console import guard
from handlers.console.desk import Desk
from handlers.console.pages.alarm import AlarmPage
from handlers.console.pages.enquiry import EnquiryPage
from handlers.console.pages.handing_on import HandingOnPage
from handlers.console.pages.judging import JudgingPage
from handlers.console.pages.log import LogPage
from handlers.console.pages.now import NowPage
from handlers.console.pages.sessions import SessionsPage
from handlers.console.pages.signing_in import SignInPage
from handlers.console.pages.wishes import WishesPage
from handlers.console.pages.writing import WritingPage
from handlers.words import Words
from storage.store import Store

PATH = "/console"
_TEMPLATES = Path(__file__).parent / "templates"
_ENQUIRY = "/enquiry/{number:[A-Za-z]{1,4}-[0-9]{4}-[0-9]{1,9}}"
_ALARM = "/alarm/{enquiry:[0-9a-f-]{36}}"


class Console:
    """The browser's door."""

    def __init__(self, *, store: Store, rules: Configuration, words: Words, public_url: str) -> None:
        self.desk = Desk(store=store, rules=rules, words=words, public_url=public_url)

    def add_to(self, app: web.Application) -> None:
        """Mount the console under its path."""
        app.add_subapp(PATH, self.application())

    def application(self) -> web.Application:
        """Return the console as an application of its own."""
        desk = self.desk
        made = web.Application(middlewares=guard.middlewares(desk))
        aiohttp_jinja2.setup(
            made,
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        sign_in, sessions = SignInPage(desk), SessionsPage(desk)
        now, enquiry, log = NowPage(desk), EnquiryPage(desk), LogPage(desk)
        made.router.add_get("/static/{version}/{name:.+}", desk.files.read, name="static")
        made.router.add_get("/language/{code:[a-z]{2}}", sign_in.choose_language, name="language")
        made.router.add_get("/sign-in", sign_in.show, name="signin")
        made.router.add_post("/sign-in/begin", sign_in.begin, name="signin-begin")
        made.router.add_get("/sign-in/progress", sign_in.progress, name="signin-progress")
        made.router.add_post("/sign-in/options", sign_in.options, name="signin-options")
        made.router.add_post("/sign-in/prove", sign_in.prove, name="signin-prove")
        made.router.add_get("", now.home, name="home")
        made.router.add_get("/sessions", sessions.show, name="sessions")
        made.router.add_post("/sessions/end", sessions.end, name="session-end")
        made.router.add_get("/now", now.live, name="now-live")
        made.router.add_post("/now/assign", now.assign, name="now-assign")
        made.router.add_get("/cases", now.cases, name="cases")
        made.router.add_get(_ENQUIRY, enquiry.show, name="enquiry")
        made.router.add_post(f"{_ENQUIRY}/close", enquiry.close, name="enquiry-close")
        made.router.add_post(f"{_ENQUIRY}/assign", enquiry.assign, name="enquiry-assign")
        made.router.add_get("/log", log.show, name="log")
        _add_work(desk, made)
        return made


def _add_work(desk: Desk, made: web.Application) -> None:
    """Mount what is done with a case, with an alarm and with people's wishes."""
    writing, handing_on, judging = WritingPage(desk), HandingOnPage(desk), JudgingPage(desk)
    alarm, wishes = AlarmPage(desk), WishesPage(desk)
    made.router.add_post("/cases/handover", handing_on.answer, name="handover-answer")
    made.router.add_post(f"{_ENQUIRY}/note", writing.note, name="enquiry-note")
    made.router.add_post(f"{_ENQUIRY}/mask", writing.mask, name="enquiry-mask")
    made.router.add_post(f"{_ENQUIRY}/handover", handing_on.hand_over, name="enquiry-handover")
    made.router.add_post(f"{_ENQUIRY}/sort", judging.sort, name="enquiry-sort")
    made.router.add_post(f"{_ENQUIRY}/pause", judging.pause, name="enquiry-pause")
    made.router.add_post(f"{_ENQUIRY}/urgency", judging.urgency, name="enquiry-urgency")
    made.router.add_post(f"{_ENQUIRY}/link", judging.link, name="enquiry-link")
    made.router.add_get(_ALARM, alarm.show, name="alarm")
    made.router.add_post(f"{_ALARM}/open", alarm.open, name="alarm-open")
    made.router.add_post(f"{_ALARM}/decide", alarm.decide, name="alarm-decide")
    made.router.add_get("/requests", wishes.show, name="requests")
    made.router.add_post("/requests/answer", wishes.answer, name="request-answer")
