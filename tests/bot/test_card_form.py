"""What a contact card takes: a telephone number or an e-mail; what looks mistyped is only said."""

from __future__ import annotations

import pytest

from bot.card_form import ContactCard, doubts, faults, filled_in, restored


@pytest.mark.parametrize("field", ["phone", "email"])
def test_any_one_way_to_be_reached_is_enough(field: str) -> None:
    assert faults(filled_in({field: "67 00 00 04"}, wants_call=False)) == {}


@pytest.mark.parametrize("name", [" \u200b ", "Karen Opdigtesen"])
def test_nothing_to_reach_her_by_is_a_fault_whatever_her_name(name: str) -> None:
    written = {"about": "Nord", "hours": "altid", "name": name}

    assert faults(filled_in(written, wants_call=False)) == {"phone": "nothing"}


def test_a_call_needs_a_number_and_keeps_nothing_else() -> None:
    written = {"name": "Karen", "email": "k@example.org", "hours": "efter 15"}
    card = filled_in(written, wants_call=True)

    assert faults(card) == {"phone": "no_phone"}
    assert card == ContactCard(hours="efter 15", wants_call=True)


def test_what_is_too_long_is_said_and_not_cut() -> None:
    assert faults(filled_in({"name": "K" * 121, "phone": "67 00 00 04"}, wants_call=False)) == {
        "name": "too_long"
    }


def test_what_is_written_is_one_line_without_what_nobody_can_see() -> None:
    card = filled_in({"name": " Karen\r\n\tOpdigt\u202e\x00 "}, wants_call=False)

    assert card.name == "Karen Opdigt"


@pytest.mark.parametrize(
    ("written", "doubted"),
    [
        ({"phone": "67 00 00 04"}, set()),
        ({"phone": "20 00 00 01"}, set()),
        ({"phone": "+44 20 7946 0018"}, set()),
        ({"phone": "123"}, {"phone"}),
        ({"phone": "ring ikke"}, {"phone"}),
        ({"email": "karen@example.org"}, set()),
        ({"email": "karen@example"}, {"email"}),
        ({"email": "karen example.org", "phone": "0"}, {"phone", "email"}),
        ({"name": "Karen"}, set()),
    ],
)
def test_what_looks_mistyped_is_doubted(written: dict[str, str], doubted: set[str]) -> None:
    assert set(doubts(filled_in(written, wants_call=False), country="DK")) == doubted


def test_a_card_is_restored_as_it_was_sealed() -> None:
    card = ContactCard(name="Karen", phone="67 00 00 04", about="Nord", wants_call=False)

    assert restored(card.plain()) == card
