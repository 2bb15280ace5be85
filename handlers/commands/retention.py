"""What must be forgotten: when it falls due, done now, or done earlier for one enquiry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

from bot import privacy, rota, sweep
from bot.configuration import ConfigurationError
from handlers.commands import ground
from scheduling.instant import Instant
from storage import audit, inbox, outbox
from storage.models import State
from storage.queries import enquiries as find
from storage.queries import overview, referrals
from storage.timers import AlreadyHandledError, Due

_KINDS = ("retention", "held_destroy")


class Reason(StrEnum):
    """Why an enquiry is erased before its time; free words do not belong in the log."""

    REQUEST = "request"
    ORDER = "order"
    MISTAKE = "mistake"
    MISUSE = "misuse"


def retention(
    run: Annotated[bool, typer.Option("--run", help="Destroy what is due now.")] = False,
) -> None:
    """List what falls due when; what is due is destroyed by the running hotline, or here with --run."""

    async def work() -> None:
        async with ground.opened() as at:
            if run:
                await _run_due(at)
                return
            async with at.store.reading() as session:
                falling_due = await overview.timers_of(session, _KINDS)
            rows = [
                (
                    enquiry.number or "–",
                    "held text" if timer.kind == "held_destroy" else "enquiry",
                    enquiry.outcome.value if enquiry.outcome else "–",
                    at.local(enquiry.closed_at),
                    at.local(timer.due_at),
                    "due now" if timer.due_at <= at.now else "",
                )
                for timer, enquiry in falling_due
            ]
            columns = ("number", "what", "outcome", "closed", "due", "")
            ground.tabulate(f"{len(rows)} keys to be destroyed", columns, rows)
            ground.say(f"Log entries are kept {at.rules.retention.audit} days.")

    ground.guarded(work)


def erase(
    number: Annotated[str, typer.Argument(help="Such as K-2026-00001.")],
    reason: Annotated[str, typer.Option(help=", ".join(one.value for one in Reason))],
    is_without_case_number: Annotated[
        bool,
        typer.Option(
            "--without-case-number",
            help="Even where the municipality's case system has not confirmed its referral.",
        ),
    ] = False,
) -> None:
    """Destroy the key of a closed enquiry now: nobody can read it again, nor any backup of it.

    Backups of the keys can still open it until they expire, seven days later at most. A submitted referral
    that lacks its number in the municipality's case system is the only one there is, so it is asked about.
    """

    async def work() -> None:
        async with ground.opened() as at:
            because = _reason(reason)
            async with at.turn() as turn:
                enquiry = await find.by_number(turn.unit, number)
                if enquiry is None:
                    raise ground.RefusedError(f"There is no enquiry {number}.")
                if enquiry.state is not State.CLOSED:
                    raise ground.RefusedError(
                        f"{enquiry.number} is {enquiry.state.value}; only a closed enquiry can be erased."
                    )
                if enquiry.destroyed_at is not None:
                    raise ground.RefusedError(
                        f"{enquiry.number} was erased already, {at.local(enquiry.destroyed_at)}."
                    )
                if not is_without_case_number and await referrals.lacks_reference(turn.unit, enquiry.id):
                    raise ground.RefusedError(
                        f"{enquiry.number} has a submitted referral without its number in the municipality's "
                        "case system; note the number in the console, or add --without-case-number."
                    )
                await turn.cancel_timer("retention", enquiry.id)
                turn.unit.record(
                    "erased",
                    actor="operator",
                    subject="enquiry",
                    subject_id=enquiry.id,
                    detail=because.value,
                )
                await privacy.end_retention(turn, enquiry)
            ground.say(f"{enquiry.number} is erased; its place in the statistics stays.")

    ground.guarded(work)


async def _run_due(at: ground.Ground) -> None:
    async with at.store.reading() as session:
        found = await overview.timers_of(session, _KINDS)
    due = [timer for timer, _ in found if timer.due_at <= at.now]
    destroyed = 0
    with ground.progress("destroying", len(due)) as advance:
        for timer in due:
            one = Due(timer.kind, timer.subject_id, timer.due_at, timer.version, timer.attempts)
            destroyed += await _fall_due(at, one, advance)
    entries = await audit.prune(at.store, before=_before(at))
    await inbox.prune(at.store)
    await outbox.prune(at.store)
    await inbox.destroy_old_keys(at.store)
    async with at.turn() as turn:
        await rota.forget_past(turn)
    ground.say(f"Destroyed {destroyed} keys; removed {entries} old log entries.")


async def _fall_due(at: ground.Ground, timer: Due, advance: Callable[[int], None]) -> bool:
    try:
        async with at.turn() as turn:
            await sweep.fall_due(turn, timer)
    except AlreadyHandledError:  # the running hotline was faster
        return False
    finally:
        advance(1)
    return True


def _before(at: ground.Ground) -> Instant:
    return Instant.of(at.now - timedelta(days=at.rules.retention.audit))


def _reason(written: str) -> Reason:
    try:
        return Reason(written)
    except ValueError:
        known = ", ".join(one.value for one in Reason)
        raise ConfigurationError([f"--reason: there is no such reason; there are {known}."]) from None
