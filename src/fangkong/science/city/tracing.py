"""Contacts of a case as the investigation lists them, and when each step of their verification is done."""

from typing import TYPE_CHECKING

import numpy as np

from fangkong.science.city.chain import HOURS, NEVER, Infection, Tie

if TYPE_CHECKING:
    from fangkong.science.city.transmission import History


class Tracer:
    """Lists contacts when a case is found and isolates those who come under control.

    Args:
        history: the history it belongs to; shares its draws.
    """

    def __init__(self, history: "History") -> None:
        self._history = history
        self.ties: list[Tie] = []

    def window(self, case: Infection) -> tuple[int, int]:
        """First and last day of exposure that the investigation looks at.

        From the look-back before onset (before sampling when no symptoms are known by then), but not before
        the infection, to the day of isolation or sampling.
        """
        lookback = self._history.given.integer("control.lookback_days")
        shown = case.symptomatic and case.onset_day <= case.found_day
        first = (case.onset_day if shown else case.found_day) - lookback
        last = min(case.found_day, self._history.isolated_day.get(case.person, NEVER))
        return max(first, case.day), last

    def trace(self, case: Infection) -> None:
        """Add the contacts of a case just found."""
        first, last = self.window(case)
        # who was isolated before the window met nobody in it
        if last >= first:
            listed: dict[int, tuple[str, int, int]] = {}
            self._household(case, first, last, listed)
            self._infected(case, first, last, listed)
            self._others(case, first, last, listed)
            close = [self._add(case, person, "close", *met) for person, met in listed.items()]
            for number in close:
                self._secondary(case, number, set(listed))
        day = int(case.result_hour // HOURS)
        isolated = self._history.isolated_day
        isolated[case.person] = min(isolated.get(case.person, NEVER), case.found_day, day)

    def _free(self, person: int, day: int) -> bool:
        """Whether a person could still be met on a day: neither isolated nor found before."""
        return self._history.isolated_day.get(person, NEVER) >= day

    def _household(
        self, case: Infection, first: int, last: int, listed: dict[int, tuple[str, int, int]]
    ) -> None:
        for mate in self._history.network.housemates(case.person):
            if self._free(mate, first):
                until = min(last, self._history.isolated_day.get(mate, NEVER))
                listed[mate] = ("household", first, until)

    def _infected(
        self, case: Infection, first: int, last: int, listed: dict[int, tuple[str, int, int]]
    ) -> None:
        found = self._history.given.table("contact.found")
        for infected in case.infected:
            setting = str(infected.setting)
            named = first <= infected.day <= last and self._history.rng.random() < found[setting]
            if named and infected.person not in listed and self._free(infected.person, infected.day):
                listed[infected.person] = (setting, infected.day, infected.day)

    def _others(
        self, case: Infection, first: int, last: int, listed: dict[int, tuple[str, int, int]]
    ) -> None:
        history = self._history
        rng, given, network = history.rng, history.given, history.network
        under_control = given.number("contact.isolated_factor") if case.channel == "controlled" else 1.0
        school = network.at_school(case.person)
        for setting in ("work", "restaurant", "transport", "market"):
            control = given.step(
                "control.school" if setting == "work" and school else "control.community", last
            )
            # control cuts infections more than meetings: distance is kept, contacts are still listed
            mean = given.number(f"contact.{setting}_mean") * under_control * float(np.sqrt(control))
            count = int(rng.poisson(mean))
            if setting == "work":
                room = network.colleagues(case.person)
                people = rng.permutation(room)[:count]
            elif setting == "market":
                people = network.shoppers(case.person, count, rng)
            elif setting == "restaurant":
                people = network.neighbours(case.person, count, rng)
            else:
                people = network.fellows(case.person, count, rng)
            name = ("school" if school else "workplace") if setting == "work" else setting
            for person in people.tolist():
                day = int(rng.integers(first, last + 1))
                if person != case.person and person not in listed and self._free(person, day):
                    listed[person] = (
                        name,
                        int(rng.integers(first, day + 1)) if setting == "work" else day,
                        day,
                    )

    def _add(
        self,
        case: Infection,
        person: int,
        tier: str,
        setting: str,
        first: int,
        last: int,
        via: int | None = None,
        after: float = -np.inf,
    ) -> int:
        history = self._history
        rng, given = history.rng, history.given
        known = max(case.result_hour + history.lognormal("contact.traced_hours"), after)
        hours, done = given.table("contact.verify_hours"), given.table("contact.verified")
        steps: list[float] = []
        hour = known
        for step in ("identity", "location", "control"):
            wait = float(rng.exponential(hours[step]))
            hour = hour + wait if rng.random() < done[step] else np.nan  # a step never done ends the rest
            steps.append(hour)
        away = rng.random() < given.number("contact.away")
        if away:
            replies = rng.random() < given.number("contact.away_controlled")
            wait = float(rng.exponential(given.number("contact.away_reply_hours")))
            steps[2] = steps[1] + wait if replies else np.nan
        self.ties.append(
            Tie(
                case=case.number,
                person=person,
                tier=tier,
                setting=setting,
                first_day=first,
                last_day=last,
                known_hour=known,
                away=bool(away),
                identity_hour=steps[0],
                location_hour=steps[1],
                control_hour=steps[2],
                via=via,
            )
        )
        if tier == "close" and not np.isnan(steps[2]):
            day = int(steps[2] // HOURS)
            history.isolated_day[person] = min(history.isolated_day.get(person, NEVER), day)
        return len(self.ties) - 1

    def _secondary(self, case: Infection, number: int, listed: set[int]) -> None:
        history = self._history
        tie = self.ties[number]
        if tie.setting == "household" or history.rng.random() >= history.given.number("contact.secondary"):
            return
        until = case.found_day if np.isnan(tie.control_hour) else int(tie.control_hour // HOURS)
        for mate in history.network.housemates(tie.person):
            if mate != case.person and mate not in listed and self._free(mate, tie.last_day):
                last = max(tie.last_day, min(until, case.found_day))
                self._add(case, mate, "secondary", "household", tie.last_day, last, number, tie.known_hour)
