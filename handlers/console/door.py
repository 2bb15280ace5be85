"""The console's routes, in one place, mounted on the hotline's own server."""

from __future__ import annotations

from pathlib import Path

import aiohttp_jinja2
from aiohttp import web
from jinja2 import FileSystemLoader, StrictUndefined

from bot.configuration import Configuration
from handlers.console import guard
from handlers.console.desk import Desk
from handlers.console.pages.card import CardPage
from handlers.console.pages.enquiry import EnquiryPage
from handlers.console.pages.invites import InvitesPage
from handlers.console.pages.log import LogPage
from handlers.console.pages.now import NowPage
from handlers.console.pages.panel import PanelPage
from handlers.console.pages.person import PersonPage
from handlers.console.pages.referral import ReferralPage
from handlers.console.pages.referral_leaving import ReferralLeavingPage
from handlers.console.pages.sessions import SessionsPage
from handlers.console.pages.signing_in import SignInPage
from handlers.words import Words
from storage.store import Store

PATH = "/console"
_TEMPLATES = Path(__file__).parent / "templates"
_PAPER = "{party:[a-z0-9_]{1,40}}/{sheet:register_sheet|meeting_annex}.{kind:pdf|docx}"
_VERSION = "{version:[0-9]{1,5}}"
_PERSON = "/panel/{person:[0-9a-f-]{36}}"
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
        card = CardPage(desk)
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
        made.router.add_post(f"/enquiry/{_NUMBER}/card/ask", card.ask, name="card-ask")
        made.router.add_post(f"/enquiry/{_NUMBER}/card/open", card.open, name="card-open")
        made.router.add_get("/log", log.show, name="log")
        self._add_panel(made)
        self._add_referral(made.router)
        return made

    def _add_panel(self, made: web.Application) -> None:
        panel, person, invites = PanelPage(self.desk), PersonPage(self.desk), InvitesPage(self.desk)
        made.router.add_get("/panel", panel.show, name="panel")
        made.router.add_get("/panel/invites", invites.show, name="invites")
        made.router.add_post("/panel/invites", invites.make, name="invite-make")
        made.router.add_post("/panel/invites/withdraw", invites.withdraw, name="invite-withdraw")
        made.router.add_get(_PERSON, person.show, name="person")
        made.router.add_post(f"{_PERSON}/change", person.change, name="person-change")
        made.router.add_post(f"{_PERSON}/pause", person.pause, name="person-pause")
        made.router.add_post(f"{_PERSON}/resume", person.resume, name="person-resume")
        made.router.add_get(f"{_PERSON}/close", person.ask_to_close, name="person-close-ask")
        made.router.add_post(f"{_PERSON}/close", person.close, name="person-close")
        made.router.add_post(f"{_PERSON}/again", invites.again, name="person-again")

    def _add_referral(self, router: web.UrlDispatcher) -> None:
        referral, leaving = ReferralPage(self.desk), ReferralLeavingPage(self.desk)
        base = f"/enquiry/{_NUMBER}/referral"
        router.add_post(base, referral.make, name="referral-make")
        router.add_get(base, referral.show, name="referral")
        router.add_post(f"{base}/save", referral.save, name="referral-save")
        router.add_post(f"{base}/review", referral.review, name="referral-review")
        router.add_post(f"{base}/word", leaving.word, name="referral-word")
        router.add_post(f"{base}/parties", leaving.parties, name="referral-parties")
        router.add_get(f"{base}/{_VERSION}/referral.json", leaving.as_json, name="referral-json")
        router.add_get(f"{base}/{_VERSION}/{_PAPER}", leaving.paper, name="referral-paper")
        router.add_get("/referral.schema.json", leaving.schema, name="referral-schema")
