"""All tables of the record, one module for each family of nouns."""

from .areas import Area, AreaBoundary
from .audit import AuditHead, AuditRow
from .cases import Case, Contact, FollowUp, TransmissionLink
from .counts import DailyCount, SeriesBreak
from .documents import Document, Receipt, ReceiptRow, SavedMapping
from .events import CycleStep, Event, Reaction, Setting
from .identities import Identity, IdentityDigest, IdentityKey
from .matching import MatchCandidate, SamePerson
from .orders import Appeal, Consent, ExposureJudgement, Order, Rejudgement
from .people import Household, HouseholdMember, Person, PersonArea
from .permits import Passage, Permit
from .places import Organisation, Place
from .protected_reports import ProtectedReport
from .retention import PurgeCertificate, PurgeRun
from .specimens import LabResult, Specimen
from .tasks import Signal, Task
from .timers import Timer
from .users import SignInAttempt, UnmaskGrant, User
from .versioned import Versioned, VersionedQuerySet, machine_now

__all__ = [
    "Appeal",
    "Area",
    "AreaBoundary",
    "AuditHead",
    "AuditRow",
    "Case",
    "Consent",
    "Contact",
    "CycleStep",
    "DailyCount",
    "Document",
    "Event",
    "ExposureJudgement",
    "FollowUp",
    "Household",
    "HouseholdMember",
    "Identity",
    "IdentityDigest",
    "IdentityKey",
    "LabResult",
    "MatchCandidate",
    "Order",
    "Organisation",
    "Passage",
    "Permit",
    "Person",
    "PersonArea",
    "Place",
    "ProtectedReport",
    "PurgeCertificate",
    "PurgeRun",
    "Reaction",
    "Receipt",
    "ReceiptRow",
    "Rejudgement",
    "SamePerson",
    "SavedMapping",
    "SeriesBreak",
    "Setting",
    "SignInAttempt",
    "Signal",
    "Specimen",
    "Task",
    "Timer",
    "TransmissionLink",
    "UnmaskGrant",
    "User",
    "Versioned",
    "VersionedQuerySet",
    "machine_now",
]
