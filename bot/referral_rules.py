"""What the operator decides of referrals: the review, the purposes, legal bases and channels, the parties."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReferralSection(_Section):
    """How referrals are made here; choices are named in both languages."""

    review: bool = True
    prefix: str = Field("R", pattern=r"^[A-Z]{1,4}$")
    template: str = ""
    answer_days: int = Field(14, ge=1, le=365)
    classification: dict[str, str] = {"da": "Fortroligt", "en": "Confidential"}
    purposes: dict[str, dict[str, str]] = {}
    bases: dict[str, dict[str, str]] = {}
    channels: dict[str, dict[str, str]] = {}

    def listed(self, under: str) -> Sequence[str]:
        """Return the choices listed under the name."""
        return tuple(self.named(under))

    def named(self, under: str) -> dict[str, dict[str, str]]:
        """Return the choices listed under the name, with their names."""
        found: dict[str, dict[str, str]] = getattr(self, under)
        return found


class PartySection(_Section):
    """A party of the Coordination Unit, and what is proposed where a referral goes to it."""

    name: dict[str, str]
    basis: str
    channel: str
