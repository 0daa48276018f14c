"""Every code of an alarm, from the night's look to its outcome, has words in both languages."""

from __future__ import annotations

import pytest

from fangkong.command.reactions.alarms import INVESTIGATE, OUTCOME, VERIFY
from fangkong.desks.assess.detecting import EXPLANATIONS, REASONS
from fangkong.desks.assess.detection_rules import detection_rules
from fangkong.desks.monitor.alarms import ABERRATION
from fangkong.desks.monitor.outcomes import FINDINGS, all_outcomes, outcomes_of
from fangkong.faces.words.catalogue import has_word, word
from fangkong.science.epi.detection import REASON_CODES


def codes() -> list[str]:
    found = [f"signal.outcome.{code}" for code in all_outcomes()]
    found += [f"signal.finding.{code}" for code in FINDINGS]
    found += [f"alarm.unwatched.{code}" for code in (*REASON_CODES, *REASONS) if code]
    found += [f"timer.clock.{code}" for code in (VERIFY, INVESTIGATE, OUTCOME)]
    found += [f"signal.not_{state}" for state in ("verified", "investigated")]
    found += ["signal.unknown_finding", "signal.is_investigated", f"signal.kind.{ABERRATION}"]
    found += ["detection.file_unreadable", "detection.field_wrong", "detection.unknown_watch"]
    return [*found, *EXPLANATIONS, "detection.settings_wrong", "assess.unknown_split"]


@pytest.mark.parametrize("code", codes())
def test_the_code_has_words(code):
    assert has_word(code)


@pytest.mark.django_db
def test_every_entry_that_is_shipped_has_a_name():
    assert [name for name in detection_rules().watches if not has_word(f"alarm.watch.{name}")] == []


def test_an_alarm_explains_itself_in_one_sentence():
    said = {"observed": 14, "expected": 6.2, "upper": 11}
    assert word("alarm.above_expected", "en", **said) == "14 seen, 6.2 expected, upper bound 11"
    assert word("alarm.above_expected", "zh-hans", **said) == "发现 14 例，预期 6.2 例，上限 11 例"


def test_an_aberration_has_outcomes_of_its_own():
    assert set(outcomes_of(ABERRATION)).isdisjoint(outcomes_of("cluster"))
