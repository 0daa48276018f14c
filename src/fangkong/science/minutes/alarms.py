"""Clauses whose words are broader than a rule pack would allow: an alarm for the reader, never a parameter.

最严格 is a tone; days and places come from the rule pack. The alarm changes no class and no deadline.
"""

from __future__ import annotations

from .lexicon import lexicon
from .owners import suspect
from .vocabulary import any_of

#: The subject of the order looks like an advertiser's name and is not taken for a body.
UNKNOWN_ORGANISATION = "unknown_organisation"
#: The clause is about other work than epidemic control: kept, but it opens no epidemic task by itself.
OUT_OF_SCOPE = "out_of_scope"


def alarms(clause: str) -> tuple[str, ...]:
    """The codes raised by ``clause``: broad_isolation, broad_tracking, punishment, out_of_scope,
    unknown_organisation."""
    raised = [name for name in lexicon("words/alarms") if any_of("alarms", name).search(clause)]
    if any_of("scope", "other").search(clause) and not any_of("scope", "epidemic").search(clause):
        raised.append(OUT_OF_SCOPE)
    if suspect(clause):
        raised.append(UNKNOWN_ORGANISATION)
    return tuple(raised)
