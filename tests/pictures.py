"""Pictures of every page of the console, in both languages and widths: python -m tests.pictures FOLDER."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from itertools import product
from pathlib import Path

from bot.configuration import read_configuration
from tests.browser import DESKTOP, PHONE, a_browser, a_page
from tests.databases import FreshDatabases
from tests.house import House, addresses

_RULES = Path(__file__).parent.parent / "hotline.toml"


async def take(house: House, folder: Path) -> None:
    """Write a picture of each page, whole, from top to bottom."""
    await house.fill()
    visits = [(name, *one) for name, many in addresses(house).items() for one in many]
    async with a_browser() as browser:
        for name, alias, path in visits:
            session = {} if alias is None else await house.signs_in(alias)
            for locale, width in product(("da", "en"), (DESKTOP, PHONE)):
                cookies = {"language": locale, **session}
                async with a_page(browser, locale=locale, width=width, cookies=cookies) as page:
                    await page.goto(house.console + path)
                    what = "-".join([name, *path.split("/")[2:], (alias or "nobody").lower()])
                    await page.screenshot(path=folder / f"{what}-{locale}-{width}.png", full_page=True)


async def main(folder: Path) -> None:
    """Play the day on databases of its own, and take the pictures."""
    with tempfile.TemporaryDirectory() as place:
        urls = await asyncio.to_thread(FreshDatabases(Path(place), None).sqlite, _made(Path(place) / "data"))
        async with House(urls, read_configuration(_RULES), bytes(range(32))) as house:
            await take(house, _made(folder))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
