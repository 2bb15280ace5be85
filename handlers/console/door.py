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
from handlers.console.pages.card import CardPage
from handlers.console.pages.enquiry import EnquiryPage
from handlers.console.pages.handing_on import HandingOnPage
from handlers.console.pages.invites import InvitesPage
from handlers.console.pages.judging import JudgingPage
from handlers.console.pages.listing import ListPage
from handlers.console.pages.log import LogPage
from handlers.console.pages.new_enquiry import NewEnquiryPage
from handlers.console.pages.now import NowPage
from handlers.console.pages.panel import PanelPage
from handlers.console.pages.person import PersonPage
from handlers.console.pages.referral import ReferralPage
from handlers.console.pages.referral_leaving import ReferralLeavingPage
from handlers.console.pages.rota import RotaPage
from handlers.console.pages.rota_change import RotaChangePage
from handlers.console.pages.rota_papers import RotaPapersPage
from handlers.console.pages.sessions import SessionsPage
from handlers.console.pages.settings import SettingsPage
from handlers.console.pages.signing_in import SignInPage
from handlers.console.pages.wishes import WishesPage
from handlers.console.pages.writing import WritingPage
from handlers.words import Words
from storage.store import Store

PATH = "/console"
_TEMPLATES = Path(__file__).parent / "templates"
_PAPER = "{party:[a-z0-9_]{1,40}}/{sheet:register_sheet|meeting_annex}.{kind:pdf|docx}"
_VERSION = "{version:[0-9]{1,5}}"
_ENQUIRY = "/enquiry/{number:[A-Za-z]{1,4}-[0-9]{4}-[0-9]{1,9}}"
_ALARM = "/alarm/{enquiry:[0-9a-f-]{36}}"
_PERSON = "/panel/{person:[0-9a-f-]{36}}"


class Console:
    """The browser's door."""

    def __init__(self, *, store: Store, rules: Configuration, words: Words, public_url: str) -> None:
        self.desk = Desk(store=store, rules=rules, words=words, public_url=public_url)

    def add_to(self, app: web.Application) -> None:
        """Mount the console under its path."""
        app.add_subapp(PATH, self.application())

    def application(self) -> web.Application:
        """Return the console as an application of its own."""
        made = web.Application(middlewares=guard.middlewares(self.desk))
        aiohttp_jinja2.setup(
            made,
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        for mount in (_way_in, _overview, _case, _alarm, _wishes, _panel, _referral, _rota, _log):
            mount(made.router, self.desk)
        return made


def _way_in(add: web.UrlDispatcher, desk: Desk) -> None:
    sign_in, sessions = SignInPage(desk), SessionsPage(desk)
    add.add_get("/static/{version}/{name:.+}", desk.files.read, name="static")
    add.add_get("/language/{code:[a-z]{2}}", sign_in.choose_language, name="language")
    add.add_get("/sign-in", sign_in.show, name="signin")
    add.add_post("/sign-in/begin", sign_in.begin, name="signin-begin")
    add.add_get("/sign-in/progress", sign_in.progress, name="signin-progress")
    add.add_post("/sign-in/options", sign_in.options, name="signin-options")
    add.add_post("/sign-in/prove", sign_in.prove, name="signin-prove")
    add.add_get("/sessions", sessions.show, name="sessions")
    add.add_post("/sessions/end", sessions.end, name="session-end")
    add.add_get("/here", sessions.here, name="here")


def _overview(add: web.UrlDispatcher, desk: Desk) -> None:
    now, handing_on = NowPage(desk), HandingOnPage(desk)
    add.add_get("", now.home, name="home")
    add.add_get("/enquiries", ListPage(desk).show, name="list")
    add.add_get("/settings", SettingsPage(desk).show, name="settings")
    add.add_get("/now", now.live, name="now-live")
    add.add_post("/now/assign", now.assign, name="now-assign")
    add.add_get("/cases", now.cases, name="cases")
    add.add_post("/cases/handover", handing_on.answer, name="handover-answer")


def _case(add: web.UrlDispatcher, desk: Desk) -> None:
    enquiry, writing, judging = EnquiryPage(desk), WritingPage(desk), JudgingPage(desk)
    handing_on, card, new = HandingOnPage(desk), CardPage(desk), NewEnquiryPage(desk)
    add.add_get("/new", new.show, name="new")
    add.add_post("/new", new.keep, name="new-keep")
    add.add_get(_ENQUIRY, enquiry.show, name="enquiry")
    add.add_post(f"{_ENQUIRY}/close", enquiry.close, name="enquiry-close")
    add.add_post(f"{_ENQUIRY}/assign", enquiry.assign, name="enquiry-assign")
    add.add_post(f"{_ENQUIRY}/passed-on", enquiry.passed_on, name="enquiry-passed-on")
    add.add_post(f"{_ENQUIRY}/note", writing.note, name="enquiry-note")
    add.add_get(f"{_ENQUIRY}/mask", writing.ask_what_to_mask, name="enquiry-mask-ask")
    add.add_post(f"{_ENQUIRY}/mask", writing.mask, name="enquiry-mask")
    add.add_post(f"{_ENQUIRY}/handover", handing_on.hand_over, name="enquiry-handover")
    add.add_post(f"{_ENQUIRY}/sort", judging.sort, name="enquiry-sort")
    add.add_post(f"{_ENQUIRY}/pause", judging.pause, name="enquiry-pause")
    add.add_post(f"{_ENQUIRY}/urgency", judging.urgency, name="enquiry-urgency")
    add.add_post(f"{_ENQUIRY}/link", judging.link, name="enquiry-link")
    add.add_post(f"{_ENQUIRY}/card/ask", card.ask, name="card-ask")
    add.add_post(f"{_ENQUIRY}/card/open", card.open, name="card-open")
    add.add_post(f"{_ENQUIRY}/card/type-in", card.type_in, name="card-typed")
    add.add_post(f"{_ENQUIRY}/card/take-back", card.take_back, name="card-take-back")


def _alarm(add: web.UrlDispatcher, desk: Desk) -> None:
    alarm = AlarmPage(desk)
    add.add_get(_ALARM, alarm.show, name="alarm")
    add.add_post(f"{_ALARM}/open", alarm.open, name="alarm-open")
    add.add_post(f"{_ALARM}/decide", alarm.decide, name="alarm-decide")


def _wishes(add: web.UrlDispatcher, desk: Desk) -> None:
    wishes = WishesPage(desk)
    add.add_get("/requests", wishes.show, name="requests")
    add.add_post("/requests/answer", wishes.answer, name="request-answer")


def _panel(add: web.UrlDispatcher, desk: Desk) -> None:
    panel, person, invites = PanelPage(desk), PersonPage(desk), InvitesPage(desk)
    add.add_get("/panel", panel.show, name="panel")
    add.add_get("/panel/invites", invites.show, name="invites")
    add.add_post("/panel/invites", invites.make, name="invite-make")
    add.add_post("/panel/invites/withdraw", invites.withdraw, name="invite-withdraw")
    add.add_get(_PERSON, person.show, name="person")
    add.add_post(f"{_PERSON}/change", person.change, name="person-change")
    add.add_post(f"{_PERSON}/pause", person.pause, name="person-pause")
    add.add_post(f"{_PERSON}/resume", person.resume, name="person-resume")
    add.add_get(f"{_PERSON}/close", person.ask_to_close, name="person-close-ask")
    add.add_post(f"{_PERSON}/close", person.close, name="person-close")
    add.add_post(f"{_PERSON}/again", invites.again, name="person-again")


def _rota(add: web.UrlDispatcher, desk: Desk) -> None:
    rota, change, papers = RotaPage(desk), RotaChangePage(desk), RotaPapersPage(desk)
    add.add_get("/rota", rota.week, name="rota")
    add.add_get("/rota/month", rota.month, name="rota-month")
    add.add_get("/rota/shift", rota.shift, name="rota-shift")
    add.add_get("/rota/person", rota.person, name="rota-person")
    add.add_get("/rota/change", change.show, name="rota-change")
    add.add_post("/rota/change/make", change.make, name="rota-make")
    add.add_get("/rota/days", papers.days, name="rota-days")
    add.add_get("/rota/file", papers.file, name="rota-file")
    add.add_post("/rota/file/read", papers.read, name="rota-read")
    add.add_get("/rota/rota.yaml", papers.export, name="rota-export")
    add.add_get("/rota/calendars", papers.calendars, name="rota-calendars")
    add.add_post("/rota/calendars/open", papers.open, name="rota-calendar-open")
    add.add_post("/rota/calendars/close", papers.close, name="rota-calendar-close")


def _log(add: web.UrlDispatcher, desk: Desk) -> None:
    log = LogPage(desk)
    add.add_get("/log", log.show, name="log")
    add.add_post("/log/verify", log.verify, name="log-verify")
    add.add_post("/log/export", log.export, name="log-export")


def _referral(add: web.UrlDispatcher, desk: Desk) -> None:
    referral, leaving = ReferralPage(desk), ReferralLeavingPage(desk)
    base = f"{_ENQUIRY}/referral"
    add.add_post("/cpr-doubt", referral.doubt, name="cpr-doubt")
    add.add_post(base, referral.make, name="referral-make")
    add.add_get(base, referral.show, name="referral")
    add.add_post(f"{base}/save", referral.save, name="referral-save")
    add.add_post(f"{base}/review", referral.review, name="referral-review")
    add.add_post(f"{base}/word", leaving.word, name="referral-word")
    add.add_post(f"{base}/parties", leaving.parties, name="referral-parties")
    add.add_get(f"{base}/{_VERSION}/referral.json", leaving.as_json, name="referral-json")
    add.add_get(f"{base}/{_VERSION}/{_PAPER}", leaving.paper, name="referral-paper")
    add.add_get("/referral.schema.json", leaving.schema, name="referral-schema")
