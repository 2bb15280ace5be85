"""Pictures of every page, in both languages and widths: python -m tests.pictures FOLDER.

Without a folder, those that docs/pages.md and the guides show are taken anew; ImageMagick makes them small.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.configuration import read_configuration
from tests.browser import DESKTOP, PHONE, a_browser, a_page
from tests.databases import FreshDatabases
from tests.house import House, addresses
from tests.house_cards import HouseCards

_ROOT = Path(__file__).parent.parent
_RULES = _ROOT / "hotline.toml"
PAGES = _ROOT / "docs" / "pages.md"
SHOWN = _ROOT / "docs" / "pictures" / "pages"
SIZES = {DESKTOP: "desktop", PHONE: "phone"}
_WIDEST, _HIGHEST, _COLOURS = 900, 2200, 64
# What the guides show of a page at the desk, so many pixels from its top; the language follows the name.
_IN_GUIDES = {
    "desk-now": ("home-lone", 1345),
    "desk-case": ("enquiry-assigned-lone", 1245),
    "desk-panel": ("panel-lone", 1100),
    "desk-recipients": ("referral-closed-lone", 1412),
    "referral-form": ("referral-assigned-lone", 1100),
    "rota-week": ("rota-lone", 1122),
    "rota-change": ("rota-change-absence-lone", 900),
}


@dataclass(frozen=True, slots=True)
class View:
    """What somebody sees at an address, once she has clicked; a click with a value chooses from a list.

    Of a page with a part that is meant, the part alone is shown.
    """

    name: str
    alias: str | None
    address: str
    clicks: tuple[tuple[str, str | None], ...] = ()
    status: int = 200
    part: str | None = None


def of_console(house: House) -> dict[str, list[View]]:
    """Return, for each route that shows a page, its views, under names that stay the same."""
    known = {number: state for state, number in house.numbers.items()}
    known |= {str(person): alias.lower() for alias, person in house.people.items()}
    taken: Counter[str] = Counter()
    views: dict[str, list[View]] = {}
    for route, visits in addresses(house).items():
        views[route] = []
        for alias, path in visits:
            at = urlsplit(path)
            what = [known[one] for one in at.path.split("/") if one in known]
            what += parse_qs(at.query).get("what", [])
            name = "-".join([route, *what, (alias or "nobody").lower()])
            taken[name] += 1
            name += f"-{taken[name]}" if taken[name] > 1 else ""
            views[route].append(View(name, alias, f"/console{path}"))
    return views


def of_cards(house: House, cards: HouseCards) -> list[View]:
    """Return what opens by a click, and the pages of contact cards that enquirers see."""
    case = f"/console/enquiry/{house.numbers['assigned']}"
    call = f"/console/enquiry/{cards.call}"
    return [
        View("enquiry-call-lone", "Lone", call),
        View(
            "enquiry-type-in-lone", "Lone", call, ((".type-in summary", None),), part=".panel:has(.type-in)"
        ),
        View(
            "referral-withdraw-lone",
            "Lone",
            f"{case}/referral",
            ((".again summary", None),),
            part=".again",
        ),
        View("card-form", None, cards.form),
        View("card-form-faults", None, cards.form, (("button", None),), 422),
        View("card-kept-ask", None, cards.kept),
        View("card-kept", None, cards.kept, (("button", None),)),
        View("card-unknown", None, f"/card/{'x' * 43}", (), 404),
        View(
            "card-opened-lone",
            "Lone",
            case,
            (("#reason", "call"), ("#card .button-primary", None)),
            part="#card",
        ),
    ]


async def take(house: House, folder: Path, is_wanted: Callable[[str], bool]) -> None:
    """Write a picture of each page, whole, from top to bottom, whose name is wanted."""
    await house.fill()
    cards = HouseCards()
    await cards.put_down(house)
    views = [*chain.from_iterable(of_console(house).values()), *of_cards(house, cards)]
    async with a_browser() as browser:
        for locale in ("da", "en"):
            await cards.all_read(house, locale)
            for view, width in product(views, SIZES):
                name = f"{view.name}-{locale}-{SIZES[width]}"
                if is_wanted(name):
                    await _take(browser, house, view, (locale, width), folder / f"{name}.png")


async def _take(browser: Any, house: House, view: View, how: tuple[str, int], picture: Path) -> None:
    locale, width = how
    session = {} if view.alias is None else await house.signs_in(view.alias)
    cookies = {"language": locale, **session}
    async with a_page(browser, locale=locale, width=width, cookies=cookies, status=view.status) as page:
        await page.goto(house.console.removesuffix("/console") + view.address)
        for place, value in view.clicks:
            found = page.locator(place).first
            await (found.click() if value is None else found.select_option(value))
            await page.wait_for_timeout(400)
        await page.mouse.move(0, 0)
        # What sticks to the window's edge stands where the page ends.
        height = await page.evaluate("document.documentElement.scrollHeight")
        await page.set_viewport_size({"width": width, "height": max(height, 900)})
        if view.part is None:
            await page.screenshot(path=picture, full_page=True)
        else:
            await page.locator(view.part).first.screenshot(path=picture)


async def main(folder: Path, is_wanted: Callable[[str], bool]) -> None:
    """Play the day on databases of its own, and take the pictures."""
    with tempfile.TemporaryDirectory() as place:
        urls = await asyncio.to_thread(FreshDatabases(Path(place), None).sqlite, _made(Path(place) / "data"))
        async with House(urls, read_configuration(_RULES), bytes(range(32))) as house:
            await take(house, _made(folder), is_wanted)


def named_in(text: str) -> set[str]:
    """Return the names of the pictures that a document shows from the folder of pages."""
    return set(re.findall(r"pictures/pages/([\w-]+)\.png", text))


async def retake() -> None:
    """Take what the docs show anew, small enough to be kept."""
    shown = named_in(PAGES.read_text(encoding="utf-8"))
    guides = {
        f"{called}-{locale}": (f"{view}-{locale}-desktop", height)
        for (called, (view, height)), locale in product(_IN_GUIDES.items(), ("da", "en"))
    }
    with tempfile.TemporaryDirectory() as place:
        await main(Path(place), (shown | {view for view, _ in guides.values()}).__contains__)
        for old in _made(SHOWN).glob("*.png"):
            old.unlink()
        for name in sorted(shown):
            await _reduce(Path(place) / f"{name}.png", SHOWN / f"{name}.png", _WIDEST, _HIGHEST)
        for called, (view, height) in guides.items():
            await _reduce(Path(place) / f"{view}.png", SHOWN.parent / f"{called}.png", DESKTOP, height)


async def _reduce(picture: Path, kept: Path, width: int, height: int) -> None:
    """Keep a picture at most so wide and so high, in few colours."""
    smaller = ("-resize", f"{width}x>", "-crop", f"{width}x{height}+0+0", "+repage")
    fewer = ("+dither", "-colors", str(_COLOURS), "-strip")
    process = await asyncio.create_subprocess_exec("convert", picture, *smaller, *fewer, f"PNG8:{kept}")
    assert await process.wait() == 0, kept.name


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), lambda _: True) if sys.argv[1:] else retake())
