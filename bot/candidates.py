"""Who could have an enquiry, as the choice sees them, and the hard rules that nobody may set aside."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from bot import certificates, districts, enquiries, rota
from bot.turn import Turn
from scheduling import dispatch
from scheduling.instant import Instant
from scheduling.shifts import Station
from storage.models import Enquiry, Offer, OfferState, Person
from storage.models.people import is_paused
from storage.queries import dispatch as find_standing
from storage.queries import enquiries as find
from storage.queries import people

_ANSWERS = {"later": dispatch.Answer.NOT_NOW}


async def of(turn: Turn, enquiry: Enquiry) -> list[dispatch.Candidate]:
    """Return everybody on the panel, with what the choice may know of her."""
    panel, today = await find_standing.panel(turn.unit, enquiry), rota.today(turn)
    had_it = await _had_it_last(turn, enquiry)
    on_duty = [one for one in panel if one.station is Station.PANEL]
    loads = dispatch.loads(
        await find_standing.taken(turn.unit),
        await find_standing.hours(turn.unit, on_duty),
        [one.person for one in on_duty],
    )
    return [
        dispatch.Candidate(
            person=one.person,
            languages=frozenset(one.languages),
            competences=frozenset(one.competences),
            is_on_duty=one.person in loads,
            is_paused=is_paused(one.paused_since, one.paused_until, turn.now),
            is_reachable=one.is_reachable,
            has_conflict=one.has_conflict,
            is_enquirer=one.is_enquirer,
            has_certificate=certificates.is_cleared(one.certificate_on, turn.rules.panel, today),
            is_own_district=districts.holds(one.own_districts, enquiry.postcode),
            had_it_last=one.person in had_it,
            open_enquiries=one.has_now,
            unanswered_offers=one.is_offered,
            cap=one.cap,
            load=loads.get(one.person, 1.0),
            last_asked=one.last_rung,
        )
        for one in panel
    ]


def round_of(enquiry: Enquiry, offers: Sequence[Offer], *, started_at: Instant) -> dispatch.Round:
    """Return how far the round has come; an offer that was taken back counts as never made."""
    return dispatch.Round(
        started_at=started_at,
        rings=[
            dispatch.Ring(offer.person_id, offer.rung_at or offer.offered_at, offer.rings, _answer(offer))
            for offer in offers
            if offer.state is not OfferState.WITHDRAWN
        ],
        wanted=enquiry.dispatch_wanted,
        next_step=enquiry.dispatch_next_step,
    )


def _answer(offer: Offer) -> dispatch.Answer:
    if offer.state is OfferState.OPEN:
        return dispatch.Answer.NONE
    return _ANSWERS.get(offer.declined_because or "", dispatch.Answer.NO)


async def _had_it_last(turn: Turn, enquiry: Enquiry) -> set[UUID]:
    """Who handed the enquiry back is not asked about it again at once."""
    last = await find.last_assignment(turn.unit, enquiry.id)
    gave_back = last is not None and last.ended_because in ("handover", "conflict", "revoked", "unreachable")
    return {last.person_id} if last is not None and gave_back else set()


def need(turn: Turn, enquiry: Enquiry) -> dispatch.Need:
    """Return what the enquiry asks of who answers it."""
    return dispatch.Need(
        language=enquiry.spoken or turn.rules.hotline.languages[0],
        competence=enquiry.competence,
        is_about_minor=enquiries.is_about_minor(enquiry),
        is_writer_minor=enquiries.is_writer_minor(enquiry),
        requires_competence=enquiry.competence in turn.rules.triage.competences,
        requires_certificate=enquiries.may_involve_child(enquiry),
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
    if person.is_paused(turn.now):
        return "rule.paused"
    has_conflict = person.id in await people.conflicted(turn.unit, enquiry.id)
    broken = barred(turn, enquiry, person, has_conflict=has_conflict)
    return f"rule.{broken[0].value}" if broken else None


def barred(
    turn: Turn, enquiry: Enquiry, person: Person, *, has_conflict: bool
) -> tuple[dispatch.PassedOver, ...]:
    """Return the hard rules that keep the person from the enquiry, whoever gives it to her and however."""
    candidate = dispatch.Candidate(
        person=person.id,
        languages=frozenset(person.languages),
        competences=frozenset(person.competences),
        is_on_duty=True,
        has_conflict=has_conflict,
        is_enquirer=person.chat_id == enquiry.chat_id,
        has_certificate=certificates.is_cleared(person.certificate_on, turn.rules.panel, rota.today(turn)),
        is_own_district=districts.holds(person.own_districts, enquiry.postcode),
    )
    return dispatch.hard_rules_broken(need(turn, enquiry), candidate)
