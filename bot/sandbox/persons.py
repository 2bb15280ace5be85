"""The people of the sandbox: accounts with a name, played from the page or by a test."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.sandbox.parameters import Json


@dataclass(slots=True)
class Person:
    """One invented account. `label` and `role` are for the page and never reach the bot."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    label: str = ""
    role: str = ""
    is_deactivated: bool = False

    def as_user(self) -> Json:
        """Return the account as the Bot API shows it in a message."""
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if value := getattr(self, name):
                user[name] = value
        return user

    def as_record(self) -> Json:
        """Return all fields, for the page and the journal."""
        return asdict(self)


STANDING_CAST: tuple[Person, ...] = (
    Person(5001, "Karen", "Lund", "karen_lund", "da", "teacher", "enquirer"),
    Person(5002, "Idris", "Hassan", "", "en", "father", "enquirer"),
    Person(5003, "Mira", "Holt", "", "da", "school_family", "resource_person"),
    Person(5004, "Tom", "Berg", "", "da", "street_work", "resource_person"),
    Person(5005, "Yasmin", "Aziz", "", "da", "psychology", "resource_person"),
    Person(5006, "Lone", "Friis", "", "da", "duty_coordinator", "secretariat"),
)
"""Invented people who stand ready when the page is opened; who is who is for the page alone."""
