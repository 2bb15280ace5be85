"""The entities, one noun a module."""

from storage.models.assignments import Assignment, Conflict, DispatchStep, Handover, Offer, OfferState
from storage.models.base import Base
from storage.models.cards import Card, CardState
from storage.models.chats import Chat
from storage.models.console import ConsoleSession, Passkey, SignIn
from storage.models.enquiries import (
    Author,
    Channel,
    DataRequest,
    Enquiry,
    Kind,
    Message,
    MessageVersion,
    NumberSeries,
    Outcome,
    Parked,
    State,
)
from storage.models.log import AuditEntry, AuditPending, AuditSeal, AuditSealer
from storage.models.people import DESK, Invite, Person, Role
from storage.models.queues import InboxRow, OutboxRow, Posting, Progress, Switch, Timer
from storage.models.referrals import Referral, ReferralParty, ReferralState, ReferralVersion
from storage.models.rota import (
    Absence,
    DaySetting,
    DutySpell,
    HoursStatement,
    RotaFeed,
    RotaOverride,
    RotaRevision,
    RotaRule,
    ShiftSwap,
    SwapState,
)

__all__ = [
    "DESK",
    "Absence",
    "Assignment",
    "AuditEntry",
    "AuditPending",
    "AuditSeal",
    "AuditSealer",
    "Author",
    "Base",
    "Card",
    "CardState",
    "Channel",
    "Chat",
    "Conflict",
    "ConsoleSession",
    "DataRequest",
    "DaySetting",
    "DispatchStep",
    "DutySpell",
    "Enquiry",
    "Handover",
    "HoursStatement",
    "InboxRow",
    "Invite",
    "Kind",
    "Message",
    "MessageVersion",
    "NumberSeries",
    "Offer",
    "OfferState",
    "OutboxRow",
    "Outcome",
    "Parked",
    "Passkey",
    "Person",
    "Posting",
    "Progress",
    "Referral",
    "ReferralParty",
    "ReferralState",
    "ReferralVersion",
    "Role",
    "RotaFeed",
    "RotaOverride",
    "RotaRevision",
    "RotaRule",
    "ShiftSwap",
    "SignIn",
    "State",
    "SwapState",
    "Switch",
    "Timer",
]
