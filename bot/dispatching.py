"""A waiting enquiry is offered to fit people until one claims it; the choice itself is scheduling's."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from bot import alarms, candidates, enquiries, transcript, waiting
from bot.turn import CONVERSATION, Button, Turn, competence, on, when, word
from scheduling import dispatch
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage.models import Assignment, Chat, Conflict, Enquiry, Offer, OfferState, Person, State
from storage.queries import chats, people
from storage.queries import enquiries as find


async def start(turn: Turn, enquiry: Enquiry) -> None:
    """Begin a new round of offers under the policy in force now."""
    policy = turn.rules.policies[enquiry.urgency]
    enquiry.policy = {
        "at_once": policy.at_once,
        "one_more_seconds": int(policy.one_more_after.total_seconds()),
        "only_in_opening_hours": int(policy.only_in_opening_hours),
    }
    enquiry.dispatch_round += 1
    enquiry.dispatch_started_at = turn.now
    await turn.set_timer("unclaimed", enquiry.id, _alarm_at(turn, enquiry))
    if not policy.asks_anybody:
        await _wait_for_next_shift(turn, enquiry)
        return
    still_open = len(await find.open_offers(turn.unit, enquiry.id))
    await ask(turn, enquiry, many=max(policy.at_once - still_open, 1))


async def step(turn: Turn, enquiry: Enquiry) -> None:
    """Ask one more, or as many as at the start where nobody has been asked yet."""
    if enquiry.state is State.WAITING:
        made = await find.offers_of(turn.unit, enquiry.id, round_number=enquiry.dispatch_round)
        await ask(turn, enquiry, many=1 if made else max(_policy(turn, enquiry).at_once, 1))


async def drain(turn: Turn) -> None:
    """Somebody became available: offer what waits, the most urgent and oldest first."""
    for enquiry in await find.waiting(turn.unit):
        await _fill_up(turn, enquiry)


async def ask(turn: Turn, enquiry: Enquiry, *, many: int) -> None:
    """Offer the enquiry to so many more fit people, and set the timer of the next step."""
    policy = _policy(turn, enquiry)
    if policy.only_in_opening_hours and not turn.rules.panel_hours.is_open(turn.now):
        await _wait_for_opening(turn, enquiry)
        return
    verdicts = dispatch.decide(candidates.need(turn, enquiry), await candidates.of(turn, enquiry))
    made = await find.offers_of(turn.unit, enquiry.id, round_number=enquiry.dispatch_round)
    asked = dispatch.chosen(verdicts, many=many)
    for place, verdict in enumerate(asked):
        await _offer(turn, enquiry, verdict, step=len(made) + place)
    enquiry.dispatch_is_short = len(asked) < max(many, 1)
    turn.record("asked", enquiry, detail=_reasons(len(asked), verdicts))
    await turn.set_timer("dispatch", enquiry.id, Instant.of(turn.now + policy.one_more_after))
    if not asked and not await find.open_offers(turn.unit, enquiry.id):
        await _say_nobody_is_free(turn, enquiry)


async def claim(turn: Turn, person: Person, chat: Chat, offer: Offer) -> None:
    """Give the enquiry to the person, if nobody was faster; everybody else who was asked is told."""
    enquiry = await find.locked(turn.unit, offer.enquiry_id)
    if enquiry is None or offer.person_id != person.id:
        turn.say(chat, "tap.stale")
        return
    await find.lock_offer(turn.unit, offer)
    is_free = enquiry.state is State.WAITING and _can_still_be_claimed(offer)
    if not is_free or await candidates.rule_against(turn, enquiry, person) is not None:
        await _say_too_late(turn, chat, enquiry, offer)
        return
    offer.state, offer.decided_at = OfferState.CLAIMED, turn.now
    turn.say(chat, "offer.claimed", action="edit", purpose="offer", subject=offer.id, number=enquiry.number)
    await assign(turn, enquiry, person, chat, by=person)


async def assign(turn: Turn, enquiry: Enquiry, person: Person, chat: Chat, *, by: Person) -> None:
    """Give a waiting or triaged enquiry to the person, with everything written in it so far.

    The caller has asked `candidates.rule_against`, which also locks the account.
    """
    turn.unit.session.add(
        Assignment(id=new_id(), enquiry_id=enquiry.id, person_id=person.id, started_at=turn.now)
    )
    enquiries.move(turn, enquiry, State.ASSIGNED, by=by, detail=person.alias)
    enquiry.assigned_at = turn.now
    await withdraw_offers(turn, enquiry, taken_by=person)
    for timer in ("dispatch", "unclaimed", "shift_end", "kept"):
        await turn.cancel_timer(timer, enquiry.id)
    await waiting.await_answer(turn, enquiry)
    await transcript.show(turn, enquiry, chat)
    turn.say(
        enquiry.chat_id,
        "assigned.to",
        subject=enquiry.id,
        priority=CONVERSATION,
        alias=person.alias,
        number=enquiry.number or "",
    )
    if (await chats.by_id(turn.unit, enquiry.chat_id)).unreachable_since is not None:
        turn.say(chat, "relay.enquirer_unreachable", subject=enquiry.id, number=enquiry.number or "")


async def withdraw_offers(turn: Turn, enquiry: Enquiry, *, taken_by: Person | None) -> None:
    """Turn the offers still open into a line that says who has it, or that it is gone."""
    for offer, asked in await find.open_offers(turn.unit, enquiry.id):
        offer.state = OfferState.WITHDRAWN if taken_by is None else OfferState.TAKEN
        offer.decided_at = turn.now
        if asked.chat_id is not None and (taken_by is None or asked.id != taken_by.id):
            key = "offer.gone" if taken_by is None else "offer.taken"
            alias = "" if taken_by is None else taken_by.alias
            turn.say(asked.chat_id, key, action="edit", purpose="offer", subject=offer.id, alias=alias)


async def decline(turn: Turn, person: Person, chat: Chat, offer: Offer, because: str) -> None:
    """Note why the person does not take it, and ask somebody else at once."""
    enquiry = await find.locked(turn.unit, offer.enquiry_id)
    if enquiry is None or offer.person_id != person.id or because not in ("later", "field", "conflict"):
        turn.say(chat, "tap.stale")
        return
    await find.lock_offer(turn.unit, offer)
    if offer.state is not OfferState.OPEN:
        await _say_too_late(turn, chat, enquiry, offer)
        return
    offer.state, offer.decided_at, offer.declined_because = OfferState.DECLINED, turn.now, because
    turn.record("declined", enquiry, by=person, detail=because)
    turn.say(chat, f"offer.declined.{because}", action="edit", purpose="offer", subject=offer.id)
    if because == "conflict":
        await note_conflict(turn, person, enquiry)
    if enquiry.state is State.WAITING:
        await ask(turn, enquiry, many=1)


async def withdraw_from(turn: Turn, person: Person) -> None:
    """Take back every offer the person has not decided on; others are asked in her stead."""
    for offer, enquiry in await find.open_offers_to(turn.unit, person.id):
        offer.state, offer.decided_at = OfferState.WITHDRAWN, turn.now
        if person.chat_id is not None:
            turn.remove(person.chat_id, purpose="offer", subject=offer.id)
        await turn.unit.session.flush()
        if enquiry.state is State.WAITING:
            await ask(turn, enquiry, many=1)


async def note_conflict(turn: Turn, person: Person, enquiry: Enquiry) -> None:
    """Remember that the person must not have this enquiry."""
    if await turn.unit.session.get(Conflict, (enquiry.id, person.id)) is None:
        turn.unit.session.add(Conflict(enquiry_id=enquiry.id, person_id=person.id, said_at=turn.now))


async def unclaimed(turn: Turn, enquiry: Enquiry) -> None:
    """Nobody has taken the enquiry for too long: the coordinator is alarmed, and again later."""
    if enquiry.state not in (State.WAITING, State.TRIAGE):
        return
    await alarms.alert(
        turn,
        "alarm.unclaimed",
        about=enquiry,
        buttons=[
            [
                Button("button.read", on("triage:read", enquiry)),
                Button("button.take", on("triage:take", enquiry)),
            ]
        ],
        urgent=enquiry.urgency is Urgency.HIGH,
        number=enquiry.number or "",
        urgency=word(f"urgency.{enquiry.urgency.value}"),
        since=when(enquiry.sent_at or enquiry.drafted_at),
    )
    hours = turn.rules.panel_hours
    again = turn.after(minutes=turn.rules.limits.unclaimed_alarm_minutes)
    if enquiry.urgency is not Urgency.HIGH:
        again = hours.next_opening(again) or again
    await turn.set_timer("unclaimed", enquiry.id, again)


async def _fill_up(turn: Turn, enquiry: Enquiry) -> None:
    still_open = len(await find.open_offers(turn.unit, enquiry.id))
    missing = max(_policy(turn, enquiry).at_once - still_open, 1 if enquiry.dispatch_is_short else 0)
    if missing > 0:
        await ask(turn, enquiry, many=missing)


async def _offer(turn: Turn, enquiry: Enquiry, verdict: dispatch.Verdict, *, step: int) -> None:
    person = await people.by_id(turn.unit, verdict.person)
    offer = Offer(
        id=new_id(),
        enquiry_id=enquiry.id,
        person_id=person.id,
        round=enquiry.dispatch_round,
        step=step,
        state=OfferState.OPEN,
        why={"place": verdict.place or 0, "matches_competence": verdict.matches_competence},
        offered_at=turn.now,
    )
    turn.unit.session.add(offer)
    await turn.unit.session.flush()
    show_offer(turn, person, enquiry, offer)


def show_offer(turn: Turn, person: Person, enquiry: Enquiry, offer: Offer) -> None:
    """Post the offer, which says nothing of what was written; one that stood before is removed."""
    assert person.chat_id is not None
    turn.say(
        person.chat_id,
        "offer.made",
        buttons=_offer_buttons(offer),
        purpose="offer",
        subject=offer.id,
        competence=competence(enquiry.competence),
        urgency=word(f"urgency.{enquiry.urgency.value}"),
        language=word(f"language.{enquiry.spoken or turn.rules.hotline.languages[0]}"),
        by=when(enquiry.promised_by or turn.now),
    )
    turn.remove_earlier(person.chat_id, purpose="offer", subject=offer.id)


def _can_still_be_claimed(offer: Offer) -> bool:
    """Whoever said "not now" or "not my field" may think again; what was withdrawn is gone."""
    is_declined = offer.state is OfferState.DECLINED and offer.declined_because in ("later", "field")
    return offer.state is OfferState.OPEN or is_declined


def _offer_buttons(offer: Offer) -> list[list[Button]]:
    return [
        [Button("button.claim", on("claim", offer.id))],
        [
            Button("button.not_now", on("decline:later", offer.id)),
            Button("button.not_my_field", on("decline:field", offer.id)),
        ],
        [Button("button.conflict", on("decline:conflict", offer.id))],
    ]


def _policy(turn: Turn, enquiry: Enquiry) -> dispatch.Policy:
    kept = enquiry.policy
    if kept is None:
        return turn.rules.policies[enquiry.urgency]
    return dispatch.Policy(
        kept["at_once"],
        timedelta(seconds=kept["one_more_seconds"]),
        only_in_opening_hours=bool(kept["only_in_opening_hours"]),
    )


def _alarm_at(turn: Turn, enquiry: Enquiry) -> Instant:
    """High: after the configured minutes; else at half the promise, in opening hours."""
    if enquiry.urgency is Urgency.HIGH or enquiry.promised_by is None:
        return turn.after(minutes=turn.rules.limits.unclaimed_alarm_minutes)
    half = Instant.of(turn.now + (enquiry.promised_by - turn.now) / 2)
    return turn.rules.panel_hours.next_opening(half) or half


async def _wait_for_next_shift(turn: Turn, enquiry: Enquiry) -> None:
    """Nobody's phone buzzes now: it is offered when the panel next opens, or to who comes on duty first."""
    hours = turn.rules.panel_hours
    tomorrow = (turn.now.astimezone(hours.zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0)
    enquiry.dispatch_is_short = True
    await turn.set_timer("dispatch", enquiry.id, hours.next_opening(tomorrow) or turn.after(days=1))


async def _wait_for_opening(turn: Turn, enquiry: Enquiry) -> None:
    opening = turn.rules.panel_hours.next_opening(turn.now)
    enquiry.dispatch_is_short = True
    await turn.set_timer("dispatch", enquiry.id, opening or turn.after(hours=12))
    await _say_nobody_is_free(turn, enquiry)


async def _say_nobody_is_free(turn: Turn, enquiry: Enquiry) -> None:
    if enquiry.nobody_told_at is not None:
        return
    enquiry.nobody_told_at = turn.now
    opening = turn.rules.panel_hours.next_opening(turn.now) or turn.after(days=1)
    is_open_now = opening <= turn.now
    key = "sent.nobody_free_now" if is_open_now else "sent.out_of_hours"
    number = enquiry.number or ""
    turn.say(enquiry.chat_id, key, subject=enquiry.id, opening=when(opening), numbers="open", number=number)
    if is_open_now or enquiry.urgency is Urgency.HIGH:
        await alarms.alert(
            turn,
            "alarm.nobody_free",
            about=enquiry,
            number=enquiry.number or "",
            urgency=word(f"urgency.{enquiry.urgency.value}"),
        )


async def _say_too_late(turn: Turn, chat: Chat, enquiry: Enquiry, offer: Offer) -> None:
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    if adviser is not None and adviser[0].id == offer.person_id:
        turn.say(chat, "offer.yours_already", number=enquiry.number or "")
    elif adviser is not None:
        turn.say(chat, "offer.taken", alias=adviser[0].alias)
    else:
        turn.say(chat, "offer.gone", alias="")


def _reasons(asked: int, verdicts: tuple[dispatch.Verdict, ...]) -> str:
    counted = Counter(v.passed_over.value for v in verdicts if v.passed_over is not None)
    return " ".join([f"asked={asked}", *(f"{why}={count}" for why, count in sorted(counted.items()))])[:80]
