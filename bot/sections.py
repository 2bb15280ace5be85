"""The tables of hotline.toml, each with what it may say and what it says where it is silent."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from scheduling.dispatch import Policy
from scheduling.opening import OpeningHoursError, parse_hours, parse_weekly

Bilingual = dict[str, str]


class Section(BaseModel):
    """A table of the file; what it does not know is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HotlineSection(Section):
    """Who the hotline is."""

    name: Bilingual
    city: Bilingual
    zone: str = "Europe/Copenhagen"
    languages: list[str] = ["da", "en"]
    spoken: list[str] = ["da", "en"]
    number_prefix: dict[str, str] = {"concern": "K", "activity": "A"}
    holiday_country: str = "DK"

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"there is no time zone {zone!r}"
            raise ValueError(message) from error
        return zone


class HoursSection(Section):
    """When the panel is asked about what is not urgent, and when a coordinator is needed; "" is never."""

    panel: str = "mon-fri 08:00-20:00"
    coordinator: str = "mon-fri 08:00-16:00"

    @field_validator("panel", "coordinator")
    @classmethod
    def _is_readable(cls, hours: str) -> str:
        return hours if hours == "" else _readable_hours(hours)


class RotaSection(Section):
    """How many are needed on duty, and when people hear of their shifts."""

    needed: int = Field(2, ge=0, le=100)
    reminder_minutes: float = Field(60, ge=0)
    preview: str = "fri 12:00"
    forecast_weeks: int = Field(4, ge=1, le=26)
    shift_end_minutes: float = Field(30, gt=0)
    keep_days: float = Field(4, gt=0)

    @field_validator("preview")
    @classmethod
    def _is_a_moment(cls, preview: str) -> str:
        if preview and parse_weekly(preview) is None:
            message = f"the weekly preview is written like 'fri 12:00', or empty for none, not {preview!r}"
            raise ValueError(message)
        return preview

    @property
    def preview_at(self) -> tuple[int, time] | None:
        """The weekday, Monday 0, and the local time of the weekly preview; None for none."""
        return parse_weekly(self.preview)


class TriageSection(Section):
    """What goes to the duty coordinator first."""

    mode: Literal["flagged", "always", "never"] = "flagged"
    alarms: list[str] = ["violence", "weapon", "travel", "selfharm", "unknown"]
    competences: list[str] = ["former_extremist"]


class DispatchSection(Section):
    """How many are asked at once, how often one more, and who may be rung again."""

    at_once: int = Field(ge=0, le=50)
    one_more_minutes: float = Field(gt=0, le=1440)
    only_in_opening_hours: bool = True
    exclusive_minutes: float = Field(0, ge=0, le=1440)
    ask_again_minutes: float = Field(0, ge=0, le=10_080)
    most_rings: int = Field(1, ge=1, le=20)
    overload_fresh_offers: int = Field(3, ge=1, le=50)

    @model_validator(mode="after")
    def _rings_again_after_a_while(self) -> Self:
        if self.most_rings > 1 and not self.ask_again_minutes:
            message = "most_rings above 1 needs ask_again_minutes"
            raise ValueError(message)
        return self

    @property
    def policy(self) -> Policy:
        """What the section says, as the decision takes it."""
        return Policy(
            at_once=self.at_once,
            one_more_after=timedelta(minutes=self.one_more_minutes),
            only_in_opening_hours=self.only_in_opening_hours,
            exclusive_for=timedelta(minutes=self.exclusive_minutes),
            ask_again_after=timedelta(minutes=self.ask_again_minutes),
            most_rings=self.most_rings,
            overload_fresh_offers=self.overload_fresh_offers,
        )


class PanelSection(Section):
    """What members of staff must have shown, how long it holds, and how long it is kept of who has left."""

    certificate_required: bool = True
    certificate_days: int = Field(730, ge=0)
    certificate_warning_days: int = Field(60, ge=0)
    forget_days: int = Field(365, ge=1)


class UnansweredSection(Section):
    """When who took a case and does not answer is reminded, and when it is offered on."""

    nudge_minutes: float = Field(0, ge=0, le=10_080)
    again_minutes: float = Field(60, gt=0, le=10_080)
    nudges: int = Field(3, ge=1, le=10)
    offer_on: bool = True


class LimitsSection(Section):
    """Time limits and counts."""

    quiet_minutes: float = 10
    draft_days: float = 7
    reopen_days: float = 14
    emergency_silence_minutes: float = 10
    alarm_repeat_minutes: float = 10
    held_hours: float = 72
    answered_alike_hours: float = 24
    flood_messages: int = 20
    flood_pause_minutes: float = 60
    switch_minutes: float = 60
    panel_copies_hours: float = Field(47, gt=0, lt=48)
    invite_days: float = 7
    unclaimed_alarm_minutes: float = Field(60, gt=0)
    unclaimed_high_minutes: float = Field(15, gt=0)
    cap: int = Field(5, ge=1)
    request_days: float = Field(30, gt=0)
    verify_numbers_days: int = Field(180, ge=1)


class DeliverySection(Section):
    """How fast Telegram may be written to; 0 switches a limit off."""

    per_second: float = Field(30, ge=0)
    per_chat_per_second: float = Field(1, ge=0)
    chat_burst: int = Field(5, ge=1)


class StaffingSection(Section):
    """What the staffing forecast goes by, and what it takes for granted while little is known."""

    minutes: float = Field(5, gt=0)
    days: int = Field(90, ge=1)
    targets: list[int] = [80, 90, 95]
    fewest_offers: int = Field(30, ge=1)
    prior_share: float = Field(0.6, gt=0, le=1)
    prior_median_minutes: float = Field(3, gt=0)
    prior_sigma: float = Field(1.2, gt=0)

    @field_validator("targets")
    @classmethod
    def _are_percentages(cls, targets: list[int]) -> list[int]:
        if not targets or not all(0 < target < 100 for target in targets):
            message = "targets are percentages from 1 to 99"
            raise ValueError(message)
        return targets


class ExpectationSection(Section):
    """When an enquirer is told the usual wait."""

    fewest_cases: int = Field(20, ge=1)
    days: int = Field(90, ge=1)


class HoursPaySection(Section):
    """What an hour of advice is paid; None is no amount in the statement."""

    rate: Decimal | None = Field(None, ge=0)


class AttachmentsSection(Section):
    """Whether pictures and documents are passed on."""

    mode: Literal["none", "confirmed"] = "none"


class ContactSection(Section):
    """How long the link to a contact card's form works, and how soon an enquirer may be asked again."""

    link_hours: float = Field(72, gt=0, le=720)
    ask_again_hours: float = Field(24, ge=0, le=720)


class PressSection(Section):
    """Where the press is sent."""

    contact: Bilingual
    report: Bilingual


class LinksSection(Section):
    """Public pages the bot points to."""

    notification: Bilingual
    privacy: Bilingual


class MaskingSection(Section):
    """What is not masked."""

    public_hosts: list[str] = []


class RetentionSection(Section):
    """Days a closed enquiry is kept, by outcome; of the rota at least the weeks load is shared by."""

    redirected: int = 0
    press: int = 30
    lapsed: int = 30
    misuse: int = 30
    advice_only: int = 90
    withdrawn: int = 90
    emergency: int = 3
    activity: int = 365
    referred: int = 730
    rota: int = Field(400, ge=56)
    audit: int = 1825


class NumberSection(Section):
    """A helpline, its opening hours and when somebody last verified it."""

    id: str
    number: str
    hours: str = "always"
    verified: date
    name: Bilingual

    @field_validator("hours")
    @classmethod
    def _is_readable(cls, hours: str) -> str:
        return _readable_hours(hours)


class ResidenceSection(Section):
    """Which postcodes are the city's, another municipality's, or shared."""

    copenhagen: list[str]
    elsewhere: list[str] = []
    shared: list[str] = []


class EmergencyWordsSection(Section):
    """Words that show the emergency card; a person decides."""

    phrases: list[str] = []
    objects: list[str] = []
    soon: list[str] = []


def _readable_hours(hours: str) -> str:
    try:
        parse_hours(hours, ZoneInfo("UTC"))
    except OpeningHoursError as error:
        message = f"opening hours are written like 'mon-fri 08:00-16:00' or 'always', not {hours!r}"
        raise ValueError(message) from error
    return hours
