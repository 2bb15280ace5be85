"""Words masked afterwards in a case: its drafts hold them no more, and what was submitted is named."""

from __future__ import annotations

import re

from bot.configuration import Configuration
from storage.models import Enquiry, Role
from storage.store import Store
from tests.leaks.search import in_bytes
from tests.referring import WRITTEN, Referring, Writer
from tests.screen import Screen

NAME = "Kvistgaard"
SLIPPED = {**WRITTEN, "behaviour": f"{NAME} taler om at rejse.", "wish": f"At tale med {NAME.upper()}s mor."}


class Desk(Referring):
    """Lone and Bodil, and a case of Karen's in which a name slipped through."""

    async def opens(self) -> Enquiry:
        await self.enrol("Lone")
        await self.enrol("Bodil", Role.COORDINATOR)
        return await self.asks("En elev taler om at rejse.")

    async def holding(self) -> set[tuple[int, str]]:
        """Return the versions and columns that the name can be read from."""
        found = set()
        for version in await self.versions():
            for column in ("body", "identity", "remarks"):
                sealed = getattr(version, f"{column}_sealed")
                key = version.identity_key_id if column == "identity" else version.key_id
                place = f"referral_version.{column}:{version.referral_id}:{version.version}"
                opened = b"" if sealed is None else await self.store.keys.open(key, sealed, place=place)
                if in_bytes(opened, [NAME], [], column):
                    found.add((version.version, column))
        return found


async def masks(screen: Screen, case: Enquiry) -> str:
    """Hide the name in the case, and return the page that follows."""
    await screen.post(f"/console/enquiry/{case.number}/mask", words=NAME.lower(), kind="name")
    _, page = await screen.get(f"/console/enquiry/{case.number}")
    return page


async def test_a_draft_and_its_remarks_are_masked_but_not_who_is_meant(
    store: Store, rules: Configuration
) -> None:
    desk = Desk(store, rules)
    case = await desk.opens()
    async with Screen(store, rules) as hers, Screen(store, rules) as theirs:
        theirs.client.session.headers["X-Forwarded-For"] = "203.0.113.9"
        await hers.signs_in(desk.people["Lone"])
        await theirs.signs_in(desk.people["Bodil"])
        lone, bodil = Writer(hers, case), Writer(theirs, case)
        await lone.makes()
        await lone.saves("review", reviewer="Bodil", **{**SLIPPED, "name": f"Nord {NAME}"})
        await bodil.looks()
        await bodil.does("send_back", remarks=f"Skriv {NAME} ud.")
        await lone.looks()
        await lone.saves("review", reviewer="Bodil")
        await bodil.looks()
        before = await desk.holding()
        page = await masks(hers, case)
        approved = await bodil.does("approve")
        await lone.looks()

    assert before == {(1, "body"), (1, "identity"), (1, "remarks")}
    assert await desk.holding() == {(1, "identity")}
    assert "Places that you can read: 3." in page
    assert "[NAME] taler om at rejse." in lone.page
    assert "still holds these words" not in page
    assert "The referral has changed since the page was shown." in approved


async def test_what_was_submitted_stays_and_is_named_with_the_way_to_correct_it(
    store: Store, rules: Configuration
) -> None:
    desk = Desk(store, rules)
    case = await desk.opens()
    async with Screen(store, rules) as hers, Screen(store, rules) as theirs:
        theirs.client.session.headers["X-Forwarded-For"] = "203.0.113.9"
        await hers.signs_in(desk.people["Lone"])
        await theirs.signs_in(desk.people["Bodil"])
        lone, bodil = Writer(hers, case), Writer(theirs, case)
        await lone.makes()
        await lone.saves("review", reviewer="Bodil", **SLIPPED)
        await bodil.looks()
        await bodil.does("approve")
        sealed = [one.body_sealed for one in await desk.versions()]
        named = await masks(hers, case)
        await lone.looks()
        await lone.does("correct")
        await masks(hers, case)
        held = await desk.holding()
        await lone.looks()
        await lone.saves("review", reviewer="Bodil")
        await bodil.looks()
        await bodil.does("approve")
        corrected = await masks(hers, case)

    way = re.findall(r'still holds these words\.[^<]*<a href="([^"]+)">([^<]+)</a>', named)
    assert way == [(lone.address, "Go to the referral")]
    assert "Referral R-2026-00001 has been submitted and still holds these words." in named
    assert "Places that" not in named
    assert held == {(1, "body")}
    assert [one.body_sealed for one in await desk.versions()][:1] == sealed
    assert "An earlier version of referral R-2026-00001 still holds these words." in corrected
