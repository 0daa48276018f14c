"""A person's status follows from facts: no function of the platform writes one by hand or for many at once.

The walk reads the code, not a list of its functions: what somebody adds tomorrow is walked tomorrow.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import fangkong

SOURCE = Path(fangkong.__file__).parent

#: The tables that say what a person is to the office.
STATUS_TABLES = {"Case", "Contact", "LabResult", "ExposureJudgement"}

#: Everything that writes one of them, and the fact that it rests on. Whoever adds a line here says which fact.
WRITERS = {
    # A file with its receipt, row by row, mapping and document.
    "desks/intake/apply.py": STATUS_TABLES - {"ExposureJudgement"},
    # The invented city.
    "command/demonstration/actions.py": {"Case", "Contact", "LabResult"},
    # One contact of one case, by name of both.
    "desks/trace/contact_rows.py": {"Contact"},
    # What was verified of one contact: identified, located.
    "desks/trace/actions.py": {"Contact"},
    # One signed, reasoned exposure of one person.
    "desks/trace/judgements.py": {"ExposureJudgement"},
}

#: Calls that write rows. ``_load`` is the demonstration's own door to ``load``.
WRITES = {"load", "load_chunk", "_load", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}

#: What no action takes from a person: a status is not said, it follows.
STATUS_WORDS = {"status", "classification", "severity", "code_colour", "colour", "risk_level", "health_code"}

#: One action is about one person.
MANY = {"person_keys", "people", "contact_keys", "case_keys", "persons", "contacts", "cases"}

#: What speaks of many people and is refused to a person: the rules propose, for each from their own fact.
BY_RULE = {"fangkong.desks.control.proposing_many.orders_propose_for_contacts"}

ROOMS = ("desks", "command", "public")


def modules(*rooms: str) -> list[Path]:
    files = [path for room in rooms for path in sorted((SOURCE / room).rglob("*.py"))]
    return [path for path in files if "tests" not in path.parts]


def written_tables(source: str) -> set[str]:
    """The status tables that ``source`` hands to a writing call or writes through their own manager."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in WRITES | {"create", "update", "delete"}:
            handed = [*node.args, node.func.value if isinstance(node.func, ast.Attribute) else None]
            found |= {
                inner.id
                for part in handed
                if part is not None
                for inner in ast.walk(part)
                if isinstance(inner, ast.Name) and inner.id in STATUS_TABLES
            }
        if name == "revise":
            found |= _revised(node, source)
    return found


def _revised(call: ast.Call, source: str) -> set[str]:
    """The status tables read in a module that revises: a revision does not name its table."""
    audit_verb = next((k.value for k in call.keywords if k.arg == "verb"), None)
    verb = audit_verb.value if isinstance(audit_verb, ast.Constant) else ""
    return {table for table in STATUS_TABLES if str(verb).startswith(f"{table.lower()}.")}


def test_only_known_writers_write_a_status_each_from_its_fact():
    found = {}
    for path in modules("record", *ROOMS, "faces"):
        tables = written_tables(path.read_text(encoding="utf-8"))
        if tables:
            found[str(path.relative_to(SOURCE))] = tables
    found.pop("desks/intake/apply.py", None)  # writes any table that a mapping names, through one door
    assert {path: tables for path, tables in found.items() if not tables <= WRITERS.get(path, set())} == {}
    assert {"desks/trace/contact_rows.py", "desks/trace/judgements.py"} <= set(found), (
        "the walk finds writers"
    )


@pytest.mark.parametrize(
    "planted",
    [
        'load(Case, [{"key": key, "classification": "suspected"}], actor=a, source_key=s)',
        'Contact.objects.filter(area_code=area).update(tier="close")',
        "Case.objects.create(key=key)",
        "LabResult.objects.bulk_create(rows)",
        'revise(row, at=at, actor=a, verb="case.classify", classification="confirmed")',
        "Contact.objects.filter(case_key=key).delete()",
    ],
)
def test_a_planted_writer_is_found(planted):
    assert written_tables(planted)


def public_actions() -> Iterator[tuple[str, inspect.Signature]]:
    """(name, signature) of every function with an actor that a room offers."""
    for path in modules(*ROOMS):
        dotted = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        module = importlib.import_module(dotted.removesuffix(".__init__"))
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                signature = inspect.signature(function)
                if "actor" in signature.parameters:
                    yield f"{module.__name__}.{name}", signature


def writes(name: str) -> bool:
    """Reads may filter by a classification; what is forbidden is to say one."""
    return not name.rsplit(".", 2)[-2].endswith(("queries", "cases"))


def test_no_action_takes_a_status_from_a_person():
    walked = dict(public_actions())
    assert any(name.endswith(".exposure_judge") for name in walked)
    assert any(name.endswith(".order_approve") for name in walked)
    said = {
        name: sorted(STATUS_WORDS & set(signature.parameters))
        for name, signature in walked.items()
        if writes(name) and STATUS_WORDS & set(signature.parameters)
    }
    assert said == {}


def many_people(signature: inspect.Signature) -> list[str]:
    """The parameters that hold several people; a number of them is none."""
    return [
        name
        for name in sorted(MANY & set(signature.parameters))
        if re.search(r"[Ll]ist|Iterable|Sequence|[Ss]et|[Tt]uple|Collection", str(signature.parameters[name]))
    ]


def test_no_action_is_about_many_people_at_once():
    found = {name: many_people(signature) for name, signature in public_actions()}
    assert {name: many for name, many in found.items() if many and name not in BY_RULE} == {}
    assert set(found) >= BY_RULE


def test_a_planted_action_about_many_is_found():
    def judge_all(person_keys: list[str], *, actor: object) -> None:
        raise NotImplementedError

    assert many_people(inspect.signature(judge_all)) == ["person_keys"]


def test_the_one_judgement_by_hand_takes_one_person_one_day_and_two_grounds():
    from fangkong.desks.trace.actions import exposure_judge

    given = inspect.signature(exposure_judge).parameters
    assert given["person_key"].annotation == "str"
    for needed in ("last_exposure_on", "evidence", "reason"):
        assert given[needed].default is inspect.Parameter.empty
