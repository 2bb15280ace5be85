"""Staff: let in by a link, listed, and cut off."""

from __future__ import annotations

from typing import Annotated

import typer

from bot import certificates, people
from bot.certificates import Standing
from bot.configuration import Configuration, ConfigurationError
from bot.settings import Settings
from bot.turn import Turn
from handlers.commands import ground
from storage.models import Person, Role
from storage.queries import overview
from storage.queries import people as find

_SECONDS = 5.0
_COLUMNS = ("alias", "role", "on duty", "open cases", "trained", "signed", "certificate", "own districts")


def invite(
    role: Annotated[str, typer.Option(help=", ".join(one.value for one in Role))],
    alias: Annotated[str, typer.Option(help="The name colleagues and enquirers see; not the person's own.")],
    competence: Annotated[
        list[str] | None, typer.Option(help="A field from hotline.toml; repeatable.")
    ] = None,
    language: Annotated[list[str] | None, typer.Option(help="Such as da; repeatable.")] = None,
) -> None:
    """Print a single-use link; whoever opens it first is enrolled under the alias."""

    async def work() -> None:
        async with ground.opened() as at:
            wished = _role(role)
            _check(at.rules, alias, language or [])
            token, expires = await _invited(at, wished, alias.strip(), competence or [], language or [])
            name = await _bot_name(at.settings)
            ground.say(f"https://t.me/{name or '<your bot>'}?start={token}")
            if name is None:
                ground.complain("Telegram was not asked for the bot's name: put it in place of <your bot>.")
            ground.complain(f"It works once, until {expires}; it enrols {alias.strip()} as {wished.value}.")

    ground.guarded(work)


def revoke(
    alias: Annotated[str, typer.Argument(help="Whose account is to be cut off.")],
    even_the_last: Annotated[
        bool, typer.Option("--even-the-last", help="Also where nobody is left in the secretariat then.")
    ] = False,
) -> None:
    """Cut an account off at once, unused links included; its cases are offered to others."""

    async def work() -> None:
        async with ground.opened() as at:
            async with at.turn() as turn:
                person = await find.by_alias(turn.unit, alias)
                is_enrolled = person is not None and person.revoked_at is None
                links = await find.open_invites(turn.unit, alias, turn.now)
                if not is_enrolled and not links:
                    raise ground.RefusedError(f"Nobody is enrolled as {alias}.")
                if is_enrolled and person is not None and not even_the_last:
                    await _refuse_the_last(turn, person)
                for link in links:
                    people.withdraw(turn, link, by=None)
                if is_enrolled and person is not None:
                    await people.revoke(turn, person, by=None)
            ground.say(f"{alias} is revoked." if is_enrolled else f"The link for {alias} is withdrawn.")

    ground.guarded(work)


def list_people() -> None:
    """List staff: alias, role, whether on duty, cases open, and how their papers stand."""

    async def work() -> None:
        async with ground.opened() as at:
            async with at.store.reading() as session:
                everybody = await overview.staff(session)
            rows = [_row(at, one) for one in everybody]
            ground.tabulate(f"{len(rows)} enrolled", _COLUMNS, rows)

    ground.guarded(work)


async def _invited(
    at: ground.Ground, role: Role, alias: str, competences: list[str], languages: list[str]
) -> tuple[str, str]:
    try:
        async with at.turn() as turn:
            token = await people.invite(
                turn, role=role, alias=alias, competences=competences, languages=languages
            )
            made = await find.invite_by_hash(turn.unit, people.hash_token(token))
            assert made is not None, "it was just made"
    except people.UnknownCompetenceError as error:
        known = ", ".join(at.rules.competences)
        raise ConfigurationError([f"--competence: there is no {error}; there are {known}."]) from None
    except people.AliasTakenError:
        raise ground.RefusedError(f"{alias} is enrolled already; `revoke {alias}` cuts it off.") from None
    return token, at.local(made.expires_at)


async def _refuse_the_last(turn: Turn, person: Person) -> None:
    if await people.is_last_secretary(turn, person):
        raise ground.RefusedError(
            f"{person.alias} is the last of the secretariat: nobody could sort, close or refer cases. "
            "Invite somebody else first, or say --even-the-last."
        )


async def _bot_name(settings: Settings) -> str | None:
    if not settings.token:
        return None
    from telegram.error import TelegramError  # noqa: PLC0415 - only here

    from handlers.telegram.transport import BotApi, Transport  # noqa: PLC0415 - likewise

    api = BotApi(url=settings.telegram_api_url, token=settings.token, transport=Transport(connections=1))
    await api.open()
    try:
        return str((await api.call("getMe", seconds=_SECONDS))["username"])
    except TelegramError:
        return None
    finally:
        await api.close()


def _role(written: str) -> Role:
    try:
        return Role(written)
    except ValueError:
        known = ", ".join(one.value for one in Role)
        raise ConfigurationError([f"--role: there is no {written}; there are {known}."]) from None


def _check(rules: Configuration, alias: str, languages: list[str]) -> None:
    faults = []
    if not people.is_alias(alias.strip()):
        faults.append("--alias: is 1 to 40 letters, digits, blanks, dots, hyphens.")
    known = list(dict.fromkeys([*rules.hotline.spoken, *rules.hotline.languages]))
    faults += [
        f"--language: there is no {one}; there are {', '.join(known)}."
        for one in languages
        if one not in known
    ]
    if faults:
        raise ConfigurationError(faults)


def _row(at: ground.Ground, one: overview.Colleague) -> tuple[object, ...]:
    person = one.person
    return (
        person.alias,
        person.role.value,
        _duty(at, one),
        one.open_cases,
        person.trained_on or "no",
        person.confidentiality_signed_on or "no",
        _certificate(at, person),
        len(person.own_districts),
    )


def _certificate(at: ground.Ground, person: Person) -> str:
    rules = at.rules.panel
    found = certificates.of(person, rules, at.now.astimezone(at.rules.zone).date())
    if person.certificate_on is None:
        return "no"
    if found.last_day is None:
        return "without end"
    return f"{'ended' if found.certificate is Standing.ENDED else 'until'} {found.last_day}"


def _duty(at: ground.Ground, one: overview.Colleague) -> str:
    person = one.person
    if person.is_paused(at.now):
        return "paused"
    return "no" if one.on_duty_since is None else f"since {at.local(one.on_duty_since)}"
