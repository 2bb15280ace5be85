"""Staff are invited by a link that works once, listed without addresses, and cut off."""

import re

import pytest

from bot.sandbox import SandboxClock, StandIn
from storage.models import Role
from tests.operator import Operator
from tests.scene import MONDAY_AT_TEN, TOKEN, Scene

MIRA = ("invite", "--role=resource-person", "--alias=Mira", "--competence=school", "--language=da")
FIELDS = "school, street_work, employment, psychology, minority_community, former_extremist, family"
NOBODY_LISTENS = "http://127.0.0.1:9"


def line(text: str) -> str:
    [only] = text.strip().splitlines()
    return only


async def test_invite_prints_a_link_to_the_bot_that_telegram_names(operator: Operator) -> None:
    stand_in = StandIn(token=TOKEN, bot_username="test_bot", clock=SandboxClock(MONDAY_AT_TEN))
    await stand_in.start("127.0.0.1", 0)
    try:
        done = await operator.does(*MIRA, BOT_TOKEN=TOKEN, TELEGRAM_API_URL=stand_in.url)
    finally:
        await stand_in.stop()

    assert done.exit_code == 0
    assert re.fullmatch(r"https://t\.me/test_bot\?start=[\w-]{24}", line(done.stdout))
    assert line(done.stderr) == ("It works once, until 2026-11-23 10:00; it enrols Mira as resource-person.")


async def test_invite_says_how_to_make_the_link_where_telegram_does_not_answer(operator: Operator) -> None:
    done = await operator.does(*MIRA, BOT_TOKEN=TOKEN, TELEGRAM_API_URL=NOBODY_LISTENS)

    assert done.exit_code == 0
    assert re.fullmatch(r"https://t\.me/<your bot>\?start=[\w-]{24}", line(done.stdout))
    assert "put it in place of <your bot>" in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        (
            "--role",
            "boss",
            f"--role: there is no boss; there are {', '.join(Role)}.",
        ),
        (
            "--competence",
            "chess",
            f"--competence: there is no chess; there are {FIELDS}.",
        ),
        ("--language", "fr", "--language: there is no fr; there are da, en, ar."),
        ("--alias", "@mira", "--alias: is 1 to 40 letters, digits, blanks, dots, hyphens."),
    ],
)
async def test_invite_with_something_unknown_says_what_there_is(
    operator: Operator, option: str, value: str, said: str
) -> None:
    done = await operator.does(*MIRA, option, value)

    assert (done.exit_code, done.stdout, line(done.stderr)) == (2, "", said)


async def test_an_alias_in_use_is_refused_and_one_revoked_is_free_again(
    scene: Scene, operator: Operator
) -> None:
    await scene.staff("Mira")

    taken = await operator.does(*MIRA)
    revoked = await operator.does("revoke", "mira")
    again = await operator.does(*MIRA)

    assert (taken.exit_code, line(taken.stderr)) == (
        1,
        "Mira is enrolled already; `revoke Mira` cuts it off.",
    )
    assert (revoked.exit_code, again.exit_code) == (0, 0)


async def test_revoke_withdraws_a_link_that_nobody_has_opened(scene: Scene, operator: Operator) -> None:
    made = await operator.does(*MIRA)
    token = made.stdout.strip().rpartition("=")[2]

    revoked = await operator.does("revoke", "Mira")
    operator.later(seconds=1)
    scene.clock.skip(operator.clock.at - scene.clock.now())
    karen = await scene.person("Karen")
    await karen.start(token)
    await scene.telegram.all_confirmed()
    await scene.quiet()
    listed = await operator.does("people")

    assert (revoked.exit_code, line(revoked.stdout)) == (0, "The link for Mira is withdrawn.")
    assert listed.stdout.splitlines()[0].strip() == "0 enrolled"


async def test_the_last_of_the_secretariat_is_cut_off_only_when_asked_for_twice(
    scene: Scene, operator: Operator
) -> None:
    await scene.staff("Lone", on_duty=False)

    refused = await operator.does("revoke", "Lone")
    done = await operator.does("revoke", "Lone", "--even-the-last")

    assert (refused.exit_code, done.exit_code) == (1, 0)
    assert "Lone is the last of the secretariat" in " ".join(refused.stderr.split())


async def test_revoke_of_nobody_is_refused(operator: Operator) -> None:
    done = await operator.does("revoke", "Mira")

    assert (done.exit_code, line(done.stderr)) == (1, "Nobody is enrolled as Mira.")


async def test_people_lists_alias_role_duty_and_open_cases_and_no_address(
    scene: Scene, operator: Operator
) -> None:
    mira = await scene.staff("Mira")
    await scene.staff("Dorte")
    karen = await scene.person("Karen")
    await karen.says("Jeg er bekymret for en elev i 9. klasse.")
    await karen.taps("send")
    await mira.taps("claim")
    await karen.sees("Mira")

    done = await operator.does("people")

    rows = [" ".join(row.split()) for row in done.stdout.splitlines()]
    assert rows[:2] == [
        "2 enrolled",
        "alias role on duty open cases trained signed certificate own districts",
    ]
    papers = "2025-11-17 2025-11-17 until 2027-11-17 0"
    assert rows[2] == f"Dorte auditor no 0 {papers}"
    assert re.fullmatch(rf"Mira resource-person since 2026-11-16 \d\d:\d\d 1 {papers}", rows[3])
    assert str(mira.id) not in done.stdout
