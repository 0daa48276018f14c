"""``fangkong minutes read``: what a meeting decided, clause by clause, out of a page of any layout."""

from __future__ import annotations

import json
from pathlib import Path

import click

from fangkong.core.errors import InputError
from fangkong.faces.words.catalogue import word
from fangkong.faces.words.errors import error_text
from fangkong.science.minutes import Minutes, read_file
from fangkong.science.minutes.clauses import Clause
from fangkong.science.minutes.meetings import Meeting

#: The classes in the order in which an officer needs them.
CLASSES = ("decision", "standing_duty", "unreadable", "principle", "fact")


@click.group("minutes")
def command() -> None:
    """Minutes and superiors' documents: what was decided, with the exact quote."""


@command.command("read")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="Print report span, meetings, clauses and breaks as JSON."
)
@click.option("--why", is_flag=True, help="Also print the words that decided each clause's class.")
@click.pass_obj
def read(lang: str, file: Path, as_json: bool, why: bool) -> int:
    """Read FILE (text, Word, HTML, PDF with text) and list its meetings and clauses. Nothing is stored.

    Exit code 1 when the file cannot be read or holds no report.
    """
    try:
        minutes = read_file(file)
    except InputError as refusal:
        click.echo(error_text(refusal, lang), err=True)
        return 1
    if as_json:
        click.echo(json.dumps(minutes.as_json(), ensure_ascii=False, indent=1))
    else:
        _print(minutes, lang, why)
    return 0 if minutes.clauses else 1


def _print(minutes: Minutes, lang: str, why: bool) -> None:
    start, end = minutes.report.span
    if not minutes.clauses:
        click.echo(word("cli.minutes.no_report", lang), err=True)
        return
    click.echo(word("cli.minutes.span", lang, start=str(start), end=str(end), total=str(len(minutes.source))))
    for meeting in minutes.meetings:
        _print_meeting(meeting, lang)
    for each in minutes.report.breaks:
        quote = minutes.source[slice(*each.span)]
        code = word(f"minutes.break.{each.code}", lang)
        click.echo(word("cli.minutes.break", lang, what=code, place=str(each.span[0]), quote=quote))
    for kind in CLASSES:
        clauses = [clause for clause in minutes.clauses if clause.kind == kind]
        if not clauses:
            continue
        click.echo("")
        click.echo(word("cli.minutes.class", lang, name=word(f"minutes.class.{kind}", lang), n=len(clauses)))
        for clause in clauses:
            _print_clause(clause, lang)
            if why:
                _print_reasons(clause, lang)


def _print_meeting(meeting: Meeting, lang: str) -> None:
    if meeting.date:
        day = meeting.date
    elif meeting.day.month_day:
        day = "--{:02d}-{:02d}".format(*meeting.day.month_day)
    else:
        day = "?"
    kind = word(f"minutes.kind.{meeting.kind.replace('-', '_')}", lang)
    basis = word(f"minutes.date_basis.{meeting.day.basis}", lang)
    click.echo(
        word(
            "cli.minutes.meeting",
            lang,
            id=meeting.id,
            day=day,
            basis=basis,
            body=meeting.body or "?",
            kind=kind,
            number="" if meeting.number is None else f" #{meeting.number}",
        )
    )
    for person in meeting.chairs:
        role = word(f"minutes.role.{person.role.replace(' ', '_')}", lang)
        click.echo(f"    {person.name}  {person.post or ''}  {role}")
    if meeting.heard.subjects or meeting.heard.by:
        subjects, by = "、".join(meeting.heard.subjects), "、".join(meeting.heard.by)
        click.echo(word("cli.minutes.heard", lang, subjects=subjects or "?", by=by or "?"))


def _print_clause(clause: Clause, lang: str) -> None:
    same = word("cli.minutes.duplicate", lang, id=clause.duplicate_of) if clause.duplicate_of else ""
    click.echo(f"  {clause.id}  {clause.quote}{same}")
    if clause.text != clause.quote and clause.repairs:
        click.echo(word("cli.minutes.reading", lang, text=clause.text))
    said = []
    if clause.owner:
        basis = word(f"minutes.owner_basis.{clause.owner.basis}", lang)
        said.append(word("cli.minutes.owner", lang, name=clause.owner.name, basis=basis))
    if clause.deadline:
        limit = clause.deadline
        kind = word(f"minutes.deadline.{limit.kind}", lang)
        said.append(
            word("cli.minutes.deadline", lang, deadline=limit.word, value=limit.value or "?", kind=kind)
        )
    elif clause.time:
        meaning = word(f"minutes.time.{clause.time.meaning}", lang)
        said.append(word("cli.minutes.time", lang, word=clause.time.word, meaning=meaning))
    if clause.trigger:
        said.append(word("cli.minutes.trigger", lang, trigger=clause.trigger))
    if clause.evidence:
        proof = word(f"minutes.evidence.{clause.evidence}", lang)
        said.append(word("cli.minutes.evidence", lang, evidence=proof))
    if said:
        click.echo("        " + "  ".join(said))
    for code in clause.alarms:
        click.echo(word("cli.minutes.alarm", lang, alarm=word(f"minutes.alarm.{code}", lang)))


def _print_reasons(clause: Clause, lang: str) -> None:
    reasons = []
    for reason in clause.why:
        name, _, quoted = reason.partition(":")
        label = word(f"minutes.why.{name}", lang)
        reasons.append(f"{quoted} ({label})" if quoted else label)
    if reasons:
        click.echo(word("cli.minutes.reason", lang, reasons="; ".join(reasons)))
