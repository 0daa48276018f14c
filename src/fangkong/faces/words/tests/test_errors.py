"""An error becomes a sentence that says what to do, in the reader's language."""

from __future__ import annotations

from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.faces.words.errors import error_text
from fangkong.science.rules import Problem


def test_roles_and_permissions_are_said_in_words() -> None:
    error = Forbidden(
        "access.not_your_role", permission="order.decide", roles=["health_authority", "auditor"]
    )
    assert (
        error_text(error, "zh-hans")
        == "你的岗位不能办这件事（批准管控令）。可以办的：卫健、疾控主管、审计员。"
    )
    assert "decide on orders" in error_text(error, "en")
    assert "Health authority, Auditor" in error_text(error, "en")


def test_nobody_who_may_is_said_too() -> None:
    error = Forbidden("access.not_your_area", permission="order.decide", roles=[])
    assert error_text(error, "en").endswith("Those who may: none.")


def test_a_code_without_words_gives_its_reference() -> None:
    assert "nobody.wrote_this (n=3)" in error_text(Conflict("nobody.wrote_this", n=3), "en")


def test_packs_that_are_not_sound_name_file_row_and_what_to_do() -> None:
    problems = [Problem("hekou.toml", n, "contact.close.stages", "key_unused") for n in range(1, 8)]
    error = InputError("rules.packs_invalid", folder="packs", problems=problems)
    for lang, said in (("zh-hans", "等，共 7 处"), ("en", "hekou.toml, row 1: No row uses this key")):
        text = error_text(error, lang)
        assert said in text
        assert "Problem(" not in text
        assert "row 6" not in text
