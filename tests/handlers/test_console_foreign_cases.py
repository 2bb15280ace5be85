"""A case that is not the reader's to see answers on every route like one that does not exist."""

from __future__ import annotations

import re

import aiohttp
import pytest
from sqlalchemy import select

from handlers.console.access import PERMITTED
from handlers.console.door import Console
from handlers.words import Words
from storage.models import Conflict, Enquiry, Person, Role
from tests.house import House

NOWHERE = "K-2026-09999"
FILLED_IN = {"outcome": "advice_only", "to": "Mira", "seen": ""}
_NUMBER = re.compile(r"\{number[^}]*\}")
_REST = {"version": "1", "party": "ssp", "sheet": "register_sheet", "kind": "pdf"}


def routes_of_a_case(house: House) -> list[tuple[str, str, str]]:
    """Return method, address and name of every route that bears the number of a case, and nothing else."""
    words = Words(house.rules, bot_name="test_bot", public_url="http://localhost")
    console = Console(store=house.store, rules=house.rules, words=words, public_url="http://localhost")
    return [
        (route.method, _NUMBER.sub("{}", route.resource.canonical), route.resource.name or "")
        for route in console.application().router.routes()
        if route.resource is not None and route.method != "HEAD" and "{number}" in route.resource.canonical
    ]


async def answers(house: House, alias: str, role: Role, number: str) -> dict[str, int]:
    """Return how each route that the role may use answers for the case."""
    found = {}
    async with aiohttp.ClientSession(cookies=await house.signs_in(alias)) as browser:
        async with browser.get(f"{house.console}/sessions") as answer:
            secret = re.search(r'name="csrf" value="([0-9a-f]+)"', await answer.text())
        assert secret is not None
        for method, path, name in routes_of_a_case(house):
            if role not in PERMITTED[name]:
                continue
            address = house.console + path.format(number, **_REST)
            form = {"csrf": secret[1], **FILLED_IN} if method == "POST" else None
            async with browser.request(method, address, data=form, allow_redirects=False) as answer:
                found[name] = answer.status
    return found


async def conflict(house: House, alias: str, number: str) -> None:
    async with house.store.unit() as unit:
        person = (await unit.session.execute(select(Person.id).where(Person.alias == alias))).scalar_one()
        case = (await unit.session.execute(select(Enquiry.id).where(Enquiry.number == number))).scalar_one()
        unit.session.add(Conflict(enquiry_id=case, person_id=person, said_at=unit.now))
        await unit.commit()


@pytest.mark.parametrize("state", ["assigned", "waiting", "closed"])
async def test_somebody_elses_case_is_not_there_for_a_resource_person(house: House, state: str) -> None:
    found = await answers(house, "Yasmin", Role.RESOURCE_PERSON, house.numbers[state])

    assert found == await answers(house, "Yasmin", Role.RESOURCE_PERSON, NOWHERE)
    assert found["enquiry"] == found["enquiry-close"] == 404


async def test_a_case_one_has_a_conflict_of_interest_in_is_not_there_at_the_desk(house: House) -> None:
    await conflict(house, "Lone", house.numbers["assigned"])

    found = await answers(house, "Lone", Role.SECRETARIAT, house.numbers["assigned"])

    assert found == await answers(house, "Lone", Role.SECRETARIAT, NOWHERE)
    assert found["enquiry"] == found["enquiry-assign"] == found["enquiry-close"] == 404
