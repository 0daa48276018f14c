"""One counted thing of a sentence, as far as its words give it, and what a clause hands on to the next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from .lexicon import channel_states, precedence, states
from .parts import Basis, Span
from .words_read import Word, Words

_BARE = re.compile(r"[㐀-鿿]{2,5}")
_TRIM = " \t，。：:；、（）()*·-—|"


@dataclass(eq=False)
class Item:
    """A number with what it counts; ``why`` says why it cannot be told, "" when it can."""

    value: int
    span: Span
    flow: str = ""
    state: str = ""
    named: frozenset[str] = frozenset()
    about: str = ""
    origin: str = ""
    area: str = ""
    channel: str = ""
    source: str = ""
    basis: Basis = "stated"
    why: str = ""
    #: A name that only its place makes an area's: to be borne out by the rest of the page.
    unsure: bool = False
    #: A number of people told again with what became of them.
    told_again: bool = False
    #: "Of the 7 cases, ...": the total that the next numbers part.
    frames: bool = False
    parent: Item | None = None
    children: list[Item] = field(default_factory=list)

    @property
    def measure(self) -> str:
        """The code of what is counted, with its flow (see `Figure`), "" when the flow is not said."""
        entry = states()[self.state]
        code = f"{self.state}_{self.about}" if self.about else self.state
        if entry.get("stock"):
            return (
                code + {"new": "_new", "cumulative": "_cumulative"}.get(self.flow, "")
                if not self.about
                else code
            )
        if self.flow in ("new", "cumulative", "current"):
            return code + {"new": "", "cumulative": "_cumulative", "current": "_current"}[self.flow]
        return ""


@dataclass
class Said:
    """What the words of one phrase say by themselves."""

    flow: str = ""
    report: bool = False
    states: frozenset[str] = frozenset()
    joined_states: bool = False
    origin: str = ""
    areas: list[str] = field(default_factory=list)
    unsure: bool = False
    channel: str = ""
    source: str = ""
    own: bool = False
    sum: bool = False
    each: bool = False
    among: bool = False
    including: bool = False
    rest: bool = False
    every: bool = False
    as_of: bool = False
    respectively: bool = False
    lives: bool = False
    zero: bool = False
    frames: bool = False
    #: Unread words before the number, and after it.
    unread_before: bool = False
    unread_after: bool = False
    state_before: bool = False


@dataclass
class Running:
    """What holds until something else is said."""

    flow: str = ""
    as_of: bool = False
    state: str = ""
    named: frozenset[str] = frozenset()
    origin: str = ""
    lead_area: str = ""
    lead_channel: str = ""
    child: bool = False
    #: Nothing of the sentence has been counted yet.
    opened: bool = True
    #: A semicolon has parted what follows from the totals before it.
    stopped: bool = False
    #: Whether the paragraph began with levels (cumulative, current) rather than with events of the day.
    levels: bool | None = None
    #: The origins that the paragraph has named, for sentences that leave theirs out.
    origins: set[str] = field(default_factory=set)
    #: The totals that parts may be parts of, and the items of the last clause that had a number.
    heads: list[Item] = field(default_factory=list)
    latest: list[Item] = field(default_factory=list)
    #: Items that followed the heads: what has been parted off already.
    parts: list[Item] = field(default_factory=list)
    #: The items of the clause before, and the part whose own parts follow.
    previous: list[Item] = field(default_factory=list)
    nested: list[Item] = field(default_factory=list)

    def copy(self) -> Running:
        """A running state of its own with the same content."""
        return replace(self, heads=list(self.heads), latest=list(self.latest), parts=list(self.parts))

    def opens_sentence(self) -> None:
        """A sentence ends and another begins."""
        self.latest, self.previous, self.nested = [], [], []
        self.child, self.opened = False, True
        self.lead_area = self.lead_channel = ""


def said(before: Sequence[Word], after: Sequence[Word], words: Words, *, labels_areas: bool) -> Said:
    """What the words before and after a number say; ``labels_areas`` lets an unknown short name be an area's."""
    says = Said()
    named: list[str] = []
    strayed = False
    for place, word in [(0, w) for w in before] + [(1, w) for w in after]:
        match word.kind:
            case "flow" if word.code == "report":
                says.report = True
            case "flow":
                says.flow = says.flow or word.code
            case "state" if place == 1 and named and (strayed or word.code == "close_contact"):
                says.unread_after = (
                    True  # "3 cases' contacts", "3 cases moved to treatment": the number is the cases'
                )
            case "unknown":
                strayed = strayed or (place == 1 and len(word.code.strip(_TRIM)) > 0)
            case "state":
                named.append(word.code)
                says.state_before = says.state_before or place == 0
            case "origin":
                says.origin = says.origin or word.code
            case "channel" | "relation":
                says.channel = says.channel or word.code
            case "source":
                says.source = says.source or re.sub(r"^(?:来自|从)\s*", "", word.code)
            case "area":
                says.areas.append(word.code)
            case (
                "own"
                | "sum"
                | "each"
                | "among"
                | "including"
                | "rest"
                | "every"
                | "as_of"
                | "respectively"
                | "lives"
            ):
                setattr(says, word.kind, True)
            case _:
                pass
    says.states = frozenset(named)
    says.joined_states = _joined(before)
    says.frames = bool(after) and after[-1].kind == "idle" and after[-1].code == "中"
    _unknowns(says, before, after, words, labels_areas)
    return says


def _joined(before: Sequence[Word]) -> bool:
    """Whether two kinds of infection are joined before one number."""
    kinds = [w.kind for w in before if w.kind in ("state", "join")]
    return "join" in kinds and kinds.count("state") > 1


def _unknowns(says: Said, before: Sequence[Word], after: Sequence[Word], words: Words, labels: bool) -> None:
    flow_at = next((i for i, w in enumerate(before) if w.kind in ("flow", "zero")), None)
    content = [w for w in before if w.kind not in ("idle", "context", "lives")]
    for index, word in enumerate(before):
        if word.kind != "unknown":
            continue
        name = word.code.strip(_TRIM)
        if not name:
            continue
        leads = flow_at is not None and index < flow_at
        if words.is_area(name):
            says.areas.append(name)
        elif _BARE.fullmatch(name) and (
            (labels and content and word is content[-1]) or (leads and len(name) <= 4)
        ):
            says.areas.append(name)
            says.unsure = True
        elif not leads:
            says.unread_before = True
    for word in after:
        if word.kind == "unknown" and (name := word.code.strip(_TRIM)):
            if words.is_area(name):
                says.areas.append(name)
            else:
                says.unread_after = True


def chief(named: Iterable[str]) -> str:
    """The state that prevails among those that one phrase names."""
    return min(named, key=precedence)


def state_of(says: Said, running: Running, parents: Sequence[Item]) -> tuple[str, frozenset[str], str]:
    """(state, the states named, why not) of a phrase under what is running."""
    if says.states:
        if says.joined_states and says.states == {"confirmed", "asymptomatic"}:
            return "infections", says.states, ""
        if not says.flow and running.state and says.states <= running.named:
            governs = states()[running.state].get("governs")
            if governs:
                return running.state, running.named, ""
        if says.channel in channel_states() and says.states <= {"confirmed", "asymptomatic"}:
            return channel_states()[says.channel], says.states, ""
        if says.states == {"under_observation"} and running.state == "close_contact":
            return "close_contact", says.states, ""
        return chief(says.states), says.states, ""
    if says.channel in channel_states():
        return channel_states()[says.channel], frozenset(), ""
    kinds = {parent.state for parent in parents}
    if len(kinds) == 1:
        return parents[-1].state, parents[-1].named, ""
    if kinds:
        return "", frozenset(), "ambiguous_parent"
    return running.state, running.named, "" if running.state else "no_measure"


def is_stock(state: str) -> bool:
    """Whether a state is a level by nature; contacts traced are counted up as well."""
    return bool(states()[state].get("stock")) and not states()[state].get("tallied")


def is_level(item: Item) -> bool:
    """Whether the item is a level on a day rather than an event of it."""
    return item.flow in ("cumulative", "current") or (
        bool(states()[item.state].get("stock")) and item.flow != "new"
    )


def goes_along(item: Item, says: Said, running: Running) -> bool:
    """Whether, in a paragraph of one origin, the item is of that origin without saying so."""
    if not item.state:
        return False
    return running.levels == is_level(item) and (
        bool(running.levels) or says.frames or item.state in ("discharged", "released_from_observation")
    )


#: What a contact may be a contact of, or have gone through.
_ABOUT = {
    "confirmed": "confirmed",
    "asymptomatic": "asymptomatic",
    "released_from_observation": "released",
    "under_observation": "under_observation",
}


def about(item: Item, running: Running) -> str:
    """Whose contacts these are: by the phrase itself, or by the cases told again just before."""
    others = {_ABOUT[state] for state in item.named if state in _ABOUT}
    told = [one.state for one in running.latest + running.previous if one.told_again]
    if not others and told and told[-1] in _ABOUT:
        others = {_ABOUT[told[-1]]}
    return next(iter(others)) if len(others) == 1 else ""
