"""A hotline in the middle of its day: a case in every state, so that every page has something to show."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from bot import referral_file, referral_review, referrals
from bot.card_form import ContactCard
from bot.configuration import Configuration
from bot.referral_file import Opened
from bot.referral_values import Saving
from bot.turn import Turn
from storage.models import Enquiry, Person, State
from storage.queries import enquiries as find
from tests.browser import free_port
from tests.databases import Urls
from tests.house_rota import PlannedWeek
from tests.journeys.acting import ask, settled
from tests.referring import WRITTEN, give_card
from tests.scene import Scene
from tests.screen import signed_in

CARD = ContactCard(name="Karen Opdigtesen", phone="67 00 00 04", about="Nord Opdigtesen", relation="min elev")
LONG = "https://example.org/" + "et-meget-langt-ord-uden-mellemrum-" * 4


class House(Scene):
    """A scene that has been played for a while; each of its people can be signed in at a screen."""

    def __init__(self, urls: Urls, rules: Configuration, master_key: bytes) -> None:
        super().__init__(urls, rules, master_key)
        self.numbers: dict[str, str] = {}
        self.console = ""
        self.week = PlannedWeek()
        self.people: dict[str, UUID] = {}
        self.alarm: UUID | None = None

    async def fill(self) -> None:
        """Have a day happen: late, waiting, in triage, talked about, held, closed."""
        await self.staff("Lone", on_duty=False)
        await self.staff("Ane", on_duty=False)
        await self.staff("Dorte")
        await self.staff("Asta")
        late = await ask(self, await self.person("Leif"), "Min nevø er blevet meget stille")
        self.numbers["late"] = late.number or ""
        await self.skip(days=2)
        mira = await self.staff("Mira")
        yasmin = await self.staff("Yasmin")
        karen, idris = await self.person("Karen"), await self.person("Idris")
        case = await ask(
            self,
            karen,
            "En elev deler voldelige videoer. Han hedder Nord Opdigtesen, CPR 120352-6004.",
            role="professional",
            profession="teacher",
            topic="school",
            age="15-17",
        )
        self.numbers["assigned"] = case.number or ""
        await mira.taps("claim")
        await mira.sees("voldelige")
        await mira.says("Hvornår begyndte det, og hvem taler han med om det?")
        await karen.sees("Hvornår begyndte")
        await karen.says(f"For tre uger siden. Han viste mig dette: {LONG}")
        await mira.sees("tre uger")
        await mira.says("/note Aftalt: hun taler med skolens leder først")
        await self._finishes(yasmin)
        self.numbers["triage"] = (
            await ask(self, await self.person("Sara"), "Han taler om at skaffe et våben", alarm="weapon")
        ).number or ""
        self.numbers["waiting"] = (
            await ask(self, idris, "My son has new friends and will not say who")
        ).number or ""
        await idris.says("/privacy")
        await idris.taps("insight:ask")
        omar = await self.person("Omar")
        await omar.start()
        await omar.says("Han er på vej mod skolen med en kniv")
        await (await self.person("Ulla")).says("Jeg ved ikke helt, hvordan jeg skal begynde")
        await settled(self)
        await self.staff("Tom", on_duty=False)
        await self.week.put_down(self)
        await self._refer()
        async with self.store.reading() as session:
            self.people = {row[0]: row[1] for row in await session.execute(select(Person.alias, Person.id))}
            held = select(Enquiry.id).where(Enquiry.state == State.HELD)
            self.alarm = (await session.execute(held)).scalar_one()
        await self.open_the_console()

    async def _refer(self) -> None:
        """Have Lone begin a referral of the one case, and write one of another that Ane approves."""
        for state in ("assigned", "closed"):
            async with self.store.unit() as unit:
                turn = Turn(unit, self.rules)
                known = (await unit.session.execute(select(Person))).scalars()
                people = {one.alias: one for one in known}
                enquiry = await find.by_number(unit, self.numbers[state])
                assert enquiry is not None
                await referrals.make(turn, people["Lone"], enquiry)
                if state == "assigned":
                    await give_card(turn, people["Lone"], enquiry, CARD)
                if state == "closed":
                    opened = await self._opened(turn, enquiry)
                    await referrals.save(turn, people["Lone"], opened, Saving(WRITTEN, {}))
                    opened = await self._opened(turn, enquiry)
                    await referral_review.ask(turn, people["Lone"], opened, reviewer="Ane", seen=opened.seen)
                    opened = await self._opened(turn, enquiry)
                    await referral_review.approve(turn, people["Ane"], opened, seen=opened.seen)
                await unit.commit()

    async def _opened(self, turn: Turn, enquiry: Enquiry) -> Opened:
        opened = await referral_file.opened(turn, enquiry)
        assert opened is not None
        return opened

    async def open_the_console(self) -> None:
        """Run the hotline anew where a browser finds its console."""
        port = free_port()
        await self.hotline.stop()
        await self.start_hotline(http_port=port, public_url=f"http://localhost:{port}")
        self.console = f"http://localhost:{port}/console"

    async def _finishes(self, yasmin: object) -> None:
        case = await ask(self, await self.person("Hanne"), "Hvordan taler jeg med min datter om det?")
        self.numbers["closed"] = case.number or ""
        await yasmin.taps("claim")  # type: ignore[attr-defined]  # a played person
        await yasmin.says("/done")  # type: ignore[attr-defined]  # likewise
        await yasmin.taps("done:outcome:advice_only")  # type: ignore[attr-defined]  # likewise
        await yasmin.taps("done:minutes:30")  # type: ignore[attr-defined]  # likewise
        await yasmin.taps("done:referral:no")  # type: ignore[attr-defined]  # likewise

    async def talk_on(self, messages: int) -> None:
        """Have Karen write so many messages more in her case."""
        karen, mira = await self.person("Karen"), await self.person("Mira")
        for number in range(messages):
            await karen.says(f"Nummer {number}: han er kommet for sent igen, og i dag sagde han ingenting.")
        await mira.sees(f"Nummer {messages - 1}:", timeout=60)

    async def signs_in(self, alias: str) -> dict[str, str]:
        """Return the cookies of a browser at which the person is signed in."""
        return await signed_in(self.store, alias)


def addresses(house: House) -> dict[str, list[tuple[str | None, str]]]:
    """Return, for each route that shows a page, who opens it where; None is nobody who is signed in."""
    cases = [("Lone", f"/enquiry/{number}") for number in house.numbers.values()]
    return {
        "signin": [(None, "/sign-in")],
        "home": [("Lone", "")],
        "sessions": [("Lone", "/sessions")],
        "cases": [("Mira", "/cases")],
        "enquiry": [*cases, ("Mira", f"/enquiry/{house.numbers['assigned']}")],
        "enquiry-mask-ask": [("Lone", f"/enquiry/{house.numbers['assigned']}/mask?at=1")],
        "log": [("Dorte", "/log")],
        **house.week.addresses(),
        "referral": [("Lone", f"/enquiry/{house.numbers[of]}/referral") for of in ("assigned", "closed")],
        "alarm": [("Lone", f"/alarm/{house.alarm}")],
        "requests": [("Lone", "/requests")],
        "panel": [("Lone", "/panel")],
        "person": [("Lone", f"/panel/{house.people['Mira']}"), ("Asta", f"/panel/{house.people['Lone']}")],
        "person-close-ask": [("Lone", f"/panel/{house.people['Mira']}/close")],
        "invites": [("Lone", "/panel/invites")],
        "new": [("Lone", "/new")],
        "list": [("Lone", "/enquiries")],
        "settings": [("Lone", "/settings"), ("Asta", "/settings")],
    }


# What is asked for by a page, or is none.
NO_PAGE = frozenset(
    {
        *("static", "language", "signin-progress", "now-live", "here"),
        *("referral-json", "referral-paper", "referral-schema", "rota-export"),
    }
)
