"""One question the whole way in a real browser: live at the desk, answered in chat, handed on as a referral.

The desk's work is done by clicking; nothing of it is done behind the console's back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import docx
import pytest
from pypdf import PdfReader

from bot.configuration import Configuration
from bot.sandbox.client import Played
from tests.browser import PHONE, a_browser, a_page, fits, require
from tests.conftest import MASTER_KEY
from tests.databases import Urls
from tests.house import House
from tests.journeys.acting import phrase
from tests.referring import WRITTEN
from tests.seat import Seat, a_seat

require()

NUMBER = "K-2026-00001"
QUESTION = "En elev taler om at rejse. Han hedder Anders Madsen. Skolen er bekymret."
SECRETS = ("at rejse", "Anders", "Opdigtesen", "67 00", "610190", "fodbold", "nævner en dato")
KINDS = ("pdf", "docx")
# Who is meant stands in the register sheet alone, the matter in the annex alone, a name removed in neither.
IN_PAPERS = {
    "register_sheet": ["Nord Opdigtesen", "610190-0000"],
    "meeting_annex": ["En elev taler om at rejse.", "Han nævner en dato."],
}
LOGGED = Counter(
    {
        ("Henvender", "Begyndte en henvendelse"): 1,
        ("Henvender", "Flyttede sagen: før ikke sendt, nu venter"): 1,
        ("Systemet", "Spurgte, hvem der kan tage sagen"): 1,
        ("Lone", "Flyttede sagen: før venter, nu i gang"): 1,
        ("Lone", "Bad om kontaktoplysninger"): 1,
        ("Henvender", "Bad om linket til formularen"): 1,
        ("Henvender", "Sendte et kontaktkort"): 1,
        ("Lone", "Åbnede kontaktkortet. Grund: At lave en henvisning"): 1,
        ("Lone", "Begyndte en henvisning"): 1,
        ("Lone", "Skrev i henvisningen"): 2,
        ("Lone", "Ændrede henvisningens status"): 1,
        ("Ane", "Ændrede henvisningens status"): 1,
        ("Ane", "Afgav henvisningen"): 1,
        ("Lone", "Valgte en modtager til henvisningen"): 1,
        ("Lone", "Hentede et papir af henvisningen"): 4,
        ("Lone", "Noterede, at henvisningen er sendt"): 1,
        ("Lone", "Ændrede vagter på en dag"): 2,
    }
)


@pytest.fixture
async def house(own_files: Urls, rules: Configuration) -> AsyncIterator[House]:
    """A running hotline with its console open, and nobody enrolled."""
    async with House(own_files, rules, MASTER_KEY) as made:
        await made.open_the_console()
        yield made


async def test_a_question_becomes_a_referral_and_all_of_it_stands_in_the_log(house: House) -> None:
    lone, ane = await house.staff("Lone", on_duty=False), await house.staff("Ane", on_duty=False)
    mira, dorte = await house.staff("Mira"), await house.staff("Dorte")
    karen = await house.person("Karen")
    async with a_browser() as browser, a_seat(browser, lone, house.console) as desk:
        await _asks(karen)
        await _gives(desk, mira)
        await mira.says("Hvornår nævnte han det første gang?")
        await karen.sees("Hvornår nævnte")
        await desk.clicks(NUMBER, within="#assigned")
        await desk.clicks("Bed om kontaktoplysninger")
        is_phone_fitting = await _fills_in_card(browser, karen, house.console.removesuffix("/console"))
        await _opens_card(desk)
        await _writes_referral(desk)
        async with a_seat(browser, ane, house.console) as second:
            await _approves(second)
        await lone.sees(phrase("referral.reviewed", number=NUMBER, alias="Ane"))
        papers = await _hands_out(desk, to="SSP København")
        await _changes_shift(desk)
        await mira.sees("Dine vagter er ændret")
        async with a_seat(browser, dorte, house.console) as audit:
            whole, deeds = await _reads_log(audit)

    told_of = [*(one for some in IN_PAPERS.values() for one in some), "Anders", "Karen"]
    assert is_phone_fitting
    assert {name: [one for one in told_of if one in text] for name, text in papers.items()} == {
        f"{sheet}.{kind}": said for sheet, said in IN_PAPERS.items() for kind in KINDS
    }
    assert deeds == LOGGED
    assert [one for one in SECRETS if one in whole] == []


async def _asks(karen: Played) -> None:
    await karen.start()
    await karen.says(QUESTION)
    await karen.taps("send")


async def _gives(desk: Seat, mira: Played) -> None:
    """See the question arrive on a page that lies open, and give it to Mira."""
    await desk.page.locator("#waiting").get_by_text("Tilbudt Mira").wait_for(timeout=15_000)
    await desk.clicks("Giv til: Mira", within="#waiting")
    await mira.sees("taler om at rejse")


async def _fills_in_card(browser: Any, karen: Played, hotline: str) -> bool:
    """Have Karen say yes and fill in the one-time form on a phone; say whether it fits there."""
    await karen.taps("Ja, send mig formularen")
    link = re.search(r"/card/[\w-]{43}", (await karen.sees("/card/"))["text"])
    assert link is not None
    async with a_page(browser, locale="da-DK", width=PHONE) as phone:
        await phone.goto(hotline + link[0])
        await phone.get_by_label("Dit navn", exact=True).fill("Karen Opdigtesen")
        await phone.get_by_label("Dit telefonnummer", exact=True).fill("67 00 00 04")
        is_fitting = await fits(phone)
        await phone.get_by_role("button", name="Send til sekretariatet").click()
        await phone.get_by_role("heading", name="Tak, vi har fået det").wait_for()
    await karen.sees(phrase("card.arrived"))
    return is_fitting


async def _opens_card(desk: Seat) -> None:
    """Open what came, saying why, and hide it again."""
    await desk.clicks("Nu", within="nav")
    await desk.clicks(NUMBER, within="#cards")
    await desk.chooses("Hvorfor åbner du det?", "referral")
    await desk.clicks("Åbn kontaktkortet")
    card = desk.page.locator(".card-lines").get_by_text("Karen Opdigtesen")
    await card.wait_for()
    await desk.clicks("Skjul")
    await card.wait_for(state="detached")


async def _writes_referral(desk: Seat) -> None:
    """Make a referral, fill it from the conversation and by hand, and send it for review."""
    await desk.clicks("Lav en henvisning")
    await desk.puts("behaviour", "En elev taler om at rejse.")
    await desk.takes("urgency", "answer_by")
    taken = ("behaviour", "urgency", "answer_by")
    await desk.fills({name: text for name, text in WRITTEN.items() if name not in taken})
    await desk.chooses("Hvem skal godkende?", "Ane")
    await desk.clicks("Send til godkendelse")
    await desk.page.locator(".title-marks").get_by_text("Til godkendelse").wait_for()


async def _approves(second: Seat) -> None:
    await second.clicks(NUMBER, within="#reviews")
    await second.clicks("Godkend og afgiv")
    await second.page.get_by_role("heading", name="Henvisning R-2026-00001").wait_for()


async def _hands_out(desk: Seat, *, to: str) -> dict[str, str]:
    """Choose the recipient, return what both papers say in both kinds, and note that they were sent."""
    await desk.clicks("Nu", within="nav")
    await desk.clicks(NUMBER, within="#assigned")
    await desk.clicks("Henvisning R-2026-00001")
    await desk.ticks(to)
    await desk.clicks("Gem modtagerne")
    found = {}
    for name in (f"{sheet}.{kind}" for sheet in IN_PAPERS for kind in KINDS):
        found[name] = _text(name, await desk.keeps(desk.page.locator(f'a[href$="/ssp/{name}"]')))
    await desk.clicks("Notér, at version 1 er sendt")
    await desk.page.get_by_text("Version 1 sendt").wait_for()
    return found


async def _changes_shift(desk: Seat) -> None:
    """Give Mira a shift on Friday, and then let her go an hour earlier."""
    await desk.clicks("Vagtplan", within="nav.tabs-row")
    await desk.clicks("Tilføj en vagt")
    await desk.chooses("Hvem", "Mira")
    for label, text in {"Dato": "2026-11-20", "Fra kl.": "10:00", "Til kl.": "14:00"}.items():
        await desk.enters(label, text)
    await desk.clicks("Se, hvad det betyder")
    await desk.clicks("Gennemfør")
    await desk.clicks("Mira", within=".week")
    await desk.clicks("Flyt eller afkort")
    await desk.enters("Til kl.", "13:00")
    await desk.clicks("Se, hvad det betyder")
    await desk.clicks("Gennemfør")
    await desk.page.locator(".week .slot").get_by_text(re.compile("10[.]00.*13[.]00")).wait_for()


async def _reads_log(audit: Seat) -> tuple[str, Counter[tuple[str, str]]]:
    """Verify the log; return its page, and who did what in the case and on the rota, reading left out."""
    whole = await audit.page.locator("main").inner_text()
    rows = [row.split("\t") for row in await audit.page.locator("tbody tr").all_inner_texts()]
    await audit.clicks("Efterprøv kæden")
    await audit.page.get_by_text("Loggen er hel").wait_for()
    done = [(who, what) for _, who, what, about in rows if about == NUMBER or "vagter" in what]
    return whole, Counter((who, what) for who, what in done if not what.startswith("Læste"))


def _text(name: str, body: bytes) -> str:
    if name.endswith(".pdf"):
        return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(body)).pages).split())
    made = docx.Document(BytesIO(body))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return " ".join([*cells, *(paragraph.text for paragraph in made.paragraphs)])
