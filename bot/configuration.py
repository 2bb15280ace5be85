"""What the operator decides: names, numbers, limits and parties, read from hotline.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from bot.catalogue import LANGUAGES, catalogue
from bot.emergency_signs import EmergencyWords
from bot.masking import Masker
from bot.referral_rules import PartySection, ReferralSection
from bot.residence import PostcodeTable, Residence
from scheduling.deadlines import Promises
from scheduling.dispatch import Policy, default_policies
from scheduling.opening import OpeningHours, OpeningHoursError, parse_hours, parse_weekly
from scheduling.shifts import DayKind
from scheduling.urgency import Urgency

Bilingual = dict[str, str]


class ConfigurationError(Exception):
    """The configuration cannot be used; one line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HotlineSection(_Section):
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


class HoursSection(_Section):
    """When the panel is asked about what is not urgent, and when a coordinator is needed; "" is never."""

    panel: str = "mon-fri 08:00-20:00"
    coordinator: str = "mon-fri 08:00-16:00"

    @field_validator("panel", "coordinator")
    @classmethod
    def _is_readable(cls, hours: str) -> str:
        return hours if hours == "" else _readable_hours(hours)


class RotaSection(_Section):
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


class TriageSection(_Section):
    """What goes to the duty coordinator first."""

    mode: Literal["flagged", "always", "never"] = "flagged"
    alarms: list[str] = ["violence", "weapon", "travel", "selfharm", "unknown"]
    competences: list[str] = ["former_extremist"]


class DispatchSection(_Section):
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


class PanelSection(_Section):
    """What members of staff must have shown, how long it holds, and how long it is kept of who has left."""

    certificate_required: bool = True
    certificate_days: int = Field(730, ge=0)
    certificate_warning_days: int = Field(60, ge=0)
    forget_days: int = Field(365, ge=1)


class UnansweredSection(_Section):
    """When who took a case and does not answer is reminded, and when it is offered on."""

    nudge_minutes: float = Field(0, ge=0, le=10_080)
    again_minutes: float = Field(60, gt=0, le=10_080)
    nudges: int = Field(3, ge=1, le=10)
    offer_on: bool = True


class LimitsSection(_Section):
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
    unclaimed_alarm_minutes: float = 60
    cap: int = Field(5, ge=1)
    request_days: float = Field(30, gt=0)
    verify_numbers_days: int = Field(180, ge=1)


class DeliverySection(_Section):
    """How fast Telegram may be written to; 0 switches a limit off."""

    per_second: float = Field(30, ge=0)
    per_chat_per_second: float = Field(1, ge=0)
    chat_burst: int = Field(5, ge=1)


class StaffingSection(_Section):
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


class ExpectationSection(_Section):
    """When an enquirer is told the usual wait."""

    fewest_cases: int = Field(20, ge=1)
    days: int = Field(90, ge=1)


class HoursPaySection(_Section):
    """What an hour of advice is paid; None is no amount in the statement."""

    rate: Decimal | None = Field(None, ge=0)


class AttachmentsSection(_Section):
    """Whether pictures and documents are passed on."""

    mode: Literal["none", "confirmed"] = "none"


class ContactSection(_Section):
    """How long the link to a contact card's form works, and how soon an enquirer may be asked again."""

    link_hours: float = Field(72, gt=0, le=720)
    ask_again_hours: float = Field(24, ge=0, le=720)


class PressSection(_Section):
    """Where the press is sent."""

    contact: Bilingual
    report: Bilingual


class LinksSection(_Section):
    """Public pages the bot points to."""

    notification: Bilingual
    privacy: Bilingual


class MaskingSection(_Section):
    """What is not masked."""

    public_hosts: list[str] = []


class RetentionSection(_Section):
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


class NumberSection(_Section):
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


class ResidenceSection(_Section):
    """Which postcodes are the city's, another municipality's, or shared."""

    copenhagen: list[str]
    elsewhere: list[str] = []
    shared: list[str] = []


class EmergencyWordsSection(_Section):
    """Words that show the emergency card; a person decides."""

    phrases: list[str] = []
    objects: list[str] = []
    soon: list[str] = []


class Configuration(_Section):
    """Everything in hotline.toml."""

    hotline: HotlineSection
    hours: HoursSection = HoursSection()
    rota: RotaSection = RotaSection()
    promises: dict[str, int] = {"high": 0, "normal": 1, "low": 5}
    triage: TriageSection = TriageSection()
    panel: PanelSection = PanelSection()
    dispatch: dict[Urgency, DispatchSection] = {}
    unanswered: dict[Urgency, UnansweredSection] = {}
    limits: LimitsSection = LimitsSection()
    delivery: DeliverySection = DeliverySection()
    staffing: StaffingSection = StaffingSection()
    expectation: ExpectationSection = ExpectationSection()
    hours_pay: HoursPaySection = HoursPaySection()
    attachments: AttachmentsSection = AttachmentsSection()
    contact: ContactSection = ContactSection()
    press: PressSection
    links: LinksSection
    masking: MaskingSection = MaskingSection()
    retention: RetentionSection = RetentionSection()
    competences: dict[str, Bilingual]
    referral: ReferralSection = ReferralSection()
    parties: dict[str, PartySection] = {}
    numbers: list[NumberSection]
    residence: ResidenceSection
    emergency_words: EmergencyWordsSection = EmergencyWordsSection()
    _kinds: dict[date, DayKind] = PrivateAttr(default_factory=dict)

    @field_validator("numbers")
    @classmethod
    def _has_emergency(cls, numbers: list[NumberSection]) -> list[NumberSection]:
        if not any(number.id == "emergency" for number in numbers):
            message = 'a number with id = "emergency" must be listed'
            raise ValueError(message)
        return numbers

    @model_validator(mode="after")
    def _parties_name_what_is_listed(self) -> Self:
        for name, party in self.parties.items():
            if party.basis not in self.referral.bases or party.channel not in self.referral.channels:
                message = f"parties.{name}: its basis and channel must be listed under [referral]"
                raise ValueError(message)
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        """The hotline's time zone."""
        return ZoneInfo(self.hotline.zone)

    @cached_property
    def panel_hours(self) -> OpeningHours:
        """The panel's opening hours, closed on public holidays and on the days the operator closes."""
        return parse_hours(self.hours.panel, self.zone, self._is_closed)

    @cached_property
    def coordinator_hours(self) -> OpeningHours | None:
        """The hours in which a coordinator is to be on duty, if any."""
        written = self.hours.coordinator
        return parse_hours(written, self.zone, self._is_closed) if written else None

    def suggested_day(self, day: date) -> DayKind:
        """Return what kind of day the country's calendar makes of the date."""
        return DayKind.HOLIDAY if self._is_holiday(day) else DayKind.NORMAL

    def name_of_holiday(self, day: date, language: str) -> str:
        """Return what the country's calendar calls the public holiday, or nothing on any other day."""
        return str(self._holidays_in(language).get(day) or "")

    def holidays_of(self, year: int) -> list[date]:
        """Return the country's public holidays of the year, in order."""
        import holidays  # noqa: PLC0415 - heavy, as below

        return sorted(holidays.country_holidays(self.hotline.holiday_country, years=year))

    def _holidays_in(self, language: str) -> Any:
        import holidays  # noqa: PLC0415 - heavy, as below

        if language not in self._named_holidays:
            known = holidays.country_holidays(self.hotline.holiday_country).supported_languages
            spoken = next((one for one in known if one.partition("_")[0] == language), None)
            named = holidays.country_holidays(self.hotline.holiday_country, language=spoken)
            self._named_holidays[language] = named
        return self._named_holidays[language]

    @cached_property
    def _named_holidays(self) -> dict[str, Any]:
        return {}

    @cached_property
    def promise(self) -> Promises:
        """Working days promised by urgency."""
        return Promises(**self.promises)

    def patience(self, urgency: Urgency) -> UnansweredSection:
        """How long who took a case of the urgency may leave it unanswered."""
        return self.unanswered.get(urgency) or UnansweredSection()

    @cached_property
    def policies(self) -> dict[Urgency, Policy]:
        """The dispatch policy of each urgency."""
        return default_policies() | {urgency: one.policy for urgency, one in self.dispatch.items()}

    @cached_property
    def postcodes(self) -> PostcodeTable:
        """Which postcodes are the city's."""
        kinds = {
            Residence.COPENHAGEN: "copenhagen",
            Residence.ELSEWHERE: "elsewhere",
            Residence.SHARED: "shared",
        }
        return PostcodeTable.parse({kind: getattr(self.residence, name) for kind, name in kinds.items()})

    @cached_property
    def masker(self) -> Masker:
        """What replaces personal data in free text."""
        numbers = [number.number for number in self.numbers]
        return Masker(public_numbers=numbers, public_hosts=self.masking.public_hosts)

    @cached_property
    def signs(self) -> EmergencyWords:
        """Words that show the emergency card."""
        words = self.emergency_words
        return EmergencyWords(tuple(words.phrases), tuple(words.objects), tuple(words.soon))

    def open_numbers(self, moment: datetime) -> list[NumberSection]:
        """Return the helplines that answer at the moment, in the order they are listed."""
        return [n for n in self.numbers if parse_hours(n.hours, self.zone).is_open(moment)]

    def in_language(self, words: Bilingual, language: str) -> str:
        """Return the words in the language, or in the hotline's first one."""
        return words.get(language) or words[self.hotline.languages[0]]

    @cached_property
    def _holidays(self) -> object:
        import holidays  # noqa: PLC0415 - heavy, and only needed once a date is asked for

        return holidays.country_holidays(self.hotline.holiday_country)

    def set_days(self, kinds: Mapping[date, DayKind]) -> None:
        """Go by the kinds the operator has given to dates, before what the country's calendar suggests."""
        self._kinds = dict(kinds)

    def _is_closed(self, day: date) -> bool:
        return self._kinds.get(day, self.suggested_day(day)) is not DayKind.NORMAL

    def _is_holiday(self, day: date) -> bool:
        return day in self._holidays  # type: ignore[operator]  # holidays are a mapping of dates


def _readable_hours(hours: str) -> str:
    try:
        parse_hours(hours, ZoneInfo("UTC"))
    except OpeningHoursError as error:
        message = f"opening hours are written like 'mon-fri 08:00-16:00' or 'always', not {hours!r}"
        raise ValueError(message) from error
    return hours


def read_configuration(path: Path) -> Configuration:
    """Return the configuration in the file; raises ConfigurationError with a line for each fault."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError([f"{path.name}: cannot be read: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path.name}: {error}"]) from error
    try:
        read = Configuration.model_validate(written)
    except ValidationError as error:
        raise ConfigurationError([_fault(path, one) for one in error.errors()]) from error
    nameless = [code for code in read.hotline.spoken if f"language.{code}" not in catalogue(LANGUAGES[0])]
    if nameless:
        raise ConfigurationError(
            [f"{path.name}: hotline.spoken: the catalogues have no language.{code}" for code in nameless]
        )
    return read


def _fault(path: Path, one: object) -> str:
    found = dict(one)  # type: ignore[call-overload]  # pydantic's ErrorDetails is a dict
    where = ".".join(str(part) for part in found["loc"])
    return f"{path.name}: {where}: {found['msg']}"
