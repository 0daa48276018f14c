"""What the tracing desk answers, all in the actor's scope and as known at ``at``; never an identity.

What lies outside the scope raises NotFound, exactly as what is not there. Lists are paged by key, so that a
page costs the same however long the list is.
"""

from .cases import (
    case_get,
    case_history,
    case_list,
    cases_of_contact,
    cases_of_person,
    contacts_of_case,
)
from .timeline import case_timeline
from .transmission import largest_sources, links, transmission_tree
from .verifications import four_verifications

__all__ = [
    "case_get",
    "case_history",
    "case_list",
    "case_timeline",
    "cases_of_contact",
    "cases_of_person",
    "contacts_of_case",
    "four_verifications",
    "largest_sources",
    "links",
    "transmission_tree",
]
