"""What is typed into a form of the console is never lost: not by a sign-in that ran out, nor by another's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from bot.sandbox.client import Played
from storage.models import ConsoleSession
from tests.browser import a_pc
from tests.journeys.test_console_in_a_browser import address
from tests.scene import Scene

__all__ = ["address"]

pytest.importorskip("playwright.async_api")
SAID = "En vicevært ringer om klistermærker i opgangen"


async def signs_in(page: Any, lone: Played) -> None:
    await page.get_by_label("Alias").fill("Lone")
    await page.keyboard.press("Enter")
    number = (await page.locator(".number").inner_text()).strip()
    await lone.sees(f"viser {number}?")
    await lone.taps("Ja")
    await page.get_by_role("button", name="Fortsæt med adgangsnøgle").press("Enter")
    await page.get_by_role("heading", name="Nu", exact=True).wait_for()


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)  # what differs between the two is below the pages
async def test_a_form_waits_in_its_page_while_she_signs_in_again(scene: Scene, address: str) -> None:
    lone = await scene.staff("Lone", on_duty=False)
    async with a_pc("da-DK", 1280) as page:
        await page.goto(address)
        await signs_in(page, lone)
        await page.get_by_role("link", name="Ny henvendelse").click()
        await page.get_by_label("Henvenderen er").select_option("other")
        await page.get_by_label("Henvendelsen med dine ord").fill(SAID)
        await scene.skip(minutes=31)
        await page.get_by_role("button", name="Gem henvendelsen").click()
        await page.get_by_text("Du er ikke logget ind længere.").wait_for()
        is_still_there = await page.get_by_label("Henvendelsen med dine ord").input_value()
        is_kept_too_early = await scene.enquiries()

        await signed_in_again(scene)
        await page.evaluate(
            "document.querySelectorAll('[name=csrf]').forEach((one) => { one.value = 'old'; })"
        )
        await page.get_by_role("button", name="Gem henvendelsen").click()
        await page.get_by_text("Henvendelsen er gemt som sag").wait_for()

    assert is_still_there == SAID
    assert is_kept_too_early == []
    assert len(await scene.enquiries()) == 1


async def signed_in_again(scene: Scene) -> None:
    """Have her session be one that is used now, as another tab would."""
    async with scene.store.unit() as unit:
        await unit.session.execute(update(ConsoleSession).values(seen_at=unit.now))
        await unit.commit()
