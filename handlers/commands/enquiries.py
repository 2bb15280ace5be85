"""Enquiries as the log has them: numbers, states, answers that were tapped and what happened when."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.configuration import ConfigurationError
from handlers.commands import ground
from storage.models import AuditEntry, Enquiry, State
from storage.queries import overview

app = typer.Typer(invoke_without_command=True)

_ANSWERS = ("role", "profession", "relation", "topic", "age", "writer", "alarm", "residence", "spoken")
_COLUMNS = ("number", "kind", "state", "urgency", "outcome", "sent", "age", "who")


@app.callback()
def list_enquiries(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help=", ".join(one.value for one in State))] = None,
    since: Annotated[str | None, typer.Option(help="Only those begun since this day, 2026-11-16.")] = None,
) -> None:
    """List enquiries, the oldest first, without content; `show NUMBER` tells of one."""
    if context.invoked_subcommand is not None:
        return

    async def work() -> None:
        async with ground.opened() as at:
            day = ground.parse_day(since, "--since")
            begun = None if day is None else ground.midnight(day, at.rules.zone)
            async with at.store.reading() as session:
                found = await overview.listed(session, state=_state(state), since=begun)
            rows = [_row(at, enquiry, alias) for enquiry, alias in found]
            ground.tabulate(f"{len(rows)} enquiries", _COLUMNS, rows)

    ground.guarded(work)


@app.command()
def show(number: Annotated[str, typer.Argument(help="Such as K-2026-00001.")]) -> None:
    """Tell where an enquiry stands, what was tapped, and what happened when; never what was written."""

    async def work() -> None:
        async with ground.opened() as at:
            async with at.store.reading() as session:
                enquiry = await overview.by_number(session, number)
                if enquiry is None:
                    raise ground.RefusedError(f"There is no enquiry {number}.")
                log = await overview.timeline(session, enquiry.id)
            facts = [(name, value) for name, value in _facts(at, enquiry) if value not in (None, "–")]
            ground.tabulate(enquiry.number or "", ("", ""), facts)
            rows = [
                (at.local(entry.at), _actor(entry, alias), entry.action, entry.detail or "")
                for entry, alias in log
            ]
            ground.say("")
            ground.tabulate("What happened", ("when", "who", "what", ""), rows)

    ground.guarded(work)


def _state(written: str | None) -> State | None:
    if written is None:
        return None
    try:
        return State(written)
    except ValueError:
        known = ", ".join(one.value for one in State)
        raise ConfigurationError([f"--state: there is no {written}; there are {known}."]) from None


def _row(at: ground.Ground, enquiry: Enquiry, alias: str | None) -> tuple[str, ...]:
    began = enquiry.sent_at or enquiry.drafted_at
    return (
        enquiry.number or "–",
        enquiry.kind.value,
        enquiry.state.value,
        enquiry.urgency.value,
        enquiry.outcome.value if enquiry.outcome else "–",
        at.local(enquiry.sent_at),
        ground.age(began, enquiry.closed_at or at.now),
        alias or "–",
    )


def _facts(at: ground.Ground, enquiry: Enquiry) -> list[tuple[str, str | None]]:
    facts: list[tuple[str, str | None]] = [
        ("kind", enquiry.kind.value),
        ("channel", enquiry.channel.value),
        ("state", enquiry.state.value),
        ("urgency", enquiry.urgency.value),
        ("outcome", enquiry.outcome.value if enquiry.outcome else None),
        ("messages", str(enquiry.message_count)),
        ("sent", at.local(enquiry.sent_at)),
        ("promised by", at.local(enquiry.promised_by)),
        ("assigned", at.local(enquiry.assigned_at)),
        ("answered", at.local(enquiry.answered_at)),
        ("closed", at.local(enquiry.closed_at)),
        ("destroyed", at.local(enquiry.destroyed_at)),
    ]
    return facts + [(f"answer: {name}", getattr(enquiry, name)) for name in _ANSWERS]


def _actor(entry: AuditEntry, alias: str | None) -> str:
    return alias or ("enquirer" if entry.actor == "chat" else entry.actor)
