"""``fangkong rules``: check packs, show the row in force, explain it, compare two sets of packs.

Without ``--packs`` the shipped packs and the office's own (``FANGKONG_HOME/packs``) speak. No database is
asked, so the command works before ``fangkong init`` and on a lawyer's own machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from rich.console import Console

from fangkong.core.areas import HOME_COUNTRY
from fangkong.core.errors import FangkongError, InputError
from fangkong.desks.control.rulebook import rulebook
from fangkong.faces.words.catalogue import word
from fangkong.faces.words.errors import error_text
from fangkong.faces.words.rule_words import problem_text, scope_text
from fangkong.science import rules
from fangkong.science.rules import Problem, RuleBook, plain
from fangkong.science.rules.answers import Answer
from fangkong.science.rules.diff import PlanDifference, RowChange, diff_books, diff_plans
from fangkong.science.rules.explain import explain, row_data
from fangkong.science.rules.packs import ANY_DISEASE, SHIPPED, load_keys
from fangkong.science.rules.validation import KEYS_FILE, validate_folders

from .days import Day
from .rules_tables import show_answer, show_changes, show_plan, show_plan_difference, show_problems

#: The problem that is folded to one line: it is the normal state of a folder for one disease.
_FOLDED = "key_unused"

#: Names that :meth:`RuleBook.resolve` takes itself: a fact of such a name goes into its ``scope``.
_TAKEN = frozenset({"key", "on", "disease", "area", "scope"})


class Pair(click.ParamType):
    """``name=value``: whole numbers and true or false are read as such, everything else is text."""

    name = "name=value"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Any]:
        """The name and the value. Fails with the way to write it."""
        name, sign, text = str(value).partition("=")
        if not sign or not name.strip() or not text.strip():
            lang = ctx.obj if ctx is not None else "en"
            self.fail(word("cli.rules.bad_pair", lang, option="--fact", value=repr(value)), param, ctx)
        return name.strip(), _read(text.strip())


class SituationOf(click.ParamType):
    """``disease=…,role=…,last_exposure_on=…`` as a table."""

    name = "name=value,…"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        """The table. Fails with the way to write it."""
        if isinstance(value, dict):
            return value
        pairs = [part for part in str(value).split(",") if part.strip()]
        return dict(Pair().convert(part, param, ctx) for part in pairs)


def _read(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isascii() and text.isdigit() else text


def _options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options that several subcommands share."""
    known = {
        "packs": click.option(
            "--packs",
            "packs",
            multiple=True,
            metavar="FOLDER",
            type=click.Path(path_type=Path),
            help="Folder of packs to read instead of the office's; several are read in order.",
        ),
        "json": click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        "on": click.option(
            "--on", "on", type=Day(), required=True, help="Day of the decision, e.g. 2022-04-18."
        ),
        "situation": click.option(
            "--situation",
            type=SituationOf(),
            help="A person's case: disease=covid-19,role=close_contact,last_exposure_on=2022-04-17.",
        ),
        "disease": click.option("--disease", default=ANY_DISEASE, help="Disease code; default: any."),
        "area": click.option(
            "--area", default=HOME_COUNTRY, help="Area code, e.g. 31; default: the country."
        ),
        "fact": click.option(
            "--fact", "facts", multiple=True, type=Pair(), help="A fact of the case, e.g. person=case."
        ),
    }

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(names):
            function = known[name](function)
        return function

    return add


def _said_plainly(function: Callable[..., Any]) -> Callable[..., Any]:
    """Errors of the rules as one sentence: code 1 for packs that are not sound, 2 for what was typed."""

    @wraps(function)
    def run(lang: str, *args: Any, **kwargs: Any) -> Any:
        with _errors_in(lang):
            return function(lang, *args, **kwargs)

    return run


@contextmanager
def _errors_in(lang: str) -> Iterator[None]:
    try:
        yield
    except FangkongError as error:
        if error.code == "rules.packs_invalid":
            show_problems(error.params["problems"], lang, Console(stderr=True))
            raise click.exceptions.Exit(1) from error
        if "scopes" in error.params:
            error.params["scopes"] = [scope_text(scope, lang) for scope in error.params["scopes"]]
        raise click.UsageError(error_text(error, lang)) from error


def _book(folders: tuple[Path, ...]) -> RuleBook:
    """The book of ``folders``, or of the office. Raises InputError when a pack is not sound."""
    if not folders:
        return rulebook()
    errors = [each for each in _problems(folders) if each.severity == "error"]
    if errors:
        raise InputError("rules.packs_invalid", folder=folders[-1].name, problems=errors)
    return rules.load(*folders)


def _problems(folders: tuple[Path, ...]) -> list[Problem]:
    """Every problem; the shipped vocabulary stands in where the first folder has none of its own."""
    known: Mapping[str, Mapping[str, Any]] = {}
    if not (folders[0] / KEYS_FILE).exists():
        known = {
            key: {"kind": rule.kind, "units": list(rule.units), "scopes": list(rule.scopes)}
            for key, rule in load_keys(SHIPPED).items()
        }
    return validate_folders(*folders, keys=known)


def _print_json(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=1))


@click.group("rules")
def command() -> None:
    """Rules as data: check packs, show and explain the row in force, compare two sets of packs."""


@command.command("check")
@click.argument("folders", nargs=-1, metavar="[FOLDER]...", type=click.Path(path_type=Path))
@_options("packs", "json")
@click.option("--verbose", is_flag=True, help="List every key that no row uses, instead of their number.")
@click.pass_obj
@_said_plainly
def check(lang: str, folders: tuple[Path, ...], packs: tuple[Path, ...], as_json: bool, verbose: bool) -> int:
    """Every problem of a folder of packs; without one, of the shipped packs and the office's own.

    Ends with 1 when there is an error. Warnings and gaps are shown and do not count. Keys of the vocabulary
    that no row uses are one line with their number: a folder for one disease leaves most of them unused.
    """
    read = (*packs, *folders) or _office_folders()
    problems = _problems(read)
    counts = {
        severity: sum(each.severity == severity for each in problems)
        for severity in ("error", "warning", "gap")
    }
    if as_json:
        as_data = [
            {**asdict(each), "params": plain(each.params), "text": problem_text(each, lang)}
            for each in problems
        ]
        _print_json({"folders": list(map(str, read)), "counts": counts, "problems": as_data})
    else:
        unused = 0 if verbose else sum(each.code == _FOLDED for each in problems)
        listed = [each for each in problems if verbose or each.code != _FOLDED]
        if listed:
            show_problems(listed, lang, Console())
        if unused:
            click.echo(word("cli.rules.unused_keys", lang, n=unused, option="--verbose"))
        click.echo(_verdict(read, counts, lang))
    return 1 if counts["error"] else 0


def _office_folders() -> tuple[Path, ...]:
    own = Path(settings.HOME) / "packs"
    return (SHIPPED, own) if any(own.glob("*.toml")) else (SHIPPED,)


def _verdict(folders: tuple[Path, ...], counts: Mapping[str, int], lang: str) -> str:
    if counts["error"]:
        return word(
            "cli.rules.unsound", lang, errors=counts["error"], warnings=counts["warning"], gaps=counts["gap"]
        )
    book = rules.load(*folders)
    rows = sum(len(pack.rows) for pack in book.packs)
    sound = word("cli.rules.sound", lang, packs=len(book.packs), rows=rows)
    if not counts["warning"] and not counts["gap"]:
        return sound
    return f"{sound} {word('cli.rules.sound_but', lang, warnings=counts['warning'], gaps=counts['gap'])}"


def _answer(
    book: RuleBook, key: str, on: date, disease: str, area: str, facts: tuple[tuple[str, Any], ...]
) -> Answer:
    given = dict(facts)
    taken = {name: value for name, value in given.items() if name in _TAKEN}
    others = {name: value for name, value in given.items() if name not in _TAKEN}
    return book.resolve(key, on=on, disease=disease, area=area, scope=taken or None, **others)


@command.command("show")
@click.argument("key")
@_options("on", "disease", "area", "fact", "packs", "json")
@click.pass_obj
@_said_plainly
def show(
    lang: str,
    key: str,
    on: date,
    disease: str,
    area: str,
    facts: tuple[tuple[str, Any], ...],
    packs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """The row in force for KEY on a day, or which silence there is."""
    book = _book(packs)
    said = explain(_answer(book, key, on, disease, area, facts), book)
    if as_json:
        _print_json(said)
    else:
        show_answer(said, lang, Console(), whole=False)


@command.command("explain")
@click.argument("key", required=False)
@_options("on", "situation", "disease", "area", "fact", "packs", "json")
@click.pass_obj
@_said_plainly
def explain_(
    lang: str,
    key: str | None,
    on: date,
    situation: dict[str, Any] | None,
    disease: str,
    area: str,
    facts: tuple[tuple[str, Any], ...],
    packs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Why KEY, or the plan of a situation, is what it is: rows used, passed over, and what is not known."""
    if (key is None) == (situation is None):
        raise click.UsageError(word("cli.rules.key_or_situation", lang, option="--situation"))
    book = _book(packs)
    if key is not None:
        said = explain(_answer(book, key, on, disease, area, facts), book)
    else:
        said = explain(book.plan_for(situation or {}, on=on, area=area), book)
    if as_json:
        _print_json(said)
    elif said["answer"] == "plan":
        show_plan(said, lang, Console(), whole=True)
    else:
        show_answer(said, lang, Console(), whole=True)


@command.command("diff")
@click.argument("folders", nargs=-1, required=True, metavar="[OLD] NEW", type=click.Path(path_type=Path))
@click.option("--on", "on", type=Day(), help="Day of the decision, for a situation.")
@_options("situation", "area", "packs", "json")
@click.pass_obj
@_said_plainly
def diff(
    lang: str,
    folders: tuple[Path, ...],
    on: date | None,
    situation: dict[str, Any] | None,
    area: str,
    packs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """What differs between two folders of packs: row by row, or the plan of one situation.

    With one folder it is compared with the packs that ship. --packs are read before both.
    """
    if len(folders) > 2:
        raise click.UsageError(word("cli.rules.two_folders", lang))
    if situation is not None and on is None:
        raise click.UsageError(word("cli.rules.situation_day", lang, option="--on"))
    first, last = (SHIPPED, folders[0]) if len(folders) == 1 else folders
    old, new = (_book((*packs, folder)) for folder in (first, last))
    if situation is not None and on is not None:
        difference = diff_plans(old, new, situation, on=on, area=area)
        if as_json:
            _print_json(_difference_json(difference))
        else:
            show_plan_difference(difference, lang, Console())
        return
    changes = diff_books(old, new)
    counts = {what: sum(each.change == what for each in changes) for what in ("added", "removed", "changed")}
    if as_json:
        _print_json({"counts": counts, "changes": list(map(_change_json, changes))})
    elif not changes:
        click.echo(word("cli.rules.no_difference", lang))
    else:
        show_changes(changes, lang, Console())
        click.echo(word("cli.rules.changes", lang, **counts))


def _change_json(change: RowChange) -> dict[str, Any]:
    return {
        "change": change.change,
        "disease": change.disease,
        "jurisdiction": change.jurisdiction,
        "key": change.key,
        "scope": plain(change.scope),
        "effective_from": change.effective_from.isoformat(),
        "old": row_data(change.old) if change.old else None,
        "new": row_data(change.new) if change.new else None,
        "fields": [
            {"field": each.field, "old": plain(each.old), "new": plain(each.new)} for each in change.fields
        ],
    }


def _difference_json(difference: PlanDifference) -> dict[str, Any]:
    old, new = explain(difference.old), explain(difference.new)
    return {
        "situation": plain(difference.situation),
        "on": difference.on.isoformat(),
        "same_outcome": difference.same_outcome,
        "total_days": plain(difference.total_days),
        "last_day": plain(difference.last_day),
        "days_by_place": [
            {"place": place, "old": one, "new": two} for place, one, two in difference.days_by_place
        ],
        "tests_dropped": plain(difference.tests_dropped),
        "tests_added": plain(difference.tests_added),
        "release_rule": plain(difference.release_rule),
        "transfer_within_hours": plain(difference.transfer_within_hours),
        "rows_dropped": list(difference.rows_dropped),
        "rows_added": list(difference.rows_added),
        "old": old,
        "new": new,
    }
