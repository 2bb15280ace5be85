"""The console's permission table against its routes: every route, every role, and every way to be wrong."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import uuid4

import pytest
from aiohttp import web

from bot.configuration import Configuration
from handlers.console.access import PERMITTED
from scheduling.clock import SetClock
from storage.models import Role
from storage.store import Store
from tests.screen import Screen, enrolled

ROLES = (None, *Role)
ALL = frozenset(ROLES)
STAFF = frozenset(Role)
DESK = frozenset({Role.SECRETARIAT, Role.COORDINATOR})
KEEPS_PANEL = frozenset({Role.SECRETARIAT, Role.ADMINISTRATOR})
READS_PANEL = KEEPS_PANEL | {Role.COORDINATOR}
# What was agreed, written down a second time.
GRANTED: dict[tuple[str, str], frozenset[Role | None]] = {
    ("GET", "/console/static/{version}/{name}"): ALL,
    ("GET", "/console/language/{code}"): ALL,
    ("GET", "/console/sign-in"): ALL,
    ("POST", "/console/sign-in/begin"): ALL,
    ("GET", "/console/sign-in/progress"): ALL,
    ("POST", "/console/sign-in/options"): ALL,
    ("POST", "/console/sign-in/prove"): ALL,
    ("GET", "/console"): STAFF,
    ("GET", "/console/sessions"): STAFF,
    ("POST", "/console/sessions/end"): STAFF,
    ("GET", "/console/now"): DESK,
    ("POST", "/console/now/assign"): DESK,
    ("GET", "/console/cases"): frozenset({Role.RESOURCE_PERSON}),
    ("POST", "/console/cases/handover"): frozenset({Role.RESOURCE_PERSON}),
    ("GET", "/console/enquiry/{number}"): DESK | {Role.RESOURCE_PERSON},
    ("POST", "/console/enquiry/{number}/assign"): DESK,
    ("POST", "/console/enquiry/{number}/close"): DESK | {Role.RESOURCE_PERSON},
    ("GET", "/console/rota"): DESK | {Role.RESOURCE_PERSON},
    ("GET", "/console/rota/month"): DESK | {Role.RESOURCE_PERSON},
    ("GET", "/console/rota/shift"): DESK | {Role.RESOURCE_PERSON},
    ("GET", "/console/rota/person"): DESK | {Role.RESOURCE_PERSON},
    ("GET", "/console/rota/change"): DESK | {Role.RESOURCE_PERSON},
    ("POST", "/console/rota/change/make"): DESK | {Role.RESOURCE_PERSON},
    ("GET", "/console/rota/days"): DESK,
    ("GET", "/console/rota/file"): DESK,
    ("POST", "/console/rota/file/read"): DESK,
    ("GET", "/console/rota/rota.yaml"): DESK,
    ("GET", "/console/rota/calendars"): DESK | {Role.RESOURCE_PERSON},
    ("POST", "/console/rota/calendars/open"): DESK | {Role.RESOURCE_PERSON},
    ("POST", "/console/rota/calendars/close"): DESK | {Role.RESOURCE_PERSON},
    ("POST", "/console/enquiry/{number}/referral"): DESK,
    ("GET", "/console/enquiry/{number}/referral"): DESK,
    ("POST", "/console/enquiry/{number}/referral/save"): DESK,
    ("POST", "/console/cpr-doubt"): DESK,
    ("POST", "/console/enquiry/{number}/referral/review"): DESK,
    ("POST", "/console/enquiry/{number}/referral/word"): DESK,
    ("POST", "/console/enquiry/{number}/referral/parties"): DESK,
    ("GET", "/console/enquiry/{number}/referral/{version}/referral.json"): DESK,
    ("GET", "/console/enquiry/{number}/referral/{version}/{party}/{sheet}.{kind}"): DESK,
    ("GET", "/console/referral.schema.json"): DESK,
    ("GET", "/console/panel"): READS_PANEL,
    ("GET", "/console/panel/invites"): KEEPS_PANEL,
    ("POST", "/console/panel/invites"): KEEPS_PANEL,
    ("POST", "/console/panel/invites/withdraw"): KEEPS_PANEL,
    ("GET", "/console/panel/{person}"): READS_PANEL,
    ("POST", "/console/panel/{person}/change"): KEEPS_PANEL,
    ("POST", "/console/panel/{person}/pause"): KEEPS_PANEL,
    ("POST", "/console/panel/{person}/resume"): KEEPS_PANEL,
    ("GET", "/console/panel/{person}/close"): KEEPS_PANEL,
    ("POST", "/console/panel/{person}/close"): KEEPS_PANEL,
    ("POST", "/console/panel/{person}/again"): KEEPS_PANEL,
    ("POST", "/console/enquiry/{number}/card/ask"): DESK | {Role.RESOURCE_PERSON},
    ("POST", "/console/enquiry/{number}/card/open"): DESK,
    ("POST", "/console/enquiry/{number}/card/type-in"): DESK,
    ("POST", "/console/enquiry/{number}/card/take-back"): DESK,
    ("POST", "/console/enquiry/{number}/note"): DESK | {Role.RESOURCE_PERSON},
    ("GET", "/console/enquiry/{number}/mask"): DESK | {Role.RESOURCE_PERSON},
    ("POST", "/console/enquiry/{number}/mask"): DESK | {Role.RESOURCE_PERSON},
    ("POST", "/console/enquiry/{number}/handover"): DESK | {Role.RESOURCE_PERSON},
    ("POST", "/console/enquiry/{number}/sort"): DESK,
    ("POST", "/console/enquiry/{number}/pause"): DESK,
    ("POST", "/console/enquiry/{number}/urgency"): DESK,
    ("POST", "/console/enquiry/{number}/link"): DESK,
    ("GET", "/console/alarm/{enquiry}"): DESK,
    ("POST", "/console/alarm/{enquiry}/open"): DESK,
    ("POST", "/console/alarm/{enquiry}/decide"): DESK,
    ("GET", "/console/requests"): DESK,
    ("POST", "/console/requests/answer"): DESK,
    ("GET", "/console/here"): STAFF,
    ("GET", "/console/new"): DESK,
    ("POST", "/console/new"): DESK,
    ("POST", "/console/enquiry/{number}/passed-on"): DESK,
    ("GET", "/console/enquiries"): DESK,
    ("GET", "/console/settings"): DESK | {Role.ADMINISTRATOR},
    ("GET", "/console/log"): frozenset({Role.AUDITOR}),
    ("POST", "/console/log/verify"): frozenset({Role.AUDITOR}),
    ("POST", "/console/log/export"): frozenset({Role.AUDITOR}),
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
FILLED_IN = {
    "number": "K-2026-00001",
    "code": "en",
    "version": "0",
    "name": "none.css",
    "party": "ssp",
    "sheet": "register_sheet",
    "kind": "pdf",
    "person": str(uuid4()),
    "enquiry": str(uuid4()),
}
# Nothing was begun, so there is nothing to prove.
REFUSES = frozenset({"/console/sign-in/prove"})
FORM = {
    "id": str(uuid4()),
    "channel": "visit",
    "way": "panel",
    "session": str(uuid4()),
    "enquiry": str(uuid4()),
    "outcome": "advice_only",
    "reason": "call",
    "whose": "own",
}


def routes(screen: Screen) -> dict[tuple[str, str], str]:
    """Every route of the console with its name."""
    return {
        (route.method, route.resource.canonical): route.resource.name or ""
        for route in screen.client.server.app.router.routes()  # type: ignore[attr-defined]  # a test server's
        if route.method != "HEAD" and route.resource is not None
        if route.resource.canonical.startswith("/console")
    }


@pytest.fixture
async def screens(store: Store, rules: Configuration) -> AsyncIterator[dict[Role | None, Screen]]:
    """A screen for each role, signed in, and one where nobody is."""
    made: dict[Role | None, Screen] = {}
    async with AsyncExitStack() as stack:
        for number, role in enumerate(ROLES):
            screen = await stack.enter_async_context(Screen(store, rules))
            screen.client.session.headers["X-Forwarded-For"] = f"203.0.113.{number}"
            await screen.get("/console/sign-in")
            if role is not None:
                await screen.signs_in(await enrolled(store, rules, f"Alias{number}", role, address=number))
            made[role] = screen
        yield made


async def answered(screen: Screen, method: str, path: str, **fields: str) -> tuple[int, web.StreamResponse]:
    address = path.format(**FILLED_IN)
    if method == "GET":
        answer, _ = await screen.get(address)
    else:
        answer, _ = await screen.post(address, **{**FORM, **fields})
    hard_headers(answer.headers)
    return answer.status, answer  # type: ignore[return-value]  # a client's response reads alike


def hard_headers(headers: object) -> None:
    told = dict(headers)  # type: ignore[call-overload]  # a mapping of headers
    assert set(told["Content-Security-Policy"].split("; ")) == POLICY
    assert told["Referrer-Policy"] == "no-referrer"
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Permissions-Policy" in told
    assert told["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in told or "SameSite=Strict" in told["Set-Cookie"]


async def test_every_route_stands_in_the_table_and_nothing_else_does(
    screens: dict[Role | None, Screen],
) -> None:
    found = routes(screens[None])

    assert set(found) == set(GRANTED)
    assert set(found.values()) == set(PERMITTED)
    assert {key: PERMITTED[name] for key, name in found.items()} == GRANTED


async def test_whoever_is_not_let_in_by_the_table_gets_nothing(screens: dict[Role | None, Screen]) -> None:
    wrong = []
    for (method, path), granted in GRANTED.items():
        for role, screen in screens.items():
            status, answer = await answered(screen, method, path)
            if role in granted:
                is_right = status < 500 and status not in (401, *([] if path in REFUSES else [403]))
            elif role is None:
                goes_to = answer.headers.get("Location")
                is_right = status == 401 if method == "POST" else goes_to == "/console/sign-in"
            else:
                is_right = status == 403
            if not is_right:
                wrong.append((method, path, role, status))

    assert wrong == []


async def test_a_form_without_its_secret_does_nothing(screens: dict[Role | None, Screen]) -> None:
    for (method, path), granted in GRANTED.items():
        for role, screen in screens.items():
            if method == "POST" and role in granted:
                for secret in ("", "0" * 64, screens[_other(role)].csrf, "æ\ud7ff"):
                    status, _ = await answered(screen, method, path, csrf=secret)
                    assert status == 403, (path, role, secret)


_PAGES = (
    "/console",
    "/console/sessions",
    "/console/log",
    "/console/cases",
    "/console/requests",
    "/console/rota",
    "/console/sign-in",
)


def _other(role: Role | None) -> Role | None:
    return Role.AUDITOR if role is not Role.AUDITOR else Role.SECRETARIAT


async def test_a_session_that_has_run_out_opens_nothing(
    screens: dict[Role | None, Screen], clock: SetClock
) -> None:
    clock.at += timedelta(minutes=30)
    for (method, path), granted in GRANTED.items():
        if None in granted:
            continue
        for role, screen in screens.items():
            status, answer = await answered(screen, method, path)
            if method == "POST":
                assert status == 401, (path, role)
            else:
                assert (status, answer.headers["Location"]) == (303, "/console/sign-in"), (path, role)


async def test_a_session_that_was_made_up_opens_nothing(screens: dict[Role | None, Screen]) -> None:
    screen = screens[None]
    for made_up in ("x" * 43, "", "æøå", "0"):
        screen.client.session.cookie_jar.update_cookies({"session": made_up})
        answer, _ = await screen.get("/console/sessions")
        assert answer.status == 303


async def test_what_is_no_form_is_not_read(screens: dict[Role | None, Screen]) -> None:
    screen = screens[Role.SECRETARIAT]
    bodies = [
        ("application/json", b"{}"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"csrf=1"),
        ("application/x-www-form-urlencoded", b"csrf=%ff%fe&\xff\xfe=\xff"),
    ]
    for kind, body in bodies:
        answer = await screen.client.post("/console/now/assign", data=body, headers={"Content-Type": kind})
        assert answer.status in (400, 403, 415), kind
        hard_headers(answer.headers)


@pytest.mark.parametrize(
    "path", ["/console/nothing", "/console/", "/console/enquiry/x", "/console/static/a/b"]
)
async def test_what_is_not_there_is_said_in_the_readers_language(
    screens: dict[Role | None, Screen], path: str
) -> None:
    answer, text = await screens[Role.SECRETARIAT].get(path)

    assert answer.status == 404
    hard_headers(answer.headers)
    assert "There is no such page" in text or path.startswith("/console/static")


async def test_the_way_back_from_a_language_is_never_to_another_site(
    screens: dict[Role | None, Screen],
) -> None:
    screen = screens[None]
    found = {}
    for back in ("/console/log", "//evil.example", "https://evil.example/console/", "/console/../x\\", "/x"):
        answer = await screen.client.get("/console/language/en", params={"back": back}, allow_redirects=False)
        found[back] = answer.headers["Location"]

    assert found.pop("/console/log") == "/console/log"
    assert set(found.values()) == {"/console"}


async def test_files_are_kept_for_a_year_under_a_name_that_changes_with_them(
    screens: dict[Role | None, Screen],
) -> None:
    screen = screens[None]
    _, page = await screen.get("/console/sign-in")
    addresses = sorted(set(re.findall(r'(?:href|src)="(/console/static/[^"#]+)', page)))
    for address in addresses:
        answer = await screen.client.get(address)
        assert answer.status == 200, address
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    old = await screen.client.get(addresses[0].replace(screen.console.desk.files.version, "0" * 16))

    assert len(addresses) >= 5
    assert old.status == 404


async def test_no_page_has_a_script_or_style_of_its_own(screens: dict[Role | None, Screen]) -> None:
    for role, screen in screens.items():
        for path in _PAGES:
            _, text = await screen.get(path)
            assert not re.search(r"<style|<script(?![^>]* src=)| style=| on[a-z]+=|javascript:", text), role


async def test_behind_tls_cookies_and_browsers_are_tied_to_it(store: Store, rules: Configuration) -> None:
    async with Screen(store, rules, public_url="https://hotline.example") as screen:
        answer, _ = await screen.get("/console/sign-in")

    cookie = answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert cookie.startswith("__Host-browser=")
    assert {"HttpOnly", "Secure", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
