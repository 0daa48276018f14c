"""All tables of the record, one module for each family of nouns."""

from .areas import Area, AreaBoundary
from .audit import AuditHead, AuditRow
from .cases import Case, Contact, TransmissionLink
from .counts import DailyCount
from .documents import Document, Receipt, ReceiptRow
from .events import CycleStep, Event, Reaction, Setting
from .identities import Identity, IdentityDigest, IdentityKey
from .orders import Order
from .people import Household, HouseholdMember, Person, PersonArea
from .places import Organisation, Place
from .specimens import LabResult, Specimen
from .tasks import Signal, Task
from .users import SignInAttempt, UnmaskGrant, User
from .versioned import Versioned, VersionedQuerySet, machine_now

__all__ = [
    "Area",
    "AreaBoundary",
    "AuditHead",
    "AuditRow",
    "Case",
    "Contact",
    "CycleStep",
    "DailyCount",
    "Document",
    "Event",
    "Household",
    "HouseholdMember",
    "Identity",
    "IdentityDigest",
    "IdentityKey",
    "LabResult",
    "Order",
    "Organisation",
    "Person",
    "PersonArea",
    "Place",
    "Reaction",
    "Receipt",
    "ReceiptRow",
    "Setting",
    "SignInAttempt",
    "Signal",
    "Specimen",
    "Task",
    "TransmissionLink",
    "UnmaskGrant",
    "User",
    "Versioned",
    "VersionedQuerySet",
    "machine_now",
]
