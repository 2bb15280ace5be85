"""An answer is promised by a moment; where it has not come by then, that is said, to both sides."""

from __future__ import annotations

from bot import alarms, enquirer
from bot.turn import CONVERSATION, Button, Turn, on
from scheduling.deadlines import promised_by
from storage.models import Enquiry, State

_TIMER = "promise"
_OPEN = (State.WAITING, State.TRIAGE, State.ASSIGNED)


async def make(turn: Turn, enquiry: Enquiry) -> None:
    """Promise an answer, by the enquiry's urgency, and have it noticed where none has come by then."""
    enquiry.promised_by = promised_by(
        turn.now, urgency=enquiry.urgency, promises=turn.rules.promise, hours=turn.rules.panel_hours
    )
    enquiry.owes_answer = True
    await turn.set_timer(_TIMER, enquiry.id, enquiry.promised_by)


async def bring_forward(turn: Turn, enquiry: Enquiry) -> None:
    """Have an answer that is owed be due as the urgency now asks, never later than was promised."""
    if not enquiry.owes_answer:
        return
    before = enquiry.promised_by
    await make(turn, enquiry)
    if before is not None and enquiry.promised_by is not None and before < enquiry.promised_by:
        enquiry.promised_by = before
        await turn.set_timer(_TIMER, enquiry.id, before)


async def keep(turn: Turn, enquiry: Enquiry) -> None:
    """Somebody has answered: nothing is owed any more."""
    if enquiry.owes_answer:
        enquiry.owes_answer = False
        await turn.cancel_timer(_TIMER, enquiry.id)


async def broken(turn: Turn, enquiry: Enquiry) -> None:
    """Tell the enquirer that the time has passed and who is open now, once, and alarm the coordinators."""
    if enquiry.state is State.HELD:
        await turn.set_timer(_TIMER, enquiry.id, turn.after(hours=1))
        return
    if enquiry.state not in _OPEN or not enquiry.owes_answer:
        return
    number = enquiry.number or ""
    await enquirer.tell(
        turn,
        enquiry,
        "promise.broken",
        buttons=[[Button("button.emergency", "emergency")]],
        subject=enquiry.id,
        priority=CONVERSATION,
        number=number,
        numbers="open",
    )
    row = [Button("button.read", on("triage:read", enquiry))]
    await alarms.alert(turn, "alarm.promise_broken", about=enquiry, buttons=[row], number=number)


def is_late(turn: Turn, enquiry: Enquiry) -> bool:
    """Whether the time promised has passed and nobody has answered."""
    is_owed = enquiry.owes_answer and enquiry.state in _OPEN
    return is_owed and enquiry.promised_by is not None and enquiry.promised_by < turn.now
