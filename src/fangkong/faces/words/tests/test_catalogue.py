"""Every code speaks both languages, and each language keeps to itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from string import Formatter

import pytest
from django.test import override_settings

from fangkong.faces.words import catalogue
from fangkong.faces.words.catalogue import WordMissing, codes, read, word

# Identifiers that cross languages: names of figures, file kinds, keys of the keyboard.
LATIN_IN_CHINESE = {"Rt", "PCR", "Ct", "CSV", "SVG", "PDF", "Word", "ID", "P", "Esc", "ORF", "N"}
CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")

ENTRIES = read(catalogue.FOLDER.glob("*.toml"))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def bare(text: str) -> str:
    return re.sub(r"\{[^}]*\}", "", text)


def test_the_catalogue_serves_exactly_what_the_files_hold() -> None:
    assert codes() == set(ENTRIES)
    assert len(codes()) > 200


def faulty(is_right: Callable[[str, str], bool]) -> list[str]:
    """Codes whose Chinese and English do not satisfy a rule."""
    return [code for code, words in ENTRIES.items() if not is_right(words["zh"], words["en"])]


def test_every_code_has_both_languages() -> None:
    assert [code for code, words in ENTRIES.items() if set(words) != {"zh", "en"}] == []
    assert faulty(lambda zh, en: bool(zh.strip()) and all(form.strip() for form in en.split("|"))) == []


def test_codes_are_room_thing_value() -> None:
    assert [code for code in ENTRIES if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", code)] == []


def test_both_languages_take_the_same_parameters() -> None:
    assert faulty(lambda zh, en: placeholders(zh) == placeholders(en.split("|")[-1])) == []
    # The singular may say "1" in words, but asks for nothing that the plural does not.
    assert faulty(lambda zh, en: placeholders(en.split("|")[0]) <= placeholders(zh)) == []


def test_chinese_has_no_latin_words() -> None:
    assert faulty(lambda zh, en: set(re.findall(r"[A-Za-z]+", bare(zh))) <= LATIN_IN_CHINESE) == []


def test_english_has_no_chinese_character() -> None:
    assert faulty(lambda zh, en: not CJK.search(bare(en))) == []


def test_no_sentence_shouts() -> None:
    assert faulty(lambda zh, en: not re.search(r"[!！]|严禁|务必|请您|高度重视", zh + en)) == []


def test_english_plural_follows_the_count() -> None:
    assert [word("count.case", "en", n=n) for n in (0, 1, 2, 1284)] == [
        "0 cases",
        "1 case",
        "2 cases",
        "1,284 cases",
    ]
    assert word("count.case", "zh-hans", n=1284) == "1,284 例"


def test_strings_are_left_as_they_are() -> None:
    assert word("case.number", "en", number="2204") == "Case 2204"


def test_a_missing_code_or_parameter_stops_a_test() -> None:
    with pytest.raises(WordMissing, match=r"nothing\.here"):
        word("nothing.here", "en")
    with pytest.raises(WordMissing, match="'n'"):
        word("count.case", "zh")


def test_in_production_a_missing_code_is_marked_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    with override_settings(DEBUG=False):
        assert word("nothing.here", "en") == "‹nothing.here›"
    assert "nothing.here" in caplog.text


def test_a_code_in_two_files_is_refused(tmp_path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text('["board.title"]\nzh = "今日"\nen = "Today"\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"b\.toml.*board\.title"):
        read(tmp_path.glob("*.toml"))
