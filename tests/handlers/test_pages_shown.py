"""Whoever wants to know what the console looks like finds every page of it in docs/pages.md."""

from __future__ import annotations

from tests.house import House
from tests.pictures import PAGES, SHOWN, named_in, of_console

_MOST_BYTES = 4 * 1024 * 1024


async def test_every_page_that_can_be_opened_is_shown_at_both_widths(house: House) -> None:
    shown = named_in(PAGES.read_text(encoding="utf-8"))
    wanting = [
        route
        for route, views in of_console(house).items()
        if not any({f"{view.name}-da-desktop", f"{view.name}-en-phone"} <= shown for view in views)
    ]

    assert wanting == []


def test_the_pictures_are_those_that_are_shown_and_stay_small() -> None:
    kept = {picture.stem: picture.stat().st_size for picture in SHOWN.glob("*.png")}

    assert set(kept) == named_in(PAGES.read_text(encoding="utf-8"))
    assert sum(kept.values()) < _MOST_BYTES
