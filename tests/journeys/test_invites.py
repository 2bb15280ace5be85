"""The way in and out for staff: invites, and what a lost phone may still do."""

from __future__ import annotations

from bot import people
from bot.sandbox.client import Played
from bot.sandbox.methods.account import commands_for
from bot.turn import Turn
from storage.models import Role, State
from storage.queries import people as find_people
from tests.journeys.acting import ask, claimed, phrase, settled, shown
from tests.scene import CAST, Scene


async def token_for(scene: Scene, alias: str) -> str:
    role, competences, languages = CAST[alias]
    async with scene.store.unit() as unit:
        turn = Turn(unit, scene.rules)
        token = await people.invite(
            turn, role=role, alias=alias, competences=competences, languages=languages
        )
        await unit.commit()
    return token


async def test_an_invite_lets_one_account_in_and_no_other(scene: Scene) -> None:
    mira, karen = await scene.person("Mira"), await scene.person("Karen")
    token = await token_for(scene, "Mira")

    await mira.start(token)
    await mira.sees(phrase("enrol.welcome.resource-person", alias="Mira"))
    await karen.start(token)

    await karen.sees(phrase("enrol.not_valid"))
    await karen.says("/duty on")
    await karen.sees(phrase("forbidden"))


async def test_an_invite_that_has_expired_lets_nobody_in(scene: Scene) -> None:
    mira = await scene.person("Mira")
    token = await token_for(scene, "Mira")

    await scene.skip(days=7, seconds=1)
    await mira.start(token)

    await mira.sees(phrase("enrol.not_valid"))


async def test_an_unknown_token_lets_nobody_in(scene: Scene) -> None:
    karen = await scene.person("Karen")

    await karen.start("this-is-no-token-at-all")

    await karen.sees(phrase("enrol.not_valid"))


async def test_the_secretariat_invites_and_a_misspelt_field_is_named(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.person("Mira")

    await lone.says("/invite Mira skole da")
    await lone.sees("street_work")
    await lone.says("/invite Mira school,family da,en")
    made = await lone.sees("https://t.me/test_bot?start=")
    await mira.start(made["text"].partition("start=")[2].split()[0])

    await mira.sees(phrase("enrol.welcome.resource-person", alias="Mira"))
    await lone.says("/invite mira school da")
    await lone.sees(phrase("invite.alias_taken", alias="mira"))


async def test_a_revoked_account_loses_everything_and_its_case_is_offered_on(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira"), await scene.staff("Tom")
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Han er holdt op med at komme i klubben.")

    await lone.says("/revoke Mira")
    await lone.sees(phrase("desk.revoked", alias="Mira"))
    await settled(scene)

    assert [text for text in await shown(mira) if "klubben" in text] == []
    await karen.sees(phrase("handover.enquirer", number="K-2026-00001"))
    await tom.taps("claim")
    await tom.sees("Han er holdt op med at komme i klubben.")
    for command in ("/duty on", "/open", "/queue", "/done", "/ask"):
        written = await mira.says(command)
        await mira.sees(phrase("forbidden"), after=written)


async def test_a_revoked_account_is_asked_nothing_more_and_may_ask_itself(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    yasmin, karen = await scene.staff("Yasmin"), await scene.person("Karen")
    await ask(scene, karen, "Hvad gør jeg?")
    await mira.sees(phrase("offer.made"))

    await lone.says("/revoke Mira")
    await mira.sees(phrase("enrol.revoked"))
    await settled(scene)
    offers = [text for text in await shown(mira) if phrase("offer.made") in text]
    own = await ask(scene, mira, "Jeg har selv et spørgsmål.")

    assert offers == []
    assert own.state is State.WAITING
    await yasmin.sees(phrase("offer.made"))


async def test_nobody_closes_her_own_account_nor_the_last_of_the_secretariat_in_chat(scene: Scene) -> None:
    lone = await scene.staff("Lone", on_duty=False)
    await lone.says("/revoke Lone")
    await lone.sees(phrase("desk.last_secretary", alias="Lone"))

    CAST.setdefault("Signe", (Role.SECRETARIAT, (), ("da",)))
    await scene.staff("Signe", on_duty=False)
    await lone.says("/revoke Lone")
    await lone.sees(phrase("desk.own_account"))


async def test_an_invite_for_a_revoked_alias_brings_the_same_person_back(scene: Scene) -> None:
    await scene.staff("Mira")
    lone, phone = (
        await scene.staff("Lone"),
        await scene.telegram.user("Miras nye telefon", language_code="da"),
    )
    async with scene.store.unit() as unit:
        before = await find_people.by_alias(unit, "Mira")

    await lone.says("/revoke Mira")
    await lone.sees(phrase("desk.revoked", alias="Mira"))
    await phone.start(await token_for(scene, "Mira"))
    await phone.sees(phrase("enrol.welcome.resource-person", alias="Mira"))
    await settled(scene)

    async with scene.store.unit() as unit:
        after = await find_people.by_alias(unit, "Mira")
    assert before is not None
    assert after is not None
    assert (after.id, after.role, after.revoked_at) == (before.id, Role.RESOURCE_PERSON, None)
    assert (after.says_on_duty, after.says_until) == (None, None)
    assert after.chat_id != before.chat_id


async def test_staff_see_their_own_commands_in_the_menu_until_they_are_revoked(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    await settled(scene)
    assert "duty" in await menu_of(scene, mira)
    assert "queue" not in await menu_of(scene, mira)
    assert "queue" in await menu_of(scene, lone)

    await lone.says("/revoke Mira")
    await settled(scene)

    assert "duty" not in await menu_of(scene, mira)


async def menu_of(scene: Scene, person: Played) -> list[str]:
    shown = commands_for(scene.stand_in.world, person.id, "da")
    return [one["command"] for one in shown]  # type: ignore[attr-defined]


async def test_who_is_invited_in_danish_is_spoken_to_in_danish_whatever_her_telegram_says(
    scene: Scene,
) -> None:
    tom = await scene.telegram.user("Tom", language_code="en")

    await tom.start(await token_for(scene, "Tom"))

    await tom.sees(phrase("enrol.welcome.resource-person", alias="Tom"))


async def test_whose_telegram_is_in_one_of_her_languages_keeps_it(scene: Scene) -> None:
    mira = await scene.telegram.user("Mira", language_code="en")

    await mira.start(await token_for(scene, "Mira"))

    await mira.sees(phrase("enrol.welcome.resource-person", "en", alias="Mira"))
