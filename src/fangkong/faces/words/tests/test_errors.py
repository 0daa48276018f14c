"""An error becomes a sentence that says what to do, in the reader's language."""

from __future__ import annotations

from fangkong.core.errors import Conflict, Forbidden
from fangkong.faces.words.errors import error_text


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
