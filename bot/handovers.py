"""A case is handed on: to a colleague who confirms, to a competence, or to the secretariat."""

from __future__ import annotations

from uuid import UUID

from bot import candidates, closing, dispatching, enquirer, enquiries, triage
from bot.turn import CONVERSATION, Button, Turn, competence, on, word
from scheduling.ids import new_id
from storage.models import DESK, Chat, Enquiry, Handover, Person, Role, State
from storage.queries import chats, people
from storage.queries import enquiries as find
from storage.queries import rota as find_duty

_NOT_SAID_TO_COLLEAGUES = frozenset({"rule.conflict", "rule.certificate", "rule.own_district"})


async def ask_whom(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """Ask to whom: the secretariat, a colleague on duty, or whoever knows a field."""
    rows = [[Button("button.to_secretariat", on("handover:secretariat", enquiry))]]
    for colleague in await colleagues_of(turn, person):
        data = on("handover:person", enquiry, colleague.id)
        rows.append([Button("button.to_person", data, {"alias": colleague.alias})])
    for name in turn.rules.competences:
        data = on(f"handover:competence:{name}", enquiry)
        rows.append([Button("competence.named", data, {"competence": competence(name)})])
    turn.say(chat, "handover.ask_whom", buttons=rows, number=enquiry.number or "")


async def colleagues_of(turn: Turn, person: Person) -> list[Person]:
    """Return who else of the panel is on duty; why one of them cannot have a case is hers to say."""
    on_duty = await find_duty.on_duty(turn.unit)
    panel = await people.in_roles(turn.unit, (Role.RESOURCE_PERSON,))
    return [one for one in panel if one.id != person.id and one.id in on_duty]


async def to_secretariat(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """Give the case to the secretariat, who look at it as at one in triage."""
    if await give_up(turn, person, chat, enquiry, State.TRIAGE, because="handover"):
        enquiry.triage_reason = "handover"
        await _tell_enquirer(turn, enquiry)
        await triage.ask_coordinator(turn, enquiry)
        await _offer_what_waits(turn)


async def to_competence(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, name: str) -> None:
    """Give the case back to the panel, to those who know the field first."""
    if name not in turn.rules.competences:
        turn.say(chat, "tap.stale")
        return
    goes_to_triage = name in turn.rules.triage.competences and turn.rules.triage.mode == "flagged"
    to = State.TRIAGE if goes_to_triage else State.WAITING
    if not await give_up(turn, person, chat, enquiry, to, because="handover"):
        return
    enquiry.competence, enquiry.triage_reason = name, "competence"
    await _tell_enquirer(turn, enquiry)
    if goes_to_triage:
        await triage.ask_coordinator(turn, enquiry)
    else:
        await turn.unit.session.flush()
        await dispatching.start(turn, enquiry)
    await _offer_what_waits(turn)


async def offer_to(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, receiver_id: UUID) -> None:
    """Offer the case to a colleague; it stays where it is until she confirms."""
    receiver = await turn.unit.session.get(Person, receiver_id)
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    if assignment is None or assignment.person_id != person.id or enquiry.state is not State.ASSIGNED:
        turn.say(chat, "done.not_yours", number=enquiry.number or "")
        return
    if receiver is None or receiver.chat_id is None or receiver.role is not Role.RESOURCE_PERSON:
        turn.say(chat, "desk.no_account", alias="" if receiver is None else receiver.alias)
        return
    asked = await find.handovers_to(turn.unit, receiver.id)
    if any(one.enquiry_id == enquiry.id and one.from_person_id == person.id for one, _ in asked):
        turn.say(chat, "handover.waits", number=enquiry.number or "", alias=receiver.alias)
        return
    refusal = await _why_not(turn, enquiry, receiver)
    if refusal is not None:
        turn.say(chat, refusal, alias=receiver.alias)
        return
    handover = Handover(
        id=new_id(),
        enquiry_id=enquiry.id,
        from_person_id=person.id,
        to_person_id=receiver.id,
        offered_at=turn.now,
    )
    turn.unit.session.add(handover)
    ask(turn, handover, enquiry, giver=person, receiver=receiver)
    turn.say(chat, "handover.waits", number=enquiry.number or "", alias=receiver.alias)


def ask(turn: Turn, handover: Handover, enquiry: Enquiry, *, giver: Person, receiver: Person) -> None:
    """Ask the receiver whether she takes the case over; where that stood before, it is removed."""
    assert receiver.chat_id is not None
    row = [
        Button("button.accept", on("handover:accept", handover.id)),
        Button("button.refuse", on("handover:refuse", handover.id)),
    ]
    turn.say(
        receiver.chat_id,
        "handover.offered",
        buttons=[row],
        purpose="handover",
        subject=handover.id,
        priority=CONVERSATION,
        number=enquiry.number or "",
        alias=giver.alias,
        competence=competence(enquiry.competence),
        urgency=word(f"urgency.{enquiry.urgency.value}"),
    )
    turn.remove_earlier(receiver.chat_id, purpose="handover", subject=handover.id)


async def accept(turn: Turn, receiver: Person, chat: Chat, handover: Handover) -> None:
    """Take the case over; the giver's copies leave her chat."""
    enquiry = await _still_offered(turn, receiver, chat, handover)
    if enquiry is None:
        return
    giver = await people.by_id(turn.unit, handover.from_person_id)
    assert giver.chat_id is not None
    giver_chat = await chats.by_id(turn.unit, giver.chat_id)
    handover.decided_at, handover.is_accepted = turn.now, True
    if await give_up(turn, giver, giver_chat, enquiry, State.WAITING, because="handover"):
        await turn.unit.session.flush()
        await dispatching.assign(turn, enquiry, receiver, chat, by=receiver)
        await _offer_what_waits(turn)


async def refuse(turn: Turn, receiver: Person, chat: Chat, handover: Handover) -> None:
    """Leave the case where it is; the giver is told."""
    enquiry = await _still_offered(turn, receiver, chat, handover)
    if enquiry is not None:
        handover.decided_at, handover.is_accepted = turn.now, False
        giver = await people.by_id(turn.unit, handover.from_person_id)
        turn.say(chat, "handover.refused_noted", number=enquiry.number or "")
        if giver.chat_id is not None:
            turn.say(giver.chat_id, "handover.refused", number=enquiry.number or "", alias=receiver.alias)


async def conflict_found(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """A conflict of interest after claiming: the transcript is withdrawn, and somebody else is asked."""
    to = _goes_back_to(turn, person, enquiry)
    if await give_up(turn, person, chat, enquiry, to, because="conflict"):
        await dispatching.note_conflict(turn, person, enquiry)
        await _find_another(turn, enquiry)


async def give_up(
    turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, to: State, *, because: str
) -> bool:
    """End the person's assignment and take the copies out of her chat; False where it was not hers."""
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    if assignment is None or assignment.person_id != person.id or enquiry.state is not State.ASSIGNED:
        turn.say(chat, "done.not_yours", number=enquiry.number or "")
        return False
    closing.end_assignment(turn, enquiry, assignment, because=because)
    enquiries.move(turn, enquiry, to, by=person, detail=because)
    turn.remove_case(chat, enquiry)
    if because == "handover":
        turn.say(chat, "handover.done", number=enquiry.number or "")
        closing.ask_minutes(turn, chat, enquiry)
    elif because == "conflict":
        turn.say(chat, "handover.conflict_noted", number=enquiry.number or "")
    enquiry.nobody_told_at = None
    return True


async def take_from(turn: Turn, person: Person, *, because: str) -> None:
    """Everything the person has is offered on; used when an account is revoked or out of reach."""
    for enquiry in await find.assigned_to(turn.unit, person.id):
        await take_one(turn, person, enquiry, because=because)


async def refuse_for(turn: Turn, person: Person) -> None:
    """Answer for the person what colleagues have offered her: she takes nothing over."""
    for handover, enquiry in await find.handovers_to(turn.unit, person.id):
        handover.decided_at, handover.is_accepted = turn.now, False
        giver = await people.by_id(turn.unit, handover.from_person_id)
        if giver.chat_id is not None:
            turn.say(giver.chat_id, "handover.refused", number=enquiry.number or "", alias=person.alias)


async def _offer_what_waits(turn: Turn) -> None:
    """Whoever gave a case away may have room for another."""
    await turn.unit.session.flush()
    await dispatching.drain(turn)


async def take_one(turn: Turn, person: Person, enquiry: Enquiry, *, because: str) -> None:
    """Take the case from the person, and the copies out of her chat; somebody else is asked."""
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    if assignment is None or assignment.person_id != person.id:
        return
    closing.end_assignment(turn, enquiry, assignment, because=because)
    if person.chat_id is not None:
        turn.remove_case(person.chat_id, enquiry)
    enquiry.nobody_told_at = None
    if enquiry.state is State.HELD:
        enquiry.held_from = _goes_back_to(turn, person, enquiry)
        return
    enquiries.move(turn, enquiry, _goes_back_to(turn, person, enquiry), detail=because)
    await _find_another(turn, enquiry)


def why_back_to_triage(turn: Turn, person: Person, enquiry: Enquiry) -> str | None:
    """Why the desk looks again at what it took before anybody let the panel be asked; None for others."""
    return triage.reason(turn, enquiry) if person.role in DESK else None


def _goes_back_to(turn: Turn, person: Person, enquiry: Enquiry) -> State:
    reason = why_back_to_triage(turn, person, enquiry)
    if reason is None:
        return State.WAITING
    enquiry.triage_reason = reason
    return State.TRIAGE


async def _find_another(turn: Turn, enquiry: Enquiry) -> None:
    await _tell_enquirer(turn, enquiry)
    await turn.unit.session.flush()
    if enquiry.state is State.TRIAGE:
        await triage.ask_coordinator(turn, enquiry)
    else:
        await dispatching.start(turn, enquiry)


async def _still_offered(turn: Turn, receiver: Person, chat: Chat, handover: Handover) -> Enquiry | None:
    enquiry = await find.locked(turn.unit, handover.enquiry_id)
    await people.lock(turn.unit, receiver)  # before the handover, as whoever cuts her off does
    await find.lock_handover(turn.unit, handover)
    assignment = await find.active_assignment(turn.unit, handover.enquiry_id)
    is_open = handover.decided_at is None and handover.to_person_id == receiver.id
    still_theirs = assignment is not None and assignment.person_id == handover.from_person_id
    if enquiry is None or not (is_open and still_theirs and enquiry.state is State.ASSIGNED):
        turn.say(chat, "offer.gone", alias="")
        return None
    against = await candidates.rule_against(turn, enquiry, receiver)
    if against is not None:
        turn.say(chat, against, alias=receiver.alias)
        return None
    return enquiry


async def _why_not(turn: Turn, enquiry: Enquiry, receiver: Person) -> str | None:
    against = await candidates.rule_against(turn, enquiry, receiver)
    # Why a colleague cannot have it is hers to say, and the desk's to know.
    return "handover.conflicted" if against in _NOT_SAID_TO_COLLEAGUES else against


async def _tell_enquirer(turn: Turn, enquiry: Enquiry) -> None:
    await enquirer.tell(turn, enquiry, "handover.enquirer", subject=enquiry.id, number=enquiry.number or "")
