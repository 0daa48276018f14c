"""The arrows that import-linter cannot see: relations of models, Django's back doors, words for codes."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

import fangkong
from fangkong.command.tasks.states import task_kinds
from fangkong.desks.control.measures import ORDERED_TIERS
from fangkong.desks.control.rulebook import rulebook
from fangkong.desks.control.safeguards import safeguards
from fangkong.faces.words.catalogue import has_word

SOURCE = Path(fangkong.__file__).parent

#: Ways around the arrows: a desk that uses one reaches sideways or up without an import.
BACK_DOORS = {"get_model", "reverse", "reverse_lazy", "render", "render_to_string", "get_template"}

ERRORS = {"InputError", "Forbidden", "NotFound", "Conflict", "FangkongError"}


def modules(*rooms: str) -> list[Path]:
    """The Python files of the rooms, without tests."""
    files = [path for room in rooms for path in sorted((SOURCE / room).rglob("*.py"))]
    return [path for path in files if "tests" not in path.parts]


def called(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """(last part of the name, call) of every call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node


def back_doors(source: str) -> list[str]:
    """The back doors that ``source`` calls or imports, one entry each."""
    tree = ast.parse(source)
    found = [name for name, call in called(tree) if name in BACK_DOORS and not _list_method(name, call)]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if (node.module or "").startswith(("django.template", "django.urls", "django.shortcuts")):
                found.append(node.module or "")
            elif node.module == "django.apps" and "apps" in names:
                found.append("django.apps.apps")
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.startswith(("django.template", "django.urls"))]
    return found


def _list_method(name: str, call: ast.Call) -> bool:
    """``rows.reverse()`` of a list or query set is no address."""
    return name == "reverse" and isinstance(call.func, ast.Attribute) and not call.args and not call.keywords


def foreign_relations(model: type[models.Model]) -> list[str]:
    """Relations of ``model`` that point to an application other than its own or the record."""
    own = model._meta.app_label
    return [
        f"{own}.{model.__name__}.{field.name}"
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField | models.OneToOneField)
        and field.related_model._meta.app_label not in (own, "record")
    ]


def test_every_relation_points_to_its_own_application_or_to_the_record():
    ours = [model for model in apps.get_models() if model.__module__.startswith("fangkong.")]
    assert ours
    assert [relation for model in ours for relation in foreign_relations(model)] == []


def test_a_planted_relation_is_found():
    class Planted(models.Model):
        session = models.ForeignKey("sessions.Session", on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "planted"

        def __str__(self) -> str:
            return "planted"

    assert foreign_relations(Planted) == ["planted.Planted.session"]


@pytest.mark.parametrize("room", ["desks", "command"])
def test_no_room_below_the_faces_goes_through_a_back_door(room):
    files = modules(room)
    assert files
    found = {str(path.relative_to(SOURCE)): back_doors(path.read_text(encoding="utf-8")) for path in files}
    assert {path: doors for path, doors in found.items() if doors} == {}


@pytest.mark.parametrize(
    "planted",
    [
        'from django.apps import apps\napps.get_model("trace", "Visit")',
        'import django.apps\ndjango.apps.apps.get_model("trace.Visit")',
        'from django.urls import reverse\nreverse("case", args=[1])',
        "from django.shortcuts import render",
        "import django.template",
        'from django.template.loader import render_to_string as said\nsaid("a.html")',
    ],
)
def test_a_planted_back_door_is_found(planted):
    assert back_doors(planted)


def test_turning_a_list_round_is_no_back_door():
    assert back_doors("rows = [1, 2]\nrows.reverse()\nrows = Row.objects.reverse()") == []


def test_the_admin_is_not_installed_and_the_user_is_the_record_s():
    assert not [name for name in settings.INSTALLED_APPS if "admin" in name]
    assert settings.AUTH_USER_MODEL == "record.User"


def error_codes(source: str) -> set[str]:
    """The codes of the errors that ``source`` makes."""
    return {
        call.args[0].value
        for name, call in called(ast.parse(source))
        if name in ERRORS and call.args and isinstance(call.args[0], ast.Constant)
    }


def test_every_refusal_of_orders_and_tasks_has_its_words():
    codes = {
        code
        for path in modules("desks/control", "command/tasks", "command/reactions")
        for code in error_codes(path.read_text(encoding="utf-8"))
    }
    assert {"order.unknown", "task.unknown"} <= codes
    assert sorted(code for code in codes if not has_word(code)) == []


def test_every_code_that_an_order_or_a_task_carries_has_its_words():
    carried = {f"task.kind.{kind}" for kind in task_kinds()}
    carried |= {f"order.exception.{code}" for code in safeguards().exceptions}
    carried |= {f"order.proportionality.{code}" for code in safeguards().proportionality.values()}
    carried |= {f"remedy.{safeguards().remedy}"}
    stages = {f"contact.{tier}.stages" for tier in ORDERED_TIERS}
    releases = {f"contact.{tier}.release_rule" for tier in ORDERED_TIERS}
    for pack in rulebook().packs:
        for row in pack.rows:
            if row.key in stages:
                carried |= {f"order.stage.{stage['place']}" for stage in row.value}
            elif row.key == "case.place":
                carried.add(f"order.stage.{row.value}")
            elif row.key in releases:
                carried.add(f"release.{row.value}")
    assert "order.stage.central" in carried
    assert sorted(code for code in carried if not has_word(code)) == []


def test_no_room_of_orders_and_tasks_holds_a_rule_s_number():
    """Day counts and hours come from packs and TOML files: the code holds only 0, 1 and lengths of pages."""
    allowed = {0, 1, -1, 50, 500}
    for path in modules("desks/control", "command/tasks", "command/reactions"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg in ("days", "hours"):
                assert not isinstance(node.value, ast.Constant) or node.value.value in allowed, path


def test_the_data_beside_the_code_is_sound_toml():
    for path in sorted((SOURCE / "desks" / "control").glob("*.toml")):
        assert tomllib.loads(path.read_text(encoding="utf-8"))["schema"].endswith("/1")
