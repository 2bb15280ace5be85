"""What a resource person does: duty, offers, her cases, and how they end."""

from __future__ import annotations

import re

from bot import (
    cards,
    closing,
    dispatching,
    handovers,
    hours,
    intake,
    notes,
    reading,
    relay,
    shift_end,
    transcript,
)
from bot import duty as duty_of
from bot.permissions import may
from bot.turn import Button, on
from handlers.telegram.visit import Handler, Visit, parse_tap
from storage.models import Enquiry, Handover, Offer
from storage.queries import enquiries as find


async def duty(visit: Visit) -> None:
    """Show, begin or end one's duty, or begin it until a time."""
    turn, person, chat = visit.turn, visit.staff, visit.chat
    wish = visit.word(1) or visit.incoming.text.strip().lower()
    if not wish:
        await duty_of.show(turn, person, chat)
    elif wish in ("on", "til"):
        await duty_of.go_on(turn, person, chat)
    elif wish in ("off", "fra"):
        await duty_of.go_off(turn, person, chat)
    elif (until := duty_of.until_time(turn, _UNTIL.sub("", wish))) is not None:
        await duty_of.go_on(turn, person, chat, until=until)
    else:
        visit.say("command.usage.duty")


async def claim(visit: Visit) -> None:
    """Claim an enquiry."""
    offer = await _offer(visit)
    if offer is not None:
        await shift_end.claim(visit.turn, visit.staff, visit.chat, offer)
        await relay.ask_about_parked(visit.turn, visit.chat, visit.staff)


async def decline(visit: Visit) -> None:
    """Decline an offer."""
    offer = await _offer(visit)
    if offer is not None:
        await dispatching.decline(visit.turn, visit.staff, visit.chat, offer, visit.word(1))


async def open_case(visit: Visit) -> None:
    """Show a case of one's own again."""
    enquiry = await _case(visit, "open")
    if enquiry is not None:
        await reading.note(visit.turn, visit.staff, enquiry)
        await transcript.show(visit.turn, enquiry, visit.chat)


async def note(visit: Visit) -> None:
    """Keep a note in a case; the number may be left out where there is only one."""
    first, _, rest = visit.incoming.text.partition(" ")
    enquiry = await find.by_number(visit.turn.unit, first) if first else None
    text = rest if enquiry is not None else visit.incoming.text
    if not text.strip():
        visit.say("command.usage.note")
        return
    if enquiry is None:
        enquiry = await _only_case(visit)
    if enquiry is None or not await _has_or_had(visit, enquiry):
        visit.say("case.not_found")
        return
    await notes.add(visit.turn, visit.staff, visit.chat, enquiry, visit.incoming.saying(text.strip()))


async def handover(visit: Visit) -> None:
    """Hand a case on, or answer a colleague who does."""
    turn, person, chat, kind = visit.turn, visit.staff, visit.chat, visit.word(1)
    if kind in ("accept", "refuse"):
        offered = await turn.unit.session.get(Handover, visit.ids[0]) if visit.ids else None
        if offered is None:
            visit.say("tap.stale")
        else:
            await (handovers.accept if kind == "accept" else handovers.refuse)(turn, person, chat, offered)
        return
    enquiry = await _case(visit, "handover:start")
    if enquiry is None:
        return
    if kind == "secretariat":
        await handovers.to_secretariat(turn, person, chat, enquiry)
    elif kind == "competence":
        await handovers.to_competence(turn, person, chat, enquiry, visit.word(2))
    elif kind == "person" and len(visit.ids) > 1:
        await handovers.offer_to(turn, person, chat, enquiry, visit.ids[1])
    elif kind == "conflict":
        await handovers.conflict_found(turn, person, chat, enquiry)
    else:
        await handovers.ask_whom(turn, person, chat, enquiry)


async def contact(visit: Visit) -> None:
    """Have the enquirer be asked for contact details, for the secretariat."""
    enquiry = await _case(visit, "contact")
    if enquiry is not None:
        await cards.ask(visit.turn, visit.staff, visit.chat, enquiry)


async def done(visit: Visit) -> None:
    """End a case in three taps."""
    turn, person, chat, kind = visit.turn, visit.staff, visit.chat, visit.word(1)
    if kind == "minutes":
        await _minutes(visit)
        return
    enquiry = await _case(visit, "done:start")
    if enquiry is None:
        return
    if kind == "outcome":
        await closing.choose_outcome(turn, person, chat, enquiry, visit.word(2))
    elif kind == "referral":
        await closing.finish(turn, person, chat, enquiry, suggests_referral=visit.word(2) == "yes")
    else:
        await closing.ask_outcome(turn, person, chat, enquiry)


async def shift(visit: Visit) -> None:
    """Say what becomes of a case at the end of a shift."""
    enquiry = await _tapped_case(visit)
    if enquiry is None:
        return
    turn, person, chat, kind = visit.turn, visit.staff, visit.chat, visit.word(1)
    if kind == "keep":
        await shift_end.keep(turn, person, chat, enquiry)
    elif kind == "handover":
        await handovers.ask_whom(turn, person, chat, enquiry)
    elif kind == "done":
        await closing.ask_outcome(turn, person, chat, enquiry)
    else:
        visit.say("tap.stale")


async def _minutes(visit: Visit) -> None:
    enquiry = await visit.enquiry()
    if enquiry is None:
        return
    turn, person, chat = visit.turn, visit.staff, visit.chat
    of = visit.ids[1] if len(visit.ids) > 1 else None
    if visit.word(2).isdigit():
        minutes = int(visit.word(2)[:6])
        await closing.note_minutes(turn, person, chat, enquiry, minutes, assignment_id=of)
    else:
        await closing.ask_minutes_of(turn, person, chat, enquiry, of)


async def take_minutes(visit: Visit) -> bool:
    """Take a number that was typed instead of tapped; False where no number was asked for."""
    written = _MINUTES.fullmatch(visit.incoming.text.strip().lower())
    awaited = visit.chat.awaits or ""
    if not awaited.startswith("minutes:") or written is None or visit.incoming.reply_to is not None:
        return False
    since = visit.chat.awaits_since
    if since is None or (visit.turn.now - since).total_seconds() > _AWAITS_SECONDS:
        return False
    await done(_tapped(visit, f"done:minutes:{written[1]}:{awaited.partition(':')[2]}"))
    return True


async def show_hours(visit: Visit) -> None:
    """Say how much time one has noted; with a month, the desk sees everybody's: /hours 2026-11."""
    written = visit.incoming.text.strip()
    if not written:
        await hours.show(visit.turn, visit.staff, visit.chat)
    elif not may(visit.staff, "hours"):
        visit.say("forbidden")
    elif (month := hours.parse_month(written)) is None:
        visit.say("command.usage.hours")
    else:
        await hours.show_month(visit.turn, visit.staff, visit.chat, month)


async def ask(visit: Visit) -> None:
    """Begin a question of one's own."""
    await intake.begin(visit.turn, visit.chat)


_AWAITS_SECONDS = 900
_UNTIL = re.compile(r"^(?:(?:on|til|until|to)\s+)+")
_MINUTES = re.compile(r"([0-9]{1,6})\s*(?:m|min|minut|minutter|minutes?)?\.?")


def _tapped(visit: Visit, data: str) -> Visit:
    words, ids = parse_tap(data)
    return Visit(visit.turn, visit.chat, visit.person, visit.incoming, words, ids)


async def _offer(visit: Visit) -> Offer | None:
    offer = await find.offer(visit.turn.unit, visit.ids[0]) if visit.ids else None
    if offer is None or offer.person_id != visit.staff.id:
        visit.say("tap.stale")
        return None
    return offer


async def _case(visit: Visit, action: str) -> Enquiry | None:
    """Return the case tapped or named, else the one replied to, chosen or only one; else ask which."""
    if visit.ids:
        return await _tapped_case(visit)
    turn, named = visit.turn, visit.incoming.text.strip()
    has = await find.assigned_to(turn.unit, visit.staff.id)
    if named:
        found = next((e for e in has if e.number == named.upper()), None)
        if found is None:
            visit.say("case.not_found")
        return found
    meant = await relay.addressed(turn, visit.chat, visit.person, visit.incoming)
    if isinstance(meant, relay.Conversation) and meant.adviser is not None:
        return meant.enquiry
    if len(has) == 1:
        return has[0]
    if not has:
        visit.say("staff.no_case")
        return None
    rows = [[Button("button.switch", on(action, e), {"number": e.number or ""})] for e in has]
    visit.say("case.which", buttons=rows)
    return None


async def _tapped_case(visit: Visit) -> Enquiry | None:
    """A button may outlive the case: it opens nothing to who does not have it any more."""
    tapped = await visit.enquiry()
    if tapped is None:
        return None
    assignment = await find.active_assignment(visit.turn.unit, tapped.id)
    if assignment is None or assignment.person_id != visit.staff.id:
        visit.say("done.not_yours", number=tapped.number or "")
        return None
    return tapped


async def _only_case(visit: Visit) -> Enquiry | None:
    meant = await relay.addressed(visit.turn, visit.chat, visit.person, visit.incoming)
    if isinstance(meant, relay.Conversation) and meant.adviser is not None:
        return meant.enquiry
    has = await find.assigned_to(visit.turn.unit, visit.staff.id)
    return has[0] if len(has) == 1 else None


async def _has_or_had(visit: Visit, enquiry: Enquiry) -> bool:
    had = await find.last_assignment_of(visit.turn.unit, enquiry.id, visit.staff.id)
    return had is not None and had.ended_because not in ("conflict", "revoked")


COMMANDS: dict[str, Handler] = {
    "duty": duty,
    "open": open_case,
    "note": note,
    "handover": handover,
    "contact": contact,
    "done": done,
    "hours": show_hours,
    "ask": ask,
}
TAPS: dict[str, Handler] = {
    "claim": claim,
    "decline": decline,
    "duty": duty,
    "handover": handover,
    "contact": contact,
    "done": done,
    "open": open_case,
    "shift": shift,
}
