"""The people who sign in, as whoever sets an office up makes them."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from fangkong.faces.cli.user import PASSWORD_VARIABLE, command
from fangkong.record.access import system_actor
from fangkong.record.installation import installation_set
from fangkong.record.models import AuditRow, User
from fangkong.record.sign_in import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def office(monkeypatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    installation_set(actor=system_actor("cli").key, area_code="9901", disease="made-up-fever")


def typed(*arguments: str, lang: str = "en") -> Result:
    return CliRunner().invoke(command, list(arguments), obj=lang)


def shown_password(result: Result) -> str:
    return result.output.split("Password: ")[1].split()[0]


def test_the_first_user_of_an_office_works_in_its_area_and_signs_in_with_what_was_shown_once():
    done = typed("add", "duty", "--role", "duty_officer", "--display-name", "值班")
    assert done.exit_code == 0, done.output
    user = User.objects.get()
    assert (user.display_name, user.role, user.area_code) == ("值班", "duty_officer", "9901")
    assert sign_in("duty", shown_password(done), address="") == user
    assert "Duty officer" in typed("list").output


def test_making_a_user_is_in_the_audit_chain():
    typed("add", "duty", "--role", "duty_officer")
    row = AuditRow.objects.get(verb="user.save")
    assert (row.object_key, row.actor) == (User.objects.get().key, "system:cli")


def test_a_password_of_ones_own_is_taken_from_the_environment_and_never_shown(monkeypatch):
    monkeypatch.setenv(PASSWORD_VARIABLE, "correct horse battery")
    done = typed("add", "cdc", "--role", "health_authority", "--area", "990101")
    assert done.exit_code == 0
    assert "correct horse" not in done.output
    assert sign_in("cdc", "correct horse battery", address="") is not None


def test_a_short_password_makes_nobody(monkeypatch):
    monkeypatch.setenv(PASSWORD_VARIABLE, "short")
    done = typed("add", "cdc", "--role", "health_authority", lang="zh")
    assert done.exit_code == 2
    assert "至少 10 个字符" in done.output
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "x", "--role", "emperor"), "There is no role emperor"),
        (("add", "x", "--role", "duty_officer", "--area", "99x"), "99x is not an area code"),
        (("password", "nobody"), "There is no user nobody"),
    ],
)
def test_what_cannot_be_is_said_in_words_and_makes_nobody(arguments, said):
    done = typed(*arguments)
    assert done.exit_code == 2
    assert said in done.output
    assert not User.objects.exists()


def test_an_office_without_an_area_is_asked_where_the_person_works():
    installation_set(actor=system_actor("cli").key, area_code="")
    done = typed("add", "duty", "--role", "duty_officer")
    assert done.exit_code == 2
    assert "--area" in done.output


def test_add_leaves_an_existing_user_alone_and_password_changes_nothing_else():
    first = shown_password(typed("add", "duty", "--role", "duty_officer", "--display-name", "值班"))
    assert typed("add", "duty", "--role", "auditor").exit_code == 2
    assert sign_in("duty", first, address="") is not None
    second = shown_password(typed("password", "duty", "--generate"))
    assert sign_in("duty", first, address="") is None
    user = sign_in("duty", second, address="")
    assert user is not None
    assert (user.role, user.display_name) == ("duty_officer", "值班")


def test_every_role_has_a_name():
    said = typed("roles", lang="zh").output
    assert "duty_officer" in said
    assert "办公室值班长" in said
