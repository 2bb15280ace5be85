"""The page in a real browser: one person plays Karen, on a desk and on a phone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox import Client, Played, StandIn
from tests.sandbox.bot_side import TOKEN, BotSide

CHROMIUM = Path("/usr/bin/chromium")
KEYS = {"inline_keyboard": [[{"text": "Videre", "callback_data": "go"}]]}

if not CHROMIUM.exists() and os.environ.get("CI") != "true":
    pytest.skip(
        "NOT TESTED: /usr/bin/chromium is missing, so nobody has looked at the page.", allow_module_level=True
    )

playwright_api = pytest.importorskip("playwright.async_api")


@asynccontextmanager
async def a_page(url: str, width: int, height: int) -> AsyncIterator:
    async with playwright_api.async_playwright() as playwright:
        args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=args)
        page = await browser.new_page(viewport={"width": width, "height": height})
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console", lambda line: faults.append(line.text) if line.type in {"error", "warning"} else None
        )
        await page.goto(url)
        await page.wait_for_selector("#phone-5001 .head")
        yield page
        await browser.close()
        assert faults == []


async def answer(bot: BotSide) -> None:
    """Answer a start with a button, and its tap with a toast and an edit."""
    offset = 0
    while True:
        for update in await bot.result("getUpdates", offset=offset, timeout=5):
            offset = update["update_id"] + 1
            if tap := update.get("callback_query"):
                sent = tap["message"]["message_id"]
                await bot.result("answerCallbackQuery", callback_query_id=tap["id"], text="Noteret")
                await bot.result(
                    "editMessageText", chat_id=tap["from"]["id"], message_id=sent, text="Tak for det"
                )
            elif message := update.get("message"):
                text = f"Svar på {message.get('text', '')}"
                await bot.result("sendMessage", chat_id=message["chat"]["id"], text=text, reply_markup=KEYS)


async def test_conversation_on_a_desk(
    stand_in: StandIn, bot: BotSide, karen: Played, telegram: Client
) -> None:
    answering = asyncio.create_task(answer(bot))
    async with a_page(stand_in.url, 1440, 900) as page:
        phone = page.locator("#phone-5001")
        await phone.get_by_role("button", name="Start samtalen").click()
        await phone.get_by_role("button", name="Videre").click()
        await page.get_by_text("Noteret").wait_for()
        await phone.get_by_text("Tak for det").wait_for()
        await phone.get_by_role("textbox").fill("Hej <b>dig</b>")
        await phone.get_by_role("textbox").press("Enter")
        await phone.get_by_text("Svar på Hej <b>dig</b>").wait_for()
        own = phone.locator(".own", has_text="Hej <b>dig</b>")
        await own.get_by_role("button", name="Handlinger for beskeden").press("Enter")
        await page.get_by_role("menuitem", name="Ret").press("Enter")
        await phone.get_by_role("textbox").fill("Hej igen")
        await phone.get_by_role("textbox").press("Enter")
        await phone.locator(".own", has_text="Hej igen").get_by_text("rettet").wait_for()
        await page.reload()
        await phone.locator(".own", has_text="Hej igen").wait_for()
        is_wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        columns = await page.locator(".phone").count()
    answering.cancel()

    assert (is_wide, columns) == (False, 5)
    assert [m["versions"] for m in await karen.messages() if m["text"] == "Hej igen"] == [["Hej <b>dig</b>"]]


async def test_tabs_and_language_on_a_phone(stand_in: StandIn, bot: BotSide, telegram: Client) -> None:
    idris = await telegram.user("Idris")
    await idris.start()
    async with a_page(stand_in.url, 360, 740) as page:
        await page.get_by_role("button", name="English").click()
        await bot.result("sendMessage", chat_id=idris.id, text="For you")
        tab = page.locator("#tabs button", has_text="Idris")
        await tab.get_by_text("1 unread").wait_for(state="attached")
        await tab.click()
        await page.locator("#phone-5002").get_by_text("For you").wait_for()
        unread = await page.locator("#tabs .badge").count()
        is_wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        await page.reload()
        await page.locator("#phone-5002:visible").wait_for()
        visible = await page.locator(".phone:visible").count()

    assert (unread, is_wide, visible) == (0, False, 1)


async def test_clock_and_reset_from_the_page(stand_in: StandIn, karen: Played, telegram: Client) -> None:
    await karen.says("Hej")
    async with a_page(stand_in.url, 1440, 900) as page:
        await page.get_by_role("button", name="Stil uret 1 time frem").click()
        await page.locator(".hour", has_text="11.0").wait_for()
        await page.get_by_role("button", name="Begynd forfra").click()
        await page.get_by_role("button", name="Slet og begynd forfra").click()
        await page.locator("#phone-5001").get_by_role("button", name="Start samtalen").wait_for()
        await page.locator(".hour", has_text="10.0").wait_for()

    assert await karen.messages() == []


FAINT_TEXT = """() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (rgb) => {
    const curve = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.slice(0, 3).map((v) => curve(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!hasText || !element.checkVisibility() || element.closest(".unseen, noscript")) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${element.className}: ${element.textContent} ${ratio.toFixed(2)}`);
  }
  return faint;
}"""


async def test_all_text_stands_out_enough(stand_in: StandIn, bot: BotSide, telegram: Client) -> None:
    for name in ("Karen", "Mira", "Lone"):
        person = await telegram.user(name)
        gone = await person.says("Slettet om lidt /help")
        await person.edits(await person.says("Før"), "Efter")
        await bot.result(
            "sendMessage",
            chat_id=person.id,
            text="https://example.dk",
            reply_markup=KEYS,
            protect_content=True,
        )
        await bot.result("sendMessage", chat_id=person.id, text="Svar", reply_parameters={"message_id": gone})
        await bot.result("deleteMessage", chat_id=person.id, message_id=gone)
    async with a_page(stand_in.url, 1440, 900) as page:
        await page.locator("#phone-5006").get_by_text("Svar").wait_for()
        await page.get_by_role("button", name="Personer").click()
        faint = await page.evaluate(FAINT_TEXT)

    assert faint == []


async def test_page_allows_no_script_of_others(stand_in: StandIn, bot: BotSide) -> None:
    async with bot.session.get(stand_in.url) as answer:
        policy = answer.headers["Content-Security-Policy"]
        page = await answer.text()

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert TOKEN not in page
