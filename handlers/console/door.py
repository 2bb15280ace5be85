"""The console's routes, in one place, mounted on the hotline's own server."""

from __future__ import annotations

from pathlib import Path

import aiohttp_jinja2
from aiohttp import web
from jinja2 import FileSystemLoader, StrictUndefined

from bot.configuration import Configuration
from handlers.console import guard
from handlers.console.desk import Desk
from handlers.console.pages.enquiry import EnquiryPage
from handlers.console.pages.log import LogPage
from handlers.console.pages.now import NowPage
from handlers.console.pages.rota import RotaPage
from handlers.console.pages.rota_change import RotaChangePage
from handlers.console.pages.rota_papers import RotaPapersPage
from handlers.console.pages.sessions import SessionsPage
from handlers.console.pages.signing_in import SignInPage
from handlers.words import Words
from storage.store import Store

PATH = "/console"
_TEMPLATES = Path(__file__).parent / "templates"
_NUMBER = "{number:[A-Za-z]{1,4}-[0-9]{4}-[0-9]{1,9}}"


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
        rota, change, papers = RotaPage(desk), RotaChangePage(desk), RotaPapersPage(desk)
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
        made.router.add_get(f"/enquiry/{_NUMBER}", enquiry.show, name="enquiry")
        made.router.add_post(f"/enquiry/{_NUMBER}/close", enquiry.close, name="enquiry-close")
        made.router.add_post(f"/enquiry/{_NUMBER}/assign", enquiry.assign, name="enquiry-assign")
        made.router.add_get("/rota", rota.week, name="rota")
        made.router.add_get("/rota/month", rota.month, name="rota-month")
        made.router.add_get("/rota/shift", rota.shift, name="rota-shift")
        made.router.add_get("/rota/person", rota.person, name="rota-person")
        made.router.add_get("/rota/change", change.show, name="rota-change")
        made.router.add_post("/rota/change/make", change.make, name="rota-make")
        made.router.add_get("/rota/days", papers.days, name="rota-days")
        made.router.add_get("/rota/file", papers.file, name="rota-file")
        made.router.add_post("/rota/file/read", papers.read, name="rota-read")
        made.router.add_get("/rota/rota.yaml", papers.export, name="rota-export")
        made.router.add_get("/rota/calendars", papers.calendars, name="rota-calendars")
        made.router.add_post("/rota/calendars/open", papers.open, name="rota-calendar-open")
        made.router.add_post("/rota/calendars/close", papers.close, name="rota-calendar-close")
        made.router.add_get("/log", log.show, name="log")
        return made
