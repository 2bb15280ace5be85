"""Every page of the console, as somebody who cannot see well, has no mouse, or holds a phone meets it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handlers.console.door import Console
from handlers.words import Words
from tests.browser import DESKTOP, PHONE, a_browser, a_page, fits, require
from tests.house import NO_PAGE, House, addresses

require()

AXE = (Path(__file__).parent.parent / "axe" / "axe.min.js").read_text()
# WCAG 2.2, levels A and AA, and what the tool's makers hold to be good practice besides.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIOLATIONS = """async rules => {
    const found = await axe.run(
        document, {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"], elementRef: false});
    return found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 160)}`));
}"""
# What takes the focus, in the order it does, and whether it can be seen there.
FOCUSED = """() => {
    const at = document.activeElement, box = at.getBoundingClientRect();
    return at === document.body ? null : [at.outerHTML.slice(0, 120), box.width > 0 && box.height > 0];
}"""
CONTROLS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter(one => one.checkVisibility() && one.type !== "hidden" && !one.disabled && one.tabIndex >= 0)
    .filter(one => one.type !== "radio" || one.checked
        || !one.form.querySelector(`[name="${one.name}"]:checked`))
    .length"""


@dataclass
class Looked:
    """What was found on the pages."""

    wrong: list[tuple[str, ...]] = field(default_factory=list)
    pages: int = 0


async def test_every_route_that_shows_a_page_is_looked_at(house: House) -> None:
    words = Words(house.rules, bot_name="test_bot", public_url="http://localhost")
    console = Console(store=house.store, rules=house.rules, words=words, public_url="http://localhost")
    routes = console.application().router.routes()
    shown = {route.resource.name for route in routes if route.method == "GET" and route.resource is not None}

    assert shown - NO_PAGE == set(addresses(house))


async def test_every_page_is_accessible_and_fits(house: House) -> None:
    looked = Looked()
    visits = [one for many in addresses(house).values() for one in many]
    async with a_browser() as browser:
        for alias in {reader for reader, _ in visits}:
            session = {} if alias is None else await house.signs_in(alias)
            for locale in ("da", "en"):
                cookies = {"language": locale, **session}
                async with a_page(browser, locale=locale, width=DESKTOP, cookies=cookies) as page:
                    for path in [path for reader, path in visits if reader == alias]:
                        await _look(page, house.console + path, looked)

    assert not looked.wrong, "\n".join(" ".join(one) for one in sorted(set(looked.wrong)))
    assert looked.pages == 4 * len(visits)


async def _look(page: Any, address: str, looked: Looked) -> None:
    answer = await page.goto(address)
    path = address.rpartition("/console")[2]
    if answer.status != 200 or page.url != address:
        looked.wrong.append((path, str(answer.status), page.url))
        return
    # Our own policy forbids scripts that are not ours: the tool comes in by the driver's back door.
    await page.evaluate(AXE)
    for width in (DESKTOP, PHONE):
        await page.set_viewport_size({"width": width, "height": 900})
        looked.pages += 1
        looked.wrong += [(path, one) for one in await page.evaluate(VIOLATIONS, RULES)]
        if not await fits(page):
            looked.wrong.append((path, "wider than the window"))


async def test_words_are_masked_where_they_are_read_by_the_keyboard_alone(house: House) -> None:
    async with a_browser() as browser:
        cookies = {"language": "en", **await house.signs_in("Lone")}
        async with a_page(browser, locale="en", width=PHONE, cookies=cookies) as page:
            await page.goto(f"{house.console}/enquiry/{house.numbers['assigned']}")
            links = page.get_by_role("link", name="Hide something")
            for opened in (1, 2):
                await links.first.press("Enter")
                await page.locator(".mask form").nth(opened - 1).wait_for()
            await page.evaluate(AXE)
            wrong = await page.evaluate(VIOLATIONS, RULES)
            is_fitting = await fits(page)
            await page.wait_for_function("document.activeElement.name === 'words'")
            await page.keyboard.type("voldelige")
            await page.keyboard.press("Enter")
            await page.get_by_text("Places that you can read: 1").wait_for()
            said = await page.locator(".bubble").first.inner_text()

    assert (wrong, is_fitting) == ([], True)
    assert "[NAME] videoer" in said


async def test_the_keyboard_reaches_every_control(house: House) -> None:
    wrong = []
    async with a_browser() as browser:
        cookies = {"language": "en", **await house.signs_in("Lone")}
        async with a_page(browser, locale="en", width=DESKTOP, cookies=cookies) as page:
            for reader, path in [one for many in addresses(house).values() for one in many]:
                if reader != "Lone":
                    continue
                await page.goto(house.console + path)
                wanted, reached = await page.evaluate(CONTROLS), set()
                # A date is three stops and a button; what scrolls by itself is one more.
                for _ in range(4 * wanted):
                    if len(reached) == wanted:
                        break
                    await page.keyboard.press("Tab")
                    at = await page.evaluate(FOCUSED)
                    if at is not None:
                        reached.add(
                            await page.evaluate(
                                "[...document.querySelectorAll('*')].indexOf(document.activeElement)"
                            )
                        )
                        if not at[1]:
                            wrong.append((path, at[0]))
                if len(reached) < wanted:
                    wrong.append((path, f"{len(reached)} of {wanted} controls"))

    assert wrong == []
