"""Words masked at a screen leave every chat they stood in: the adviser's, the desk's and the writer's own."""

from __future__ import annotations

from sqlalchemy import select

from bot import redaction
from bot.masking import Mask
from bot.turn import Turn
from storage.models import Enquiry, Person
from storage.queries import enquiries as find
from tests.journeys.acting import claimed, phrase, settled, shown
from tests.journeys.watching import is_deleted
from tests.scene import Scene

NAME = "Zebulonia"
SAID = f"Der er uro i klassen, og {NAME} er stille."


async def masks(scene: Scene, enquiry: Enquiry) -> None:
    """Have Lone mask the name in the case."""
    async with scene.store.unit() as unit:
        lone = (await unit.session.execute(select(Person).where(Person.alias == "Lone"))).scalar_one()
        case = await find.locked(unit, enquiry.id)
        assert case is not None
        await redaction.mask_everywhere(Turn(unit, scene.rules), lone, case, NAME, Mask.NAME)
        await unit.commit()
    await settled(scene)


async def test_words_masked_leave_every_chat_they_stood_in(scene: Scene) -> None:
    lone, mira, karen = [await scene.staff("Lone"), await scene.staff("Mira"), await scene.person("Karen")]
    enquiry = await claimed(scene, mira, karen, SAID)
    echoed = await karen.says(f"CPR 120352-6004, og {NAME} græd.")
    await karen.sees(phrase("mask.cpr"))
    answer = await mira.says(f"Tal med {NAME}s mor.")
    await karen.sees("Tal med")
    await lone.says("/queue")
    await lone.taps("triage:read")
    await lone.sees(SAID)
    await settled(scene)
    held = [NAME in "".join(await shown(one)) for one in (lone, mira, karen)]

    await masks(scene, enquiry)

    assert held == [True, True, True]
    for person in (lone, mira, karen):
        assert [text for text in await shown(person) if NAME in text] == []
        assert [text for text in await shown(person) if "og [NAVN] er stille" in text] != []
    own = [one for one in await karen.messages() if not one["from_bot"] and NAME in one["text"]]
    assert own != []
    assert [one["deleted"] for one in own] == [True] * len(own)
    assert await is_deleted(karen, echoed)
    assert await is_deleted(mira, answer)
    assert [text for text in await shown(karen) if "Tal med [NAVN] mor." in text] != []


async def test_while_an_emergency_is_open_the_writers_own_words_stay(scene: Scene) -> None:
    await scene.staff("Lone")
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    enquiry = await claimed(scene, mira, karen, SAID)
    await karen.says(f"{NAME} har en kniv og går derhen i aften.")
    await karen.sees(phrase("emergency.card"))
    await settled(scene)

    await masks(scene, enquiry)

    own = [one for one in await karen.messages() if not one["from_bot"] and NAME in one["text"]]
    assert [one["deleted"] for one in own] == [False, False]
    assert [text for text in await shown(mira) if NAME in text] == []
