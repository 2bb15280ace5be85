"""The console in a real browser: Lone signs in from her PC, sees a question arrive, and gives it to Mira."""

from __future__ import annotations

import pytest

from tests.browser import a_pc, fits, free_port, require
from tests.scene import Scene

require()


@pytest.fixture
async def address(scene: Scene) -> str:
    """Where the scene's console is: passkeys are made for one address, so it is known beforehand."""
    port = free_port()
    await scene.hotline.stop()
    await scene.start_hotline(http_port=port, public_url=f"http://localhost:{port}")
    return f"http://localhost:{port}/console"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)  # what differs between the two is below the pages
async def test_a_question_arrives_live_and_is_given_with_one_click(scene: Scene, address: str) -> None:
    lone = await scene.staff("Lone", on_duty=False)
    mira = await scene.staff("Mira")
    karen = await scene.person("Karen")
    async with a_pc("da-DK", 1280) as page:
        await page.goto(address)
        await page.get_by_label("Alias").fill("Lone")
        await page.keyboard.press("Enter")
        number = (await page.locator(".number").inner_text()).strip()
        await lone.sees(f"viser {number}?")
        await lone.taps("Ja")
        await page.get_by_role("button", name="Fortsæt med adgangsnøgle").press("Enter")
        await page.get_by_role("heading", name="Nu", exact=True).wait_for()

        await karen.start()
        await karen.says("En elev taler om at rejse, han hedder Anders Madsen")
        await karen.taps("send")
        waiting = page.locator("#waiting .row-line")
        await waiting.get_by_text("Tilbudt Mira").wait_for(timeout=15_000)
        shown = await page.locator("main").inner_text()
        await waiting.get_by_role("button", name="Mira").press("Enter")
        await page.get_by_text("Mira har nu sag").wait_for()
        await mira.sees("En elev taler om at rejse")

        await page.locator("#assigned").get_by_role("link").press("Enter")
        said = await page.locator(".bubble").inner_text()
        is_fitting = await fits(page)
        await page.get_by_role("link", name="English").click()
        await page.get_by_role("heading", name="Conversation").wait_for()
        await page.get_by_role("button", name="Sign out").click()
        await page.get_by_role("heading", name="Sign in").wait_for()

    assert "rejse" not in shown
    assert "En elev taler om at rejse" in said
    assert "Anders" not in said
    assert is_fitting


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)  # what differs between the two is below the pages
async def test_a_phone_is_wide_enough_and_a_no_is_shown_at_once(scene: Scene, address: str) -> None:
    lone = await scene.staff("Lone", on_duty=False)
    async with a_pc("en-GB", 360) as page:
        await page.goto(address)
        await page.get_by_label("Alias").fill("Lone")
        await page.get_by_role("button", name="Ask in my chat").click()
        await page.locator(".number").wait_for()
        is_waiting_fitting = await fits(page)
        await lone.taps("Det er ikke mig")
        await page.get_by_text("The answer in the chat was no.").wait_for()
        await page.get_by_label("Alias").fill("Lone")
        await page.get_by_role("button", name="Ask in my chat").click()
        await page.locator(".number").wait_for()
        await lone.taps("Ja")
        await page.get_by_role("button", name="Go on with a passkey").click()
        await page.get_by_role("heading", name="Nu", exact=True).wait_for()  # her chat is in Danish
        is_board_fitting = await fits(page)

    assert (is_waiting_fitting, is_board_fitting) == (True, True)
