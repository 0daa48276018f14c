"""From the words of a sentence to its counted things, by the structure of its clauses.

A clause hands on what it said (new or cumulative, confirmed or asymptomatic, local or imported) until another word
replaces it. Brackets and "among them" open parts of the totals before them; "the rest" and "all" are worked out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .items import Item, Running, Said, about, goes_along, is_level, is_stock, said, state_of
from .lexicon import channel_states, states
from .pieces import COUNTED, Piece, at_every, chunks, clauses, nested
from .words_read import Word, Words, whole


class ClauseReader:
    """Reads one sentence after another; ``running`` goes on within a paragraph."""

    def __init__(self, words: Words, running: Running, *, listed: bool = False) -> None:
        self.words = words
        self.running = running
        self.items: list[Item] = []
        self._listed = listed

    def read(self, sentence: Sequence[Word]) -> list[Item]:
        """The items of the sentence, also those that it does not tell enough of (`Item.why`)."""
        self.running.opens_sentence()
        self.running.opened = not self._listed
        self._scope(nested(sentence), self.running, [])
        return self.items

    def _scope(self, pieces: Sequence[Piece], running: Running, bracketed: list[Item]) -> None:
        for clause, strong in clauses(pieces):
            for part in at_every(clause):
                self._clause(part, running, bracketed)
            if strong:
                running.nested, running.stopped = [], True
                running.lead_area = running.lead_channel = ""
                running.child = False

    def _clause(self, clause: Sequence[Piece], running: Running, bracketed: list[Item]) -> None:
        if not any(isinstance(p, Word) and p.kind in COUNTED for p in clause):
            self._without_number(clause, running, bracketed)
            return
        counted = list(chunks(clause))
        says_of = []
        for before, _, after in counted:
            flat_after = [p for p in after if isinstance(p, Word)]
            flat_before = [p for p in before if isinstance(p, Word)]
            labels = bool(bracketed) or running.child or self._listed or bool(running.heads)
            says_of.append(said(flat_before, flat_after, self.words, labels_areas=labels))
        _share(says_of)
        if any(says.respectively for says in says_of):
            _pair(counted, says_of)
        if running.latest:
            running.previous = running.latest
        running.latest = []
        for (before, number, after), says in zip(counted, says_of, strict=True):
            self._brackets(before, running, [])
            made = self._items(number, before, after, says, running, bracketed)
            if any(isinstance(piece, list) for piece in after):
                inner = running.copy()
                inner.lead_area = ""
                self._brackets(after, inner, made)

    def _brackets(self, pieces: Sequence[Piece], running: Running, parents: list[Item]) -> None:
        for piece in pieces:
            if isinstance(piece, list):
                inner = running.copy()
                inner.child = bool(parents)
                if parents:
                    inner.heads, inner.parts = list(parents), []
                self._scope(piece, inner, parents)
                if parents:  # what brackets part off is parted off the total
                    running.parts.extend(inner.parts)
                    self.running.parts.extend(p for p in inner.parts if p not in self.running.parts)

    def _items(
        self,
        number: Word,
        before: Sequence[Piece],
        after: Sequence[Piece],
        says: Said,
        running: Running,
        bracketed: list[Item],
    ) -> list[Item]:
        if number.kind == "zero":
            says.zero = True
            return self._zeros(number, after, says, running)
        value = whole(number.code)
        unit = next((p for p in after if isinstance(p, Word)), None)
        counted = unit is not None and unit.kind == "unit"
        span = (number.start, unit.end if counted and unit else number.end)
        item = self._resolved(value or 0, span, says, running, bracketed)
        if value is None:
            item.why = "not_whole"
        elif unit is not None and unit.kind == "other_unit":
            item.why = "other_unit"
        elif not counted and not (says.state_before or says.areas or says.source or says.channel):
            item.why = "stray_number"
        made = [item]
        if len(says.areas) > 1 and not item.why:
            if says.each:
                made = [replace(item, area=area) for area in says.areas]
            else:
                item.why = "several_areas"
        for one in made:
            self._enter(one, says, running)
        return made

    def _zeros(self, zero: Word, after: Sequence[Piece], says: Said, running: Running) -> list[Item]:
        """ "No new confirmed case and no new infection": one zero for each kind that is named."""
        flat = [p for p in after if isinstance(p, Word)]
        named: list[set[str]] = [set()]
        end = zero.end
        for word in flat:
            if word.kind == "join":
                named.append(set())
            elif word.kind == "state":
                named[-1].add(word.code)
                end = word.end
        kinds = [frozenset(group) for group in named if group]
        if not kinds and says.states:
            kinds = [says.states]
        made = []
        for kind in kinds:
            alone = replace(says, states=kind, joined_states=False)
            item = self._resolved(0, (zero.start, end), alone, running, [])
            if len(says.areas) > 1:
                item.why = "several_areas"
            self._enter(item, alone, running)
            made.append(item)
        return made

    def _resolved(
        self, value: int, span: tuple[int, int], says: Said, running: Running, bracketed: list[Item]
    ) -> Item:
        if says.among:
            running.child = True
            last = running.previous[-1] if running.previous else None
            running.nested = [last] if last and last.area and last.parent and says.areas else []
        if says.flow and not bracketed:
            running.child = says.among
        child = (running.child or says.including or says.rest or bool(bracketed)) and not says.sum
        parents = list(bracketed) if bracketed and not says.states else _parents(says, running)
        if running.nested and not says.states:
            parents = running.nested
        if says.including and (before := running.latest or running.previous):
            parents = [before[-1]]
        item = Item(value, span)
        item.state, item.named, item.why = state_of(says, running, parents)
        led = says.states or child or says.sum or running.lead_channel or says.channel in channel_states()
        if says.channel and says.flow and not led:
            item.why = item.why or "no_measure"  # "newly isolated: 300" counts no infections
        if item.state == "close_contact" and child and parents and says.state_before:
            says.channel, says.states = says.channel or "contact", frozenset()
            item.state, item.named, item.why = state_of(says, running, parents)
        if item.state == "close_contact" and not item.about:
            item.about = about(item, running)
        item.flow = says.flow or running.flow
        if not says.flow and says.as_of:
            item.flow = ""
        if not item.flow and says.report:
            item.flow = "cumulative" if running.as_of or says.as_of else "new"
        if not item.flow and (running.as_of or says.as_of) and item.state:
            item.flow = "" if states()[item.state].get("stock") else "cumulative"
        if item.flow == "new" and not says.flow and item.state in ("in_treatment", "under_observation"):
            item.flow = ""
        if not item.flow and says.zero and item.state and not states()[item.state].get("stock"):
            item.flow = "new"
        if item.flow == "cumulative" and not says.flow and item.state and is_stock(item.state):
            item.flow = ""  # "in all 432 cases, 385 discharged, 40 in hospital": a level stays a level
        parent = _matching(parents, item.state) if child or not says.flow else None
        inherited = parent.origin if parent and child else running.origin
        fresh = (bool(says.flow) or running.opened) and not child and not running.latest
        item.origin = says.origin or ("" if fresh else inherited)
        if not item.origin and fresh and len(running.origins) == 1 and goes_along(item, says, running):
            item.origin = next(iter(running.origins))
        elif not item.origin and fresh and not says.flow and not says.states and parents:
            kinds = {one.origin for one in parents}  # it counts the same things as the totals before it
            item.origin = kinds.pop() if len(kinds) == 1 else ""
        item.area = says.areas[0] if says.areas else ""
        item.unsure = says.unsure and bool(says.areas)
        if not says.areas and not says.own and not says.sum:
            item.area = parent.area if parent and child else running.lead_area
            # "Of these East 5 confirmed, 8 asymptomatic": in one breath both are East's.
            same = running.latest[-1] if running.latest and not bracketed else None
            if (
                child
                and same
                and same.parent
                and same.area
                and says.state_before
                and same.state != item.state
            ):
                item.area = same.area
        item.channel = says.channel or (
            parent.channel
            if parent and bracketed
            else ("" if says.flow or says.sum else running.lead_channel)
        )
        item.source = says.source
        if item.source and item.origin in ("", "imported"):
            item.origin = "imported"
        if says.unread_before and not item.why:
            item.why = "unknown_words"
        if says.unread_after and not says.flow and not says.state_before and not item.why:
            item.why, item.told_again = "unknown_words", not (says.areas or says.channel)
        if child and parent is not None:
            item.parent = parent
        return item

    def _enter(self, item: Item, says: Said, running: Running) -> None:
        """Hands on what the item said."""
        opened, running.opened = running.opened, False
        if says.origin:
            running.origins.add(says.origin)
        if running.levels is None and not item.why:
            running.levels = is_level(item)
        self.items.append(item)
        if item.parent is not None:
            item.parent.children.append(item)
        if item.told_again:
            running.latest.append(item)
            running.state, running.named = item.state, item.named
            running.origin = item.origin or running.origin
            return
        if says.frames and not item.why:
            running.heads, running.parts, running.child = [item], [], True
            running.latest.append(item)
            return
        total = not item.channel and not item.source and item.parent is None
        led = bool(says.areas and (says.states or says.flow))
        if total and not item.why:
            anew = (
                opened
                or running.stopped
                or bool(running.parts)
                or any(h.flow != item.flow for h in running.heads)
            )
            if says.flow and not running.latest and anew:
                running.heads, running.parts = [], []
            running.stopped = False
            if not (says.areas and not led):
                running.heads.append(item)
            running.state, running.named = item.state, item.named
            if says.flow or not running.flow:
                running.flow = "" if states()[item.state].get("stock") and not says.flow else item.flow
            running.origin = item.origin
        elif not item.why:
            running.parts.append(item)
        if item.parent is not None and says.states and not item.why:
            running.state, running.named = item.state, item.named
        if led:
            running.lead_area = says.areas[0]
        elif says.own or says.areas:
            running.lead_area = ""
        if says.channel and says.states and says.state_before and item.parent is None:
            running.lead_channel = says.channel
        running.latest.append(item)

    def _without_number(self, clause: Sequence[Piece], running: Running, bracketed: list[Item]) -> None:
        flat = [p for p in clause if isinstance(p, Word)]
        says = said(flat, [], self.words, labels_areas=False)
        if (says.rest or says.every or (says.lives and running.latest)) and (
            says.channel or says.areas or says.source or says.states
        ):
            self._worked_out(flat, says, running)
            return
        if says.among:
            running.child = True
        if says.as_of:
            running.as_of, running.flow, running.state, running.named = True, "", "", frozenset()
            running.heads, running.parts, running.latest = [], [], []
        if says.flow:
            running.flow = says.flow
            running.as_of = running.as_of and says.flow != "new"
        elif says.report and not running.flow and not running.as_of:
            running.flow = "new"
        if says.states and not says.every:
            running.state, running.named, _ = state_of(says, running, [])
            running.heads = []
        if says.origin and not says.every:
            running.origin = says.origin
        if says.own:
            running.lead_area = ""
        if len(says.areas) == 1 and not says.every:
            running.lead_area = says.areas[0]
        elif says.areas:
            running.lead_area = ""
        self._brackets(clause, running, [])

    def _worked_out(self, flat: Sequence[Word], says: Said, running: Running) -> None:
        """The rest of each total, or all of the last ones, as the clause says where they were found."""
        span = (flat[0].start, flat[-1].end)
        bases = running.heads if says.rest else [i for i in running.latest if not i.why]
        if says.rest and any(i.why for i in [*running.parts, *running.latest]):
            bases = []  # what was parted off is not known, so neither is the rest
        new: list[Item] = []
        for base in bases:
            if says.states and base.state not in says.states:
                continue
            value = base.value
            if says.rest:
                value -= _taken(base, running.parts, by_area=bool(says.areas), by_source=bool(says.source))
            if (not says.rest and (base.channel if says.channel else base.area)) or (
                value == 0 and says.rest
            ):
                continue
            new.append(
                replace(
                    base,
                    value=value,
                    span=span,
                    basis="derived",
                    why="negative_rest" if value < 0 else "",
                    channel=says.channel or base.channel,
                    area=says.areas[0] if len(says.areas) == 1 else base.area,
                    source=says.source or base.source,
                    origin="imported" if says.source else base.origin,
                    parent=base,
                    children=[],
                )
            )
        if not (says.channel or says.areas or says.source):
            return
        for item in new:
            if says.channel and item.state not in ("confirmed", "asymptomatic", "infections"):
                continue
            self.items.append(item)
            if item.parent:
                item.parent.children.append(item)
        if says.rest:
            running.parts.extend(new)


def _taken(base: Item, parts: Sequence[Item], *, by_area: bool, by_source: bool) -> int:
    """How many of ``base`` the parts have named already, each kind of part once."""
    taken: dict[tuple[str, str, str], int] = {}
    for part in parts:
        if part.state == base.state and (part.origin == base.origin or not part.origin) and not part.why:
            label = part.area if by_area else part.source if by_source else part.channel
            if label and (by_area or by_source or part.area == base.area):
                taken[part.area if by_area else "", part.source if by_source else "", part.channel] = (
                    part.value
                )
    return sum(taken.values())


def _parents(says: Said, running: Running) -> list[Item]:
    """The totals that a phrase can speak of."""
    if not says.states:
        return list(running.heads)
    if says.channel:
        implied = {"confirmed"} if says.channel == "converted" else says.states
        return [head for head in running.heads if head.state in implied]
    return [head for head in running.heads if head.state in says.states or says.states <= head.named] or (
        running.heads if len(running.heads) == 1 else []
    )


def _matching(parents: Sequence[Item], state: str) -> Item | None:
    """The parent of the same kind, or the last one."""
    same = [parent for parent in parents if parent.state == state]
    return same[-1] if same else parents[-1] if parents else None


def _share(says_of: list[Said]) -> None:
    """What stands once in a clause for all its numbers: the way of discovery after the last or before the first."""
    if len(says_of) > 1:
        last, first = says_of[-1], says_of[0]
        if last.channel and not any(says.channel for says in says_of[:-1]):
            for says in says_of[:-1]:
                says.channel = last.channel
        elif first.channel and not any(says.channel for says in says_of[1:]):
            for says in says_of[1:]:
                says.channel = first.channel
        for flag in ("among",):
            for says in says_of[1:]:
                setattr(says, flag, getattr(says, flag) or getattr(first, flag))


def _pair(chunks: Sequence[tuple[list[Piece], Word, list[Piece]]], says_of: list[Said]) -> None:
    """ "A and B report 3 and 5": the names before the numbers, one for each."""
    first = says_of[0]
    kinds = [p.code for p in chunks[0][0] if isinstance(p, Word) and p.kind == "state"]
    if len(first.areas) == len(says_of) > 1:
        names = list(first.areas)
        for says, name in zip(says_of, names, strict=True):
            says.areas = [name]
            says.flow = says.flow or first.flow
            says.states = says.states or first.states
            says.state_before = True
    elif len(kinds) == len(says_of) > 1:
        for says, kind in zip(says_of, kinds, strict=True):
            says.states, says.joined_states, says.state_before = frozenset([kind]), False, True
            says.flow = says.flow or first.flow
            says.areas = says.areas or list(first.areas)
