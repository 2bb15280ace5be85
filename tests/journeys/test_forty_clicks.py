"""A conversation of two hundred messages becomes a referral in a real browser, each value with its source."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from bot.catalogue import words
from bot.configuration import Configuration
from bot.referral_form import FIELDS, Part
from bot.referral_words import label
from scheduling.clock import SetClock
from storage.store import Store
from tests.browser import DESKTOP, a_browser, a_page, require
from tests.conftest import MASTER_KEY
from tests.databases import Urls
from tests.referring import WRITTEN, Referring
from tests.screen import Screen, signed_in
from tests.seat import Seat

require()

TAPPED = {"role": "professional", "profession": "teacher", "age": "15-17", "alarm": "travel"}
PROPOSED = ("role", "profession", "age", "travel", "urgency", "answer_by")
FROM_THE_TALK = ("behaviour", "wish")
REWRITTEN = "Eleven taler om at rejse, og skolen er bekymret."


@pytest.fixture
async def desk(own_files: Urls, rules: Configuration, clock: SetClock) -> AsyncIterator[Referring]:
    """Lone and Bodil at the desk; what one of them writes the other approves."""
    store = Store(
        database_url=own_files.database, keys_url=own_files.keys, master_key=MASTER_KEY, clock=clock
    )
    made = Referring(store, rules)
    await made.enrol("Lone")
    await made.enrol("Bodil")
    yield made
    await store.close()


async def test_two_hundred_messages_become_a_referral_in_forty_clicks_and_each_value_has_its_source(
    desk: Referring,
) -> None:
    case = await desk.asks(*(f"Besked nummer {of}. Skolen er bekymret." for of in range(1, 201)), **TAPPED)
    number = case.number or ""
    async with (
        Screen(desk.store, desk.rules) as screen,
        a_browser() as browser,
        _seat(browser, desk, screen, "Lone") as lone,
    ):
        await lone.clicks(number)
        await lone.clicks("Lav en henvisning")
        await lone.puts("behaviour", "Besked nummer 3.", "Besked nummer 198.")
        await lone.puts("wish", "Besked nummer 101.")
        await lone.takes(*PROPOSED)
        by_hand = {name: text for name, text in WRITTEN.items() if name not in PROPOSED + FROM_THE_TALK}
        await lone.fills({"behaviour": REWRITTEN, **by_hand})
        await lone.chooses("Hvem skal godkende?", "Bodil")
        await lone.clicks("Send til godkendelse")
        await lone.page.locator(".title-marks").get_by_text("Til godkendelse").wait_for()
        async with _seat(browser, desk, screen, "Bodil") as bodil:
            await bodil.clicks(number, within="#reviews")
            await bodil.clicks("Godkend og afgiv")
            await bodil.page.get_by_role("heading", name="Henvisning R-2026-00001").wait_for()
            deeds = lone.deeds + bodil.deeds
            shown = await _shown(bodil)
            papers = await _papers(bodil)

    assert deeds <= 40
    assert [name for name, (_, source) in shown.items() if not source] == []
    assert shown["Adfærd og udtalelser"] == (
        REWRITTEN,
        "Omskrevet fra samtalen: besked 3 besked 198 · Lone",
    )
    known = [*_fixed(desk.rules), *(value for value, _ in shown.values())]
    assert [_unexplained(one, known) for one in papers] == [[], []]


@asynccontextmanager
async def _seat(browser: Any, desk: Referring, screen: Screen, alias: str) -> AsyncIterator[Seat]:
    cookies = {"language": "da", **await signed_in(desk.store, alias)}
    async with a_page(browser, locale="da-DK", width=DESKTOP, cookies=cookies) as page:
        await page.goto(f"http://localhost:{screen.client.port}/console")
        yield Seat(page)


async def _shown(seat: Seat) -> dict[str, tuple[str, str]]:
    """Return what the submitted referral's page says in each field, and where it says that this came from."""
    lines = await seat.page.locator("dl.said > div:has(.bubble-text)").evaluate_all(
        """all => all.map(one => ["dt", ".bubble-text", ".source"].map(
            part => one.querySelector(part)?.innerText ?? ""))"""
    )
    return {name: (value, source) for name, value, source in lines}


async def _papers(seat: Seat) -> list[str]:
    """Return what both papers of a recipient say, as PDF."""
    await seat.ticks("SSP København")
    await seat.clicks("Gem modtagerne")
    found = []
    for sheet in ("register_sheet", "meeting_annex"):
        body = await seat.keeps(seat.page.locator(f'a[href$="/ssp/{sheet}.pdf"]'))
        found.append("".join(page.extract_text() for page in PdfReader(BytesIO(body)).pages))
    return found


def _fixed(rules: Configuration) -> list[str]:
    """Return what the papers say whatever the referral says."""
    kinds = ("register_sheet", "meeting_annex", "version", "who", "asked")
    keys = [f"referral.paper.{kind}" for kind in (*kinds, "asked_look", "asked_answer", "asked_free")]
    keys += [f"referral.part.{part.value}" for part in Part]
    sender = rules.in_language(rules.hotline.name, "da")
    return [
        *(words(key, "da") for key in keys),
        *(label(field, "da") for field in FIELDS),
        words("referral.paper.footer", "da").format(sender=sender),
        *(
            words("paper.page", "da").format(page=page, pages=of)
            for of in (1, 2)
            for page in range(1, of + 1)
        ),
        rules.in_language(rules.referral.classification, "da"),
        rules.in_language(rules.parties["ssp"].name, "da"),
        *("R-2026-00001", "1 · 16. november 2026", "16. november 2026"),
    ]


def _unexplained(paper: str, known: Collection[str]) -> list[str]:
    """Return what the paper says beside what is known, the longest taken away first."""
    left = _letters(paper)
    for one in sorted(map(_letters, known), key=len, reverse=True):
        left = left.replace(one, " ")
    return left.split()


def _letters(text: str) -> str:
    """Return the text without blanks and hyphens, which a line's end may add."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in plain if not letter.isspace() and letter not in "-\u00ad")
