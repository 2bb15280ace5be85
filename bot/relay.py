"""Whose message is it, and on to the other side; a message never reaches the wrong person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from bot import emergencies, enquirer, intake, keeping, promises, writing
from bot.incoming import Incoming
from bot.turn import CONVERSATION, Button, Turn, on
from scheduling.ids import new_id
from storage.models import Author, Chat, Enquiry, Parked, Person, State
from storage.queries import enquiries as find
from storage.queries import messages
from storage.queries import people as find_people

PLACE = "place"  # what is kept until its writer has said which case it belongs to


@dataclass(frozen=True, slots=True)
class Conversation:
    """An enquiry as one of its two sides sees it; `adviser` is None on the enquirer's side."""

    enquiry: Enquiry
    adviser: Person | None = None
    # On the enquirer's side: who has it, with her chat.
    other: tuple[Person, Chat] | None = None


class Ambiguous:
    """More than one conversation could be meant: the bot asks."""


@dataclass(frozen=True, slots=True)
class NoLonger:
    """The case replied to is not the adviser's any more: the message goes to nobody."""

    number: str


async def conversations(turn: Turn, chat: Chat, person: Person | None) -> list[Conversation]:
    """Return every conversation the chat takes part in now, what it asked itself first."""
    open_now = await find.open_with_advisers(turn.unit, chat.id)
    asked = [Conversation(enquiry, other=other) for enquiry, other in open_now]
    has = [] if person is None else await find.assigned_to(turn.unit, person.id)
    return asked + [Conversation(e, person) for e in has]


async def addressed(
    turn: Turn, chat: Chat, person: Person | None, incoming: Incoming
) -> Conversation | Ambiguous | NoLonger | None:
    """Return whose message it is: the one replied to, else the draft, else the switch, else the only one.

    A tap on Send may have overtaken a text: what was written before it belongs to what was sent. While
    something waits for its place, what follows waits behind it.
    """
    taking_part = await conversations(turn, chat, person)
    if incoming.reply_to is not None:
        posting = await messages.posting_at(turn.unit, chat.id, incoming.reply_to)
        if posting is not None and posting.enquiry_id is not None:
            return await _replied_to(turn, person, taking_part, posting.enquiry_id)
    urgent = next((c for c in taking_part if c.adviser is None and c.enquiry.state is State.HELD), None)
    draft = next((c for c in taking_part if c.adviser is None and c.enquiry.state is State.DRAFT), None)
    overtaken = urgent or _just_sent(taking_part, incoming) or draft
    if overtaken is not None:
        return overtaken
    if taking_part and await is_anything_parked(turn, chat):
        return Ambiguous()
    if len(taking_part) == 1:
        return taking_part[0]
    switched = _switched(turn, chat, taking_part)
    if switched is not None:
        chat.switched_at = turn.now
        return switched
    return Ambiguous() if taking_part else None


async def pass_on(turn: Turn, chat: Chat, to: Conversation, incoming: Incoming) -> None:
    """Keep the message in the enquiry and pass it on to the other side."""
    if to.adviser is not None and to.enquiry.state is State.HELD:
        turn.say(chat, "relay.held", priority=CONVERSATION, number=to.enquiry.number or "–")
    elif to.adviser is not None:
        await _from_adviser(turn, chat, to.enquiry, to.adviser, incoming)
    elif to.enquiry.state is State.DRAFT:
        await intake.take_text(turn, chat, incoming)
    elif to.enquiry.state is State.HELD:
        await emergencies.take_text(turn, chat, to.enquiry, incoming)
    elif emergencies.wants_card(turn, to.enquiry, incoming):
        await emergencies.raise_emergency(turn, chat, to.enquiry, incoming)
    else:
        await _from_enquirer(turn, chat, to, incoming)
        await emergencies.note_words(turn, chat, to.enquiry, incoming)


async def park(turn: Turn, chat: Chat, incoming: Incoming) -> None:
    """Keep the message until its writer says where it belongs."""
    await keep(turn, chat, incoming, until=PLACE)
    await turn.set_timer("parked", chat.id, turn.after(minutes=turn.rules.limits.quiet_minutes))


async def keep(turn: Turn, chat: Chat, incoming: Incoming, *, until: str) -> None:
    """Keep the message under the key of the day until its writer has said what is to become of it."""
    parked_id = new_id()
    now = turn.now
    key_id, _ = await turn.unit.keys.named(f"daily:{now.date().isoformat()}", now=now)
    body = writing.body_of(incoming) | {"has_masks": incoming.has_masks, "at": incoming.at.microseconds}
    body |= {"telegram_id": incoming.telegram_id, "shows_emergency": incoming.shows_emergency}
    body |= {"reply_to": incoming.reply_to, "until": until}
    body |= {"is_by_staff": await find_people.of_chat(turn.unit, chat.id) is not None}
    sealed = await turn.unit.seal(key_id, body, place=f"parked.body:{parked_id}")
    turn.unit.session.add(
        Parked(id=parked_id, chat_id=chat.id, key_id=key_id, body_sealed=sealed, parked_at=now)
    )
    if incoming.telegram_id is not None:
        writing.remember_original(turn, chat.id, parked_id, incoming.telegram_id, None)


async def ask_which(turn: Turn, chat: Chat, person: Person | None) -> None:
    """Ask which conversation the parked text belongs to."""
    taking_part = await conversations(turn, chat, person)
    rows = [
        [Button("button.switch", on("switch", c.enquiry), {"number": c.enquiry.number})]
        for c in taking_part
        if c.enquiry.number is not None
    ]
    if person is None:
        rows.append([Button("button.new_question", "continue:new")])
    else:
        rows.append([Button("button.belongs_nowhere", "switch:none")])
    turn.say(chat, "relay.which", buttons=rows, priority=CONVERSATION)


async def has_place(turn: Turn, chat: Chat, person: Person | None) -> bool:
    """Whether what is parked may belong to something going on; a member of staff chooses by number."""
    taking_part = await conversations(turn, chat, person)
    return any(person is None or c.enquiry.number is not None for c in taking_part)


async def ask_about_parked(turn: Turn, chat: Chat, person: Person) -> None:
    """Ask whether what was written before the person had a case belongs to the one she has now."""
    await turn.unit.session.flush()
    if await is_anything_parked(turn, chat) and await has_place(turn, chat, person):
        await ask_which(turn, chat, person)


async def switch(turn: Turn, chat: Chat, person: Person | None, enquiry: Enquiry) -> None:
    """Have what is written from now on, and what was parked, go to this enquiry."""
    taking_part = await conversations(turn, chat, person)
    meant = next((c for c in taking_part if c.enquiry.id == enquiry.id), None)
    if meant is None:
        turn.say(chat, "relay.not_yours", number=enquiry.number or "–")
        return
    chat.switched_to, chat.switched_at = enquiry.id, turn.now
    turn.say(chat, "relay.switched", priority=CONVERSATION, number=enquiry.number or "–")
    for incoming in await unpark(turn, chat):
        await pass_on(turn, chat, meant, incoming)


async def drop(turn: Turn, chat: Chat) -> None:
    """The writer said that it belongs to no case: nothing of it is kept, and that is said."""
    if await unpark(turn, chat):
        turn.say(chat, "relay.dropped", priority=CONVERSATION)
    else:
        turn.say(chat, "tap.stale")


async def write_into(turn: Turn, chat: Chat, draft: Enquiry, incoming: Incoming) -> None:
    """Keep a text that was parked in a draft."""
    message_id = await writing.write_down(turn, draft, incoming, author=Author.ENQUIRER, chat=chat)
    if incoming.has_masks:
        writing.echo(turn, chat, message_id)


async def unpark(turn: Turn, chat: Chat) -> list[Incoming]:
    """Take out what was parked for want of a place, in order."""
    taken = await take_out(turn, chat, until=PLACE)
    await turn.cancel_timer("parked", chat.id)
    return taken


async def take_out(turn: Turn, chat: Chat, *, until: str) -> list[Incoming]:
    """Take out what was kept until its writer said this, in order.

    What somebody wrote as staff is nothing she asks: once she is staff no more, it is destroyed.
    """
    taken, gone = [], []
    is_staff = await find_people.of_chat(turn.unit, chat.id) is not None
    for parked in await messages.parked_in(turn.unit, chat.id):
        body = await read_parked(turn, parked)
        if body.get("until", PLACE) == until:
            if is_staff or not body.get("is_by_staff", False):
                taken.append(Incoming.from_parked(body, address=0))
            gone.append(parked.id)
    await messages.forget_parked(turn.unit, gone)
    return taken


async def is_anything_parked(turn: Turn, chat: Chat) -> bool:
    """Whether anything waits for its writer to say where it belongs."""
    for parked in await messages.parked_in(turn.unit, chat.id):
        if (await read_parked(turn, parked)).get("until", PLACE) == PLACE:
            return True
    return False


async def count_asking(turn: Turn, chat: Chat) -> int:
    """Note that it is asked again where the parked text belongs; return how often that was."""
    times = 0
    for parked in await messages.parked_in(turn.unit, chat.id):
        body = await read_parked(turn, parked)
        if body.get("until", PLACE) == PLACE:
            times = max(times, int(str(body.get("asked_again", 0))) + 1)
            await seal_parked(turn, parked, body | {"asked_again": times})
    return times


async def read_parked(turn: Turn, parked: Parked) -> dict[str, object]:
    """Return what was kept."""
    return await turn.unit.open(parked.key_id, parked.body_sealed, place=f"parked.body:{parked.id}")


async def rewrite_parked(turn: Turn, parked: Parked, incoming: Incoming) -> None:
    """Have what was kept say something else."""
    body = await read_parked(turn, parked)
    body |= {"text": incoming.text, "has_masks": incoming.has_masks}
    body |= {"shows_emergency": incoming.shows_emergency}
    await seal_parked(turn, parked, body)


async def seal_parked(turn: Turn, parked: Parked, body: dict[str, object]) -> None:
    """Keep this in its place."""
    parked.body_sealed = await turn.unit.seal(parked.key_id, body, place=f"parked.body:{parked.id}")


async def _from_enquirer(turn: Turn, chat: Chat, to: Conversation, incoming: Incoming) -> None:
    enquiry = to.enquiry
    message_id = await writing.write_down(turn, enquiry, incoming, author=Author.ENQUIRER, chat=chat)
    if incoming.has_masks:
        writing.echo(turn, chat, message_id)
    if to.other is None:
        turn.say(chat, "relay.kept", priority=CONVERSATION, number=enquiry.number or "–")
        return
    person, their_chat = to.other
    if enquiry.kept_until is not None:
        await keeping.say_it_waits(turn, enquiry, person)
        return
    writing.copy_to_adviser(turn, their_chat, message_id, number=enquiry.number)
    if their_chat.unreachable_since is not None:
        turn.say(chat, "relay.adviser_unreachable", number=enquiry.number or "–", alias=person.alias)


async def _from_adviser(turn: Turn, chat: Chat, enquiry: Enquiry, person: Person, incoming: Incoming) -> None:
    message_id = await writing.write_down(
        turn, enquiry, incoming, author=Author.RESOURCE_PERSON, chat=chat, person_id=person.id
    )
    if incoming.has_masks:
        writing.echo(turn, chat, message_id)
    if enquiry.kept_until is not None:  # she is there before her shift
        await keeping.end(turn, person, enquiry)
    if enquiry.answered_at is None:
        enquiry.answered_at = turn.now
    await turn.cancel_timer("unanswered", enquiry.id)
    if enquiry.chat_id is None:  # what is promised is kept once the desk has passed it on
        await enquirer.tell(turn, enquiry, "relay.from_panel", except_for=person, alias=person.alias)
        return
    await promises.keep(turn, enquiry)
    writing.copy_to_enquirer(turn, enquiry.chat_id, message_id, number=enquiry.number, alias=person.alias)


async def _replied_to(
    turn: Turn, person: Person | None, taking_part: list[Conversation], enquiry_id: UUID
) -> Conversation | NoLonger | None:
    meant = next((c for c in taking_part if c.enquiry.id == enquiry_id), None)
    if meant is not None or person is None:
        return meant
    enquiry = await find.locked(turn.unit, enquiry_id)
    return None if enquiry is None else NoLonger(enquiry.number or "–")


def _just_sent(taking_part: list[Conversation], incoming: Incoming) -> Conversation | None:
    """Return what was sent after the text was written, though the text came later; to the full second."""
    for conversation in taking_part:
        enquiry = conversation.enquiry
        if conversation.adviser is not None or enquiry.sent_at is None or enquiry.state is State.HELD:
            continue
        drafted, sent = int(enquiry.drafted_at.timestamp()), int(enquiry.sent_at.timestamp())
        if drafted <= int(incoming.at.timestamp()) < sent and incoming.telegram_id is not None:
            return conversation
    return None


def _switched(turn: Turn, chat: Chat, taking_part: list[Conversation]) -> Conversation | None:
    if chat.switched_to is None or chat.switched_at is None:
        return None
    if turn.now - chat.switched_at > timedelta(minutes=turn.rules.limits.switch_minutes):
        return None
    return next((c for c in taking_part if c.enquiry.id == chat.switched_to), None)
