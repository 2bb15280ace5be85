"""What the operator decides: names, numbers, limits and parties, read from hotline.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
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
from bot.sections import (
    AttachmentsSection,
    Bilingual,
    ContactSection,
    DeliverySection,
    DispatchSection,
    EmergencyWordsSection,
    ExpectationSection,
    HotlineSection,
    HoursPaySection,
    HoursSection,
    LimitsSection,
    LinksSection,
    MaskingSection,
    NumberSection,
    PanelSection,
    PressSection,
    ResidenceSection,
    RetentionSection,
    RotaSection,
    Section,
    StaffingSection,
    TriageSection,
    UnansweredSection,
)
from scheduling.deadlines import Promises
from scheduling.dispatch import Policy, default_policies
from scheduling.opening import OpeningHours, parse_hours
from scheduling.shifts import DayKind
from scheduling.urgency import Urgency


class ConfigurationError(Exception):
    """The configuration cannot be used; one line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Configuration(BaseModel):
    """Everything in hotline.toml."""

    model_config = Section.model_config

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
