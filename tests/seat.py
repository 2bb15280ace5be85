"""Somebody of the cast at a PC of her own: what she clicks and what she enters is counted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot.referral_form import BY_NAME, Kind
from bot.sandbox.client import Played
from tests.browser import DESKTOP, a_page, add_passkeys


class Seat:
    """A page, and one person's hand at it; `deeds` are her clicks, and her entries in fields."""

    def __init__(self, page: Any) -> None:
        self.page, self.deeds = page, 0

    async def clicks(self, name: str, *, within: str = "main") -> None:
        """Click the only button or link of the name."""
        place = self.page.locator(within)
        target = place.get_by_role("button", name=name, exact=True)
        await self._click(target.or_(place.get_by_role("link", name=name, exact=True)))

    async def ticks(self, name: str, *, within: str = "main") -> None:
        """Tick the only box that says this."""
        box = self.page.locator(within).get_by_role("checkbox", name=name)
        await self._click(self.page.locator(f'label[for="{await box.get_attribute("id")}"]'))
        assert await box.is_checked()

    async def chooses(self, label: str, option: str) -> None:
        """Choose in the field of the label, by the option's words or by what it stands for."""
        self.deeds += 1
        await self.page.get_by_label(label, exact=True).select_option(option)

    async def enters(self, label: str, text: str) -> None:
        """Write into the field of the label."""
        self.deeds += 1
        await self.page.get_by_label(label, exact=True).fill(text)

    async def fills(self, values: Mapping[str, str]) -> None:
        """Fill these fields of a referral, each by hand."""
        for name, value in values.items():
            field = self.page.locator(f"#f-{name}")
            self.deeds += 1
            if BY_NAME[name].kind is Kind.CHOICE:
                await field.select_option(value)
            else:
                await field.fill(value)

    async def takes(self, *names: str) -> None:
        """Tick what is proposed for these fields of a referral."""
        for name in names:
            await self._click(self.page.locator(f'label[for="t-{name}"]'))

    async def puts(self, field: str, *pieces: str) -> None:
        """Put these pieces of the conversation into a field of a referral."""
        for piece in pieces:
            await self.ticks(piece, within="#talk")
        await self.chooses("Felt", field)
        await self.clicks("Sæt ind i feltet")
        await self.page.locator(f"#field-{field} .source").wait_for()

    async def keeps(self, link: Any) -> bytes:
        """Click a link to a file, and return the file."""
        self.deeds += 1
        async with self.page.expect_download() as coming:
            await link.click()
        file = await coming.value
        return (await file.path()).read_bytes()

    async def _click(self, target: Any) -> None:
        self.deeds += 1
        await target.click()


@asynccontextmanager
async def a_seat(browser: Any, person: Played, console: str) -> AsyncIterator[Seat]:
    """Yield a PC at which the person has just signed in, by her chat and a new passkey."""
    async with a_page(browser, locale="da-DK", width=DESKTOP) as page:
        await add_passkeys(page)
        seat = Seat(page)
        await page.goto(console)
        await seat.enters("Alias", person.name)
        await seat.clicks("Spørg i min chat")
        number = (await page.locator(".number").inner_text()).strip()
        await person.sees(f"viser {number}?")
        await person.taps("Ja")
        await seat.clicks("Fortsæt med adgangsnøgle")
        await page.get_by_role("button", name="Log ud").wait_for()
        yield seat
