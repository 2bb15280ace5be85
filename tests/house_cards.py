"""Contact cards for a house that has been played: one asked for, one given, one typed in for a caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot import cards, dispatching, own_data, typed_in, writing
from bot.incoming import Did, Incoming
from bot.turn import Turn
from bot.typed_in import TakenDown, Way
from handlers.card.door import PATH
from scheduling.ids import new_id
from storage.models import Author, Card, Channel, Chat, Enquiry, Person
from storage.queries import enquiries as find
from storage.queries import requests

if TYPE_CHECKING:
    from tests.house import House


class HouseCards:
    """The form Idris is sent, what Karen is shown of her own, and a telephone call whose answer is ready."""

    def __init__(self) -> None:
        self.form = ""
        self.kept = ""
        self.call = ""

    async def put_down(self, house: House) -> None:
        """Have it happen in the house's database; its day has been played."""
        async with house.store.unit() as unit:
            turn = Turn(unit, house.rules)
            people = {one.alias: one for one in (await unit.session.execute(select(Person))).scalars()}
            lone, mira = people["Lone"], people["Mira"]
            self.call = await _call(turn, lone, mira)
            asked, held = [await find.by_number(unit, house.numbers[of]) for of in ("waiting", "assigned")]
            assert asked is not None
            assert held is not None
            self.form = await _form(turn, lone, asked)
            self.kept = await _kept(turn, lone, held)
            await unit.commit()

    async def all_read(self, house: House, language: str) -> None:
        """Have every chat be spoken to in a language."""
        async with house.store.unit() as unit:
            for chat in (await unit.session.execute(select(Chat))).scalars():
                chat.language = language
            await unit.commit()


async def _call(turn: Turn, lone: Person, mira: Person) -> str:
    """Have Lone type a call in and Mira write an answer, and return the number of its case."""
    taken = TakenDown(
        id=new_id(),
        channel=Channel.TELEPHONE,
        came_at=turn.now,
        answers={"role": "relative", "relation": "parent", "topic": "family"},
        text="En far ringer om sin søn, der er holdt op med at gå i skole.",
        way=Way.PANEL,
    )
    chat = await _chat(turn, mira)
    call = await typed_in.keep(turn, lone, await _chat(turn, lone), taken)
    await dispatching.assign(turn, call, mira, chat, by=lone)
    said = Incoming(Did.TEXT, 0, turn.now, text="Spørg, om skolen og sønnen vil mødes, og ring gerne igen.")
    await writing.write_down(turn, call, said, author=Author.RESOURCE_PERSON, chat=chat, person_id=mira.id)
    return call.number or ""


async def _form(turn: Turn, lone: Person, enquiry: Enquiry) -> str:
    """Have the enquirer be asked and say yes, and return the address of her form."""
    await cards.ask(turn, lone, await _chat(turn, lone), enquiry)
    await cards.send_form(turn, await _chat(turn, enquiry), enquiry, wants_call=False)
    await turn.unit.session.flush()
    query = select(Card).where(Card.enquiry_id == enquiry.id)
    card = (await turn.unit.session.execute(query)).scalar_one()
    assert card.linked_at is not None
    return await _address(turn, f"{card.id.hex}-{card.linked_at.microseconds}")


async def _kept(turn: Turn, lone: Person, enquiry: Enquiry) -> str:
    """Have the enquirer ask what is kept and be given it, and return the address of her cards."""
    chat = await _chat(turn, enquiry)
    await own_data.ask(turn, chat)
    await turn.unit.session.flush()
    wish = await requests.open_of(turn.unit, chat.id, own_data.INSIGHT)
    assert wish is not None
    await own_data.give(turn, lone, await _chat(turn, lone), wish)
    return await _address(turn, f"kept/{wish.id.hex}")


async def _address(turn: Turn, called: str) -> str:
    return f"{PATH}/{await own_data.path(turn.unit.keys, called, now=turn.now)}"


async def _chat(turn: Turn, whose: Person | Enquiry) -> Chat:
    return await turn.unit.session.get_one(Chat, whose.chat_id)
