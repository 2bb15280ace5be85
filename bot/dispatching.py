"""A waiting enquiry is offered to fit people until one claims it; the choice itself is scheduling's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from bot import alarms, candidates, enquirer, enquiries, offering, rota, transcript, waiting
from bot.turn import CONVERSATION, Button, Turn, on, when, word
from scheduling import dispatch
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage.models import Assignment, Chat, Conflict, Enquiry, Offer, OfferState, Person, State
from storage.queries import chats, people
from storage.queries import dispatch as find_standing
from storage.queries import enquiries as find
from storage.queries import rota as find_duty

_Why = dict[str, int | str | bool]


async def start(turn: Turn, enquiry: Enquiry) -> None:
    """Begin a new round of offers under the policy in force now."""
    enquiry.policy = _kept(turn.rules.policies[enquiry.urgency])
    enquiry.dispatch_round += 1
    enquiry.dispatch_started_at = turn.now
    enquiry.dispatch_wanted, enquiry.dispatch_next_step = 0, None
    await turn.set_timer("unclaimed", enquiry.id, _alarm_at(turn, enquiry))
    await look(turn, enquiry)


async def go_on_as_urgent(turn: Turn, enquiry: Enquiry) -> None:
    """Go on with the round under the policy of the enquiry's urgency; what was offered stands."""
    enquiry.policy = _kept(turn.rules.policies[enquiry.urgency])
    enquiry.dispatch_wanted, enquiry.dispatch_next_step = 0, None
    await turn.set_timer("unclaimed", enquiry.id, _alarm_at(turn, enquiry))
    await look(turn, enquiry)


async def step(turn: Turn, enquiry: Enquiry) -> None:
    """It is time to look at the enquiry again."""
    if enquiry.state is State.WAITING:
        await look(turn, enquiry)


async def drain(turn: Turn) -> None:
    """Somebody became available: offer what waits for want of people, the most urgent and oldest first."""
    for enquiry in await find.waiting(turn.unit):
        if enquiry.dispatch_is_short:
            await look(turn, enquiry)


async def look(turn: Turn, enquiry: Enquiry) -> None:
    """Ring whom the choice says, keep its reasons, and look again when it says."""
    policy = _policy(turn, enquiry)
    offers = await find_standing.offers(turn.unit, enquiry)
    plan = dispatch.decide(
        policy,
        candidates.need(turn, enquiry),
        await candidates.of(turn, enquiry),
        candidates.round_of(enquiry, offers, started_at=enquiry.dispatch_started_at or turn.now),
        now=turn.now,
        hours=turn.rules.panel_hours,
        waiting=await find_standing.count_waiting(turn.unit),
    )
    enquiry.dispatch_wanted, enquiry.dispatch_next_step = plan.wanted, plan.next_step
    enquiry.dispatch_is_short = plan.is_short
    await _ring(turn, enquiry, plan, offers)
    turn.record("asked", enquiry, detail=_reasons(len(plan.ring), plan.verdicts))
    await find_standing.keep_step(turn.unit, enquiry, _verdicts(plan))
    await turn.set_timer("dispatch", enquiry.id, plan.look_at)
    there = await find_duty.on_duty(turn.unit)
    is_with_somebody = any(o.state is OfferState.OPEN and o.person_id in there for o in offers)
    if plan.is_short and not plan.ring and not is_with_somebody:
        await _say_nobody_is_free(turn, enquiry)


async def show_digest(turn: Turn, person: Person, chat: Chat) -> None:
    """Offer in one message, to who comes on duty, everything that nobody's phone rings for."""
    shown: list[tuple[Enquiry, Offer]] = []
    for enquiry in await find_standing.waiting_for_a_shift(turn.unit):
        policy = _policy(turn, enquiry)
        if policy.asks_anybody:
            continue
        offers = await find_standing.offers(turn.unit, enquiry)
        offered = candidates.round_of(enquiry, offers, started_at=enquiry.dispatch_started_at or turn.now)
        panel = [one for one in await candidates.of(turn, enquiry) if one.person == person.id]
        verdicts = dispatch.judge(policy, candidates.need(turn, enquiry), panel, offered, now=turn.now)
        if any(verdict.place is not None for verdict in verdicts):
            shown.append((enquiry, _made(turn, enquiry, person.id, step=len(offers), why={"digest": True})))
    if shown:
        await turn.unit.session.flush()
        offering.show_together(turn, chat, shown)


async def claim(turn: Turn, person: Person, chat: Chat, offer: Offer) -> Enquiry | None:
    """Give the enquiry to the person and return it, if nobody was faster; the others asked are told."""
    enquiry = await find.locked(turn.unit, offer.enquiry_id)
    if enquiry is None or offer.person_id != person.id:
        turn.say(chat, "tap.stale")
        return None
    await find.lock_offer(turn.unit, offer)
    is_free = enquiry.state is State.WAITING and _can_still_be_claimed(offer)
    if not is_free or await candidates.rule_against(turn, enquiry, person) is not None:
        await _say_too_late(turn, chat, enquiry, offer)
        return None
    offer.state, offer.decided_at = OfferState.CLAIMED, turn.now
    turn.say(chat, "offer.claimed", action="edit", purpose="offer", subject=offer.id, number=enquiry.number)
    await assign(turn, enquiry, person, chat, by=person)
    return enquiry


async def assign(turn: Turn, enquiry: Enquiry, person: Person, chat: Chat, *, by: Person) -> None:
    """Give a waiting or triaged enquiry to the person, with everything written in it so far.

    The caller has asked `candidates.rule_against`, which also locks the account.
    """
    await entrust(turn, enquiry, person, by=by)
    await waiting.await_answer(turn, enquiry)
    await transcript.show(turn, enquiry, chat)
    await enquirer.tell(
        turn,
        enquiry,
        "assigned.to",
        except_for=person,
        subject=enquiry.id,
        priority=CONVERSATION,
        alias=person.alias,
        number=enquiry.number or "",
    )
    if enquiry.chat_id is None:
        if person.id != enquiry.typed_by:
            turn.say(chat, "case.by_desk", subject=enquiry.id, number=enquiry.number or "")
    elif (await chats.by_id(turn.unit, enquiry.chat_id)).unreachable_since is not None:
        turn.say(chat, "relay.enquirer_unreachable", subject=enquiry.id, number=enquiry.number or "")


async def entrust(turn: Turn, enquiry: Enquiry, person: Person, *, by: Person) -> None:
    """Have the person have the enquiry, and nobody else be asked about it; nothing is shown or said."""
    turn.unit.session.add(
        Assignment(id=new_id(), enquiry_id=enquiry.id, person_id=person.id, started_at=turn.now)
    )
    enquiries.move(turn, enquiry, State.ASSIGNED, by=by, detail=person.alias)
    enquiry.assigned_at = turn.now
    await withdraw_offers(turn, enquiry, taken_by=person)
    for timer in ("dispatch", "unclaimed", "shift_end", "kept"):
        await turn.cancel_timer(timer, enquiry.id)


async def withdraw_offers(turn: Turn, enquiry: Enquiry, *, taken_by: Person | None) -> None:
    """Turn the offers still open into a line that says who has it, or that it is gone."""
    for offer, asked in await find.open_offers(turn.unit, enquiry.id):
        offer.state = OfferState.WITHDRAWN if taken_by is None else OfferState.TAKEN
        offer.decided_at = turn.now
        is_read_only = "digest" in offer.why  # her phone did not ring for it, so it need not ring to say so
        if asked.chat_id is not None and not is_read_only and (taken_by is None or asked.id != taken_by.id):
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
        await turn.unit.session.flush()
        await look(turn, enquiry)


async def look_without(turn: Turn, person: Person) -> None:
    """Look at what is offered to the person, who has gone off duty: her offers stand, others are asked."""
    for _, enquiry in await find.open_offers_to(turn.unit, person.id):
        if enquiry.state is State.WAITING:
            await look(turn, enquiry)


async def withdraw_from(turn: Turn, person: Person) -> None:
    """Take back every offer the person has not decided on; others are asked in her stead."""
    for offer, enquiry in await find.open_offers_to(turn.unit, person.id):
        await _take_back(turn, person, offer, enquiry)


async def withdraw_barred_from(turn: Turn, person: Person) -> None:
    """Take back what a hard rule keeps from the person now; others are asked in her stead."""
    for offer, enquiry in await find.open_offers_to(turn.unit, person.id):
        if candidates.barred(turn, enquiry, person, has_conflict=False):
            await _take_back(turn, person, offer, enquiry)


async def _take_back(turn: Turn, person: Person, offer: Offer, enquiry: Enquiry) -> None:
    offer.state, offer.decided_at = OfferState.WITHDRAWN, turn.now
    if person.chat_id is not None:
        turn.remove(person.chat_id, purpose="offer", subject=offer.id)
    await turn.unit.session.flush()
    if enquiry.state is State.WAITING:
        await look(turn, enquiry)


async def note_conflict(turn: Turn, person: Person, enquiry: Enquiry) -> None:
    """Remember that the person must not have this enquiry."""
    if await turn.unit.session.get(Conflict, (enquiry.id, person.id)) is None:
        turn.unit.session.add(Conflict(enquiry_id=enquiry.id, person_id=person.id, said_at=turn.now))


async def unclaimed(turn: Turn, enquiry: Enquiry) -> None:
    """Nobody has taken the enquiry for too long: the coordinators are alarmed, and again later.

    Where what is of high urgency still waits after the first alarm, nobody has reacted: ALERT_URL is called.
    """
    if enquiry.state not in (State.WAITING, State.TRIAGE):
        return
    is_high = enquiry.urgency is Urgency.HIGH
    since = enquiry.dispatch_started_at or enquiry.sent_at or enquiry.drafted_at
    alarmed = await find.times_alarmed(turn.unit, enquiry.id, _UNCLAIMED, since=Instant.of(since))
    await alarms.alert(
        turn,
        "alarm.unclaimed",
        about=enquiry,
        buttons=[
            [
                Button("button.read", on("triage:read", enquiry)),
                Button("button.take", on("triage:take", enquiry)),
            ],
            [Button("button.why", on("why", enquiry))],
        ],
        urgent=is_high and alarmed > 0,
        number=enquiry.number or "",
        urgency=word(f"urgency.{enquiry.urgency.value}"),
        since=when(enquiry.waits_since),
    )
    limits, hours = turn.rules.limits, turn.rules.panel_hours
    is_first_of_high = is_high and not alarmed
    again = turn.after(
        minutes=limits.alarm_repeat_minutes if is_first_of_high else limits.unclaimed_alarm_minutes
    )
    if not is_high:
        again = hours.next_opening(again) or again
    await turn.set_timer("unclaimed", enquiry.id, again)


_UNCLAIMED = "alarm.unclaimed"


async def _ring(turn: Turn, enquiry: Enquiry, plan: dispatch.Plan, offers: Sequence[Offer]) -> None:
    """Make the offers, or have those that stand ring again."""
    standing = {offer.person_id: offer for offer in offers if offer.state is not OfferState.WITHDRAWN}
    asked = await people.by_ids(turn.unit, plan.ring)
    rung: list[tuple[Person, Offer]] = []
    for verdict in (verdict for verdict in plan.verdicts if verdict.is_rung):
        offer = standing.get(verdict.person)
        if offer is None:
            why: _Why = {
                "place": verdict.place or 0,
                "matches_competence": verdict.matches_competence,
                "has_field": enquiry.competence is not None,
            }
            offer = _made(turn, enquiry, verdict.person, step=len(offers) + len(rung), why=why)
        else:
            offer.rings, offer.rung_at = offer.rings + 1, turn.now
            offer.state, offer.decided_at, offer.declined_because = OfferState.OPEN, None, None
        rung.append((asked[verdict.person], offer))
    await turn.unit.session.flush()
    for person, offer in rung:
        offering.show(turn, person, enquiry, offer)


def _made(turn: Turn, enquiry: Enquiry, person_id: UUID, *, step: int, why: _Why) -> Offer:
    offer = Offer(
        id=new_id(),
        enquiry_id=enquiry.id,
        person_id=person_id,
        round=enquiry.dispatch_round,
        step=step,
        state=OfferState.OPEN,
        why=why,
        offered_at=turn.now,
        rings=1,
        rung_at=turn.now,
    )
    turn.unit.session.add(offer)
    return offer


def _can_still_be_claimed(offer: Offer) -> bool:
    """Whoever said "not now" or "not my field" may think again; what was withdrawn is gone."""
    is_declined = offer.state is OfferState.DECLINED and offer.declined_because in ("later", "field")
    return offer.state is OfferState.OPEN or is_declined


def _policy(turn: Turn, enquiry: Enquiry) -> dispatch.Policy:
    kept = enquiry.policy
    if kept is None:
        return turn.rules.policies[enquiry.urgency]
    return dispatch.Policy(
        at_once=kept["at_once"],
        one_more_after=timedelta(seconds=kept["one_more_seconds"]),
        only_in_opening_hours=bool(kept["only_in_opening_hours"]),
        exclusive_for=timedelta(seconds=kept.get("exclusive_seconds", 0)),
        ask_again_after=timedelta(seconds=kept.get("ask_again_seconds", 0)),
        most_rings=kept.get("most_rings", 1),
        overload_fresh_offers=kept.get("overload_fresh_offers", 3),
    )


def _kept(policy: dispatch.Policy) -> dict[str, int]:
    """Return the policy as it is kept on the enquiry; a change of the configuration leaves it as it is."""
    return {
        "at_once": policy.at_once,
        "one_more_seconds": int(policy.one_more_after.total_seconds()),
        "only_in_opening_hours": int(policy.only_in_opening_hours),
        "exclusive_seconds": int(policy.exclusive_for.total_seconds()),
        "ask_again_seconds": int(policy.ask_again_after.total_seconds()),
        "most_rings": policy.most_rings,
        "overload_fresh_offers": policy.overload_fresh_offers,
    }


def _alarm_at(turn: Turn, enquiry: Enquiry) -> Instant:
    """High: after the configured minutes, at half the promise at the latest; else then, in opening hours."""
    limits = turn.rules.limits
    is_high = enquiry.urgency is Urgency.HIGH
    soon = turn.after(minutes=limits.unclaimed_high_minutes if is_high else limits.unclaimed_alarm_minutes)
    if enquiry.promised_by is None:
        return soon
    half = Instant.of(turn.now + (enquiry.promised_by - turn.now) / 2)
    return min(soon, half) if is_high else turn.rules.panel_hours.next_opening(half) or half


async def _say_nobody_is_free(turn: Turn, enquiry: Enquiry) -> None:
    if enquiry.nobody_told_at is not None:
        return
    enquiry.nobody_told_at = turn.now
    only_when_open = _policy(turn, enquiry).only_in_opening_hours
    staffed = await rota.next_staffed(turn, only_when_open=only_when_open)
    opening = staffed or turn.rules.panel_hours.next_opening(turn.now) or turn.after(days=1)
    is_open_now = opening <= turn.now
    key = "sent.nobody_free_now" if is_open_now else "sent.out_of_hours"
    number = enquiry.number or ""
    await enquirer.tell(
        turn, enquiry, key, subject=enquiry.id, opening=when(opening), numbers="open", number=number
    )
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


def _verdicts(plan: dispatch.Plan) -> dict[str, str]:
    """Return what was said of each person, in a word."""
    return {str(verdict.person): _in_a_word(verdict) for verdict in plan.verdicts}


def _in_a_word(verdict: dispatch.Verdict) -> str:
    if verdict.passed_over is not None:
        return verdict.passed_over.value
    return "rung" if verdict.is_rung else "next"


def _reasons(asked: int, verdicts: tuple[dispatch.Verdict, ...]) -> str:
    counted = Counter(v.passed_over.value for v in verdicts if v.passed_over is not None)
    return " ".join([f"asked={asked}", *(f"{why}={count}" for why, count in sorted(counted.items()))])[:80]
