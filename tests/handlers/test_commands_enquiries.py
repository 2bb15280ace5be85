"""The operator sees that and when something happened in an enquiry, never what was written."""

from storage.models import Outcome
from tests.operator import Operator

SECRET = "Han er begyndt at tegne kors med flammer."


def rows(text: str) -> list[str]:
    return [" ".join(row.split()) for row in text.splitlines() if row.strip()]


async def test_enquiries_are_listed_with_state_age_and_who_has_them(operator: Operator) -> None:
    first, _ = await operator.given_cases(2, text=SECRET)
    await operator.given_closed(first)
    operator.later(hours=3)

    done = await operator.does("enquiries")

    assert done.exit_code == 0
    assert rows(done.stdout) == [
        "2 enquiries",
        "number kind state urgency outcome sent age who",
        "K-2026-00001 concern closed normal advice_only 2026-11-16 10:00 0 min –",
        "K-2026-00002 concern assigned normal – 2026-11-16 10:00 3 h Alias 1",
    ]


async def test_enquiries_are_filtered_by_state_and_day(operator: Operator) -> None:
    first, second = await operator.given_cases(2)
    await operator.given_closed(first)

    closed = await operator.does("enquiries", "--state", "closed")
    today = await operator.does("enquiries", "--state", "assigned", "--since", "2026-11-16")
    tomorrow = await operator.does("enquiries", "--since", "2026-11-17")

    assert [row.split()[0] for row in rows(closed.stdout)[2:]] == [first]
    assert [row.split()[0] for row in rows(today.stdout)[2:]] == [second]
    assert rows(tomorrow.stdout)[0] == "0 enquiries"


async def test_an_unknown_state_and_a_wrong_date_are_said(operator: Operator) -> None:
    state = await operator.does("enquiries", "--state", "lost")
    date = await operator.does("enquiries", "--since", "monday")

    assert (state.exit_code, state.stderr) == (
        2,
        "--state: there is no lost; there are draft, waiting, triage, assigned, held, closed.\n",
    )
    assert (date.exit_code, date.stderr) == (2, "--since: is a date such as 2026-11-16, not 'monday'.\n")


async def test_show_tells_the_timeline_and_not_the_text(operator: Operator) -> None:
    [number] = await operator.given_cases(1, text=SECRET)
    await operator.given_closed(number, Outcome.MISUSE)

    done = await operator.does("enquiries", "show", number.lower())

    told = rows(done.stdout)
    assert told[0] == number
    assert "outcome misuse" in told
    assert "answer: spoken da" in told
    assert "2026-11-16 10:00 enquirer drafted" in told
    assert "2026-11-16 10:00 Alias 0 moved waiting>assigned" in told
    assert "2026-11-16 10:00 hotline moved assigned>closed misuse" in told
    assert not any("flammer" in row for row in told)


async def test_show_of_a_number_nobody_drew_is_refused(operator: Operator) -> None:
    done = await operator.does("enquiries", "show", "K-2026-00099")

    assert (done.exit_code, done.stderr) == (1, "There is no enquiry K-2026-00099.\n")
