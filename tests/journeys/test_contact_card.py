"""A contact card from the adviser's wish to the secretariat, through the running hotline's own server."""

import re

import aiohttp

from tests.journeys.acting import claimed, phrase, settled
from tests.scene import Scene

FORM = {"name": "Karen Opdigtesen", "phone": "67 00 00 04"}


async def test_what_an_adviser_asks_for_reaches_the_secretariat_and_can_be_taken_back(scene: Scene) -> None:
    await scene.staff("Lone")
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "En elev bekymrer mig.")
    await mira.says("/contact")
    await karen.sees(phrase("card.ask"))
    await karen.taps("card:form")
    sent = (await karen.sees("/card/"))["text"]
    path = re.search(r"/card/[\w-]{43}", sent)
    assert path is not None
    address = f"http://127.0.0.1:{scene.hotline.port}{path[0]}"
    async with aiohttp.ClientSession() as browser:
        async with browser.get(address) as answer:
            proof = re.search(r'name="proof" value="([^"]+)"', await answer.text())
        assert proof is not None
        async with browser.post(address, data={**FORM, "proof": proof[1]}) as answer:
            thanks = await answer.text()
    await karen.sees(phrase("card.arrived"))
    await mira.sees(phrase("contact.arrived"))
    await settled(scene)
    theirs = [message["text"] for who in (karen, mira) for message in await who.messages()]
    links = [message for message in await karen.messages() if path[0] in message["text"]]
    await karen.says("/privacy")
    await karen.taps("Træk tilbage: K-2026-00001")
    await karen.sees(phrase("card.withdrawn"))

    assert "Tak, vi har fået det" in thanks
    assert not [text for text in theirs if "Opdigtesen" in text or "67 00" in text]
    assert [message["deleted"] for message in links] == [True]
    requests = await scene.telegram.requests(method="sendMessage")
    [posted] = [one["payload"] for one in requests if path[0] in str(one["payload"].get("text"))]
    assert posted["link_preview_options"] == {"is_disabled": True}
