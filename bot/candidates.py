"""Who could have an enquiry, as the choice sees them, and the hard rules that nobody may set aside."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from bot import enquiries
from bot.turn import Turn
from scheduling import dispatch
from scheduling.rota import Station
from storage.models import Chat, Enquiry, Person, Role
from storage.queries import chats, people, rota
from storage.queries import enquiries as find


async def of(turn: Turn, enquiry: Enquiry) -> list[dispatch.Candidate]:
    """Return everybody on the panel, with what the choice may know of her."""
    panel = await people.in_roles(turn.unit, (Role.RESOURCE_PERSON,))
    made = await find.offers_of(turn.unit, enquiry.id, round_number=enquiry.dispatch_round)
    asked = {offer.person_id for offer in made} | await _had_it_last(turn, enquiry)
    asked |= {person.id for _, person in await find.open_offers(turn.unit, enquiry.id)}
    conflicted = await people.conflicted(turn.unit, enquiry.id)
    has_now, last = await people.open_enquiries(turn.unit), await people.last_asked(turn.unit)
    on_duty = await rota.on_duty(turn.unit)
    silent = {c.id for c in await _unreachable(turn, panel)}
    return [
        dispatch.Candidate(
            person=person.id,
            languages=frozenset(person.languages),
            competences=frozenset(person.competences),
            is_on_duty=on_duty.get(person.id) is Station.PANEL,
            is_paused=person.is_paused(turn.now),
            is_reachable=person.chat_id not in silent,
            has_conflict=person.id in conflicted,
            is_enquirer=person.chat_id == enquiry.chat_id,
            has_been_asked=person.id in asked,
            open_enquiries=has_now.get(person.id, 0),
            cap=person.cap,
            last_asked=last.get(person.id),
        )
        for person in panel
    ]


async def _had_it_last(turn: Turn, enquiry: Enquiry) -> set[UUID]:
    """Who handed the enquiry back is not asked about it again at once."""
    last = await find.last_assignment(turn.unit, enquiry.id)
    gave_back = last is not None and last.ended_because in ("handover", "conflict", "revoked", "unreachable")
    return {last.person_id} if last is not None and gave_back else set()


async def _unreachable(turn: Turn, panel: Sequence[Person]) -> list[Chat]:
    ids = [p.chat_id for p in panel if p.chat_id is not None]
    return [c for c in await chats.by_ids(turn.unit, ids) if c.unreachable_since is not None]


def need(turn: Turn, enquiry: Enquiry) -> dispatch.Need:
    """Return what the enquiry asks of who answers it."""
    return dispatch.Need(
        language=enquiry.spoken or turn.rules.hotline.languages[0],
        competence=enquiry.competence,
        is_about_minor=enquiries.is_about_minor(enquiry),
        is_writer_minor=enquiries.is_writer_minor(enquiry),
        requires_competence=enquiry.competence in turn.rules.triage.competences,
    )


async def may_read(turn: Turn, person: Person, enquiry: Enquiry) -> bool:
    """Whether the person may see the enquiry: it is not her own, and she has no conflict of interest."""
    if enquiry.chat_id == person.chat_id:
        return False
    return person.id not in await people.conflicted(turn.unit, enquiry.id)


async def rule_against(turn: Turn, enquiry: Enquiry, person: Person) -> str | None:
    """Return the words for the hard rule that keeps the person from having the enquiry at all, or None.

    Her account is locked and read anew: it may have been cut off a moment ago.
    """
    await people.lock(turn.unit, person)
    if person.revoked_at is not None or person.chat_id is None:
        return "desk.no_account"
    candidate = dispatch.Candidate(
        person=person.id,
        languages=frozenset(person.languages),
        competences=frozenset(person.competences),
        is_on_duty=True,
        has_conflict=person.id in await people.conflicted(turn.unit, enquiry.id),
        is_enquirer=person.chat_id == enquiry.chat_id,
    )
    broken = dispatch.hard_rules_broken(need(turn, enquiry), candidate)
    return f"rule.{broken[0].value}" if broken else None
